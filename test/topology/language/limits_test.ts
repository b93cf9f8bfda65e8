import { describe, expect, test } from "vitest";
import { type Diagnostic, formatDiagnostics } from "../../../topology/language/mod.ts";
import { diagnose, unmark } from "./_fixtures.ts";
import { HOSTILE_FILES } from "./_hostile_files.ts";

const BUDGET_MS = 1_000;

/** CPU time of the quickest of three: other work on the machine is not what is measured. */
function diagnoseInTime(text: string): readonly Diagnostic[] {
  let diagnostics: readonly Diagnostic[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 && best >= BUDGET_MS; run++) {
    const start = process.cpuUsage();
    diagnostics = diagnose(text);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  expect(best).toBeLessThan(BUDGET_MS);
  return diagnostics;
}

describe("a hostile file", () => {
  test.each(HOSTILE_FILES)("of %s is refused with %s in under a second", (_, code, text) => {
    const diagnostics = diagnoseInTime(text);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
    expect(diagnostics.length).toBeLessThanOrEqual(200);
    for (const { message } of diagnostics) expect(message.length).toBeLessThan(1_000);
  });

  test("with an expression of 200,000 brackets is refused in under a second", () => {
    const text = `topology: t\nstreams: { s: { value: string } }\npipelines:\n  p:\n  - source: s\n  - filter: ${"(".repeat(200_000)}\n`;
    expect(diagnoseInTime(text).some(({ severity }) => severity === "error")).toBe(true);
  });

  test.each([
    [
      "NUL",
      "topology: t\nstreams: { s: { value: string, topic: «\0» } }\n",
      "control character U+0000",
    ],
    ["a form feed", "topology: t\n«\f»streams: {}\n", "control character U+000C"],
    ["a byte that is no UTF-8", "topology: t\ndescription: caf«\ufffd»\n", "not UTF-8"],
    ["UTF-16, read as UTF-8", "«\ufffd»\ufffdt\0o\0", "not UTF-8"],
    ["half of a surrogate pair", "topology: t\ndescription: «\ud83d»\n", "half of a character"],
    [
      "half of a pair as an escape",
      'topology: t\npipelines: {}\ndescription: «"\\ud83d"»\n',
      "half of a character",
    ],
    [
      "half of a pair in a key",
      'topology: t\npipelines: {}\nstreams: { «"\\ude00"»: {} }\n',
      "a key must be",
    ],
  ])("with %s is refused where it stands", (_, marked, said) => {
    const { text, ...place } = unmark(marked);
    const found = diagnose(text).find(({ code }) => code === "BAD_YAML");
    expect(found).toMatchObject(place);
    expect(found?.message).toContain(said);
  });

  test("that begins with a byte order mark has the columns it would have without", () => {
    const text = "topologie: t\npipelines: {}\n";
    const [first] = diagnose(`\ufeff${text}`);
    expect(first).toEqual(diagnose(text)[0]);
    expect(first).toMatchObject({ code: "UNKNOWN_KEY", line: 1, column: 1, endColumn: 10 });
    expect(formatDiagnostics([first!], () => `\ufeff${text}`)).toContain("| topologie: t\n");
  });

  test("cannot reach a prototype", () => {
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const text = `topology: t\n${key}: { polluted: 1 }\nstreams: { s: { value: string, ${key}: 1 } }\npipelines: { p: [{ source: ${key} }] }\n`;
      const codes = diagnose(text).map(({ code }) => code);
      expect(codes).toEqual(["UNKNOWN_KEY", "UNKNOWN_KEY", "UNKNOWN_STREAM"]);
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("cannot reach a prototype through what the user names", () => {
    const text = `topology: t
streams: { s: { value: string } }
pipelines: { p: [{ source: s }] }
dashboard: { charts: [{ stream: s, y: 1, labels: { __proto__: { polluted: yes } } }] }
tests: [{ name: x, steps: [{ send: s, records: [{ value: { __proto__: { polluted: 1 } } }] }] }]
`;
    diagnose(text);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
