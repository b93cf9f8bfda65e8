import { expect, test } from "vitest";
import { type Diagnostic, formatDiagnostics } from "../../../topology/language/mod.ts";

const TEXT = `topology: double11
pipelines:
    - flatMap:
        when: value.gendr in ['FEMALE', 'MALE']
`;

const DIAGNOSTIC: Diagnostic = {
  code: "UNKNOWN_FIELD",
  severity: "error",
  file: "topology/double11.yaml",
  line: 4,
  column: 21,
  endColumn: 26,
  path: "pipelines.p[1].flatMap.when",
  message: 'user_log has no field "gendr"; did you mean "gender"?',
};

test("a diagnostic is shown with its line, and carets under what is wrong", () => {
  expect(formatDiagnostics([DIAGNOSTIC], () => TEXT)).toBe(
    `topology/double11.yaml:4:21 error UNKNOWN_FIELD  user_log has no field "gendr"; did you mean "gender"?
    4 |         when: value.gendr in ['FEMALE', 'MALE']
      |                     ^^^^^`,
  );
});

test("a hint stands below", () => {
  const shown = formatDiagnostics([{ ...DIAGNOSTIC, hint: "look\nhere" }], () => TEXT);
  expect(shown.split("\n").at(-1)).toBe("   hint: look here");
});

test("colours are used when asked for, and only then", () => {
  expect(formatDiagnostics([DIAGNOSTIC], () => TEXT, { color: true })).toContain("\u001b[31merror");
  expect(formatDiagnostics([DIAGNOSTIC], () => TEXT)).not.toContain("\u001b");
});

test("without the text there is no frame", () => {
  expect(formatDiagnostics([DIAGNOSTIC], () => undefined).split("\n")).toHaveLength(1);
});

test("carets stand right behind wide characters", () => {
  const text = "title: { zh: 男女生, en: 1 }";
  const shown = formatDiagnostics(
    [{ ...DIAGNOSTIC, line: 1, column: 22, endColumn: 23 }],
    () => text,
  );
  expect(shown.split("\n")[2]).toBe(`      | ${" ".repeat(24)}^`);
});

test("a file cannot drive the terminal", () => {
  const shown = formatDiagnostics(
    [{ ...DIAGNOSTIC, message: "\u001b[2Jgone" }],
    () => "a\nb\nc\n\u001b]0;x",
  );
  expect(shown).not.toContain("\u001b");
});
