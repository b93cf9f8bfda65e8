/**
 * The corpus of broken definitions: texts with what is to be said about them under the lines it is
 * about.
 *
 *     === [filter] a field that is misspelt        a case, inside the frame `filter`
 *         - filter: value.gendr == 'MALE'
 *                         ^^^^^ UNKNOWN_FIELD  user_log has no field "gendr"; did you mean "gender"?
 *
 * Carets cover the columns from `column` to `endColumn`; `hint: …` on the next line is the hint, and
 * `warning` before the code the severity. A case without `[frame]` is a whole file. `=== frame name`
 * begins a frame, where `…` is the place of the case; `=== file name` a file that the cases below name;
 * `=== subject name` a schema of the registry, which is there from then on.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Diagnostic,
  type ModuleExports,
  planTopology,
} from "../../../topology/language/mod.ts";

const FOLDER = fileURLToPath(new URL("./corpus/", import.meta.url));

export interface CorpusCase {
  /** What is wrong. */
  readonly title: string;
  /** With the frame around it. */
  readonly text: string;
  /** Lines of the frame in front of it. */
  readonly linesBefore: number;
  /** As it is written, expectations included. */
  readonly written: string;
  /** In the order in which they are written. */
  readonly expected: readonly Expected[];
  readonly files: ReadonlyMap<string, string>;
  /** Absent: there is no registry at hand. */
  readonly subjects?: ReadonlyMap<string, string>;
}

export type Expected = Pick<
  Diagnostic,
  "code" | "severity" | "line" | "column" | "endColumn" | "message" | "hint"
>;

/** Every file of cases, by its name without the extension. */
export function readCorpus(): ReadonlyMap<string, readonly CorpusCase[]> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".txt"));
  return new Map(
    names.map((name) => [name.slice(0, -4), parseCases(readFileSync(FOLDER + name, "utf8"))]),
  );
}

function parseCases(text: string): readonly CorpusCase[] {
  const frames = new Map<string, string>();
  const files = new Map<string, string>(
    ["user_log.avsc"].map((name) => [name, readFileSync(FOLDER + name, "utf8")]),
  );
  const subjects = new Map<string, string>();
  const cases: CorpusCase[] = [];
  // What stands before the first section is a comment.
  for (const section of text.split(/^=== /m).slice(1)) {
    const end = section.indexOf("\n");
    const head = section.slice(0, end);
    const body = `${section.slice(end + 1).trimEnd()}\n`;
    const [, kind, name] = /^(frame|file|subject) (.+)$/.exec(head) ?? [];
    if (kind === "frame") frames.set(name!, body);
    else if (kind === "file") files.set(name!, body);
    else if (kind === "subject") subjects.set(name!, body);
    else {
      const one = parseCase(head, body, frames, new Map(files));
      cases.push(subjects.size === 0 ? one : { ...one, subjects: new Map(subjects) });
    }
  }
  return cases;
}

const EXPECTATION = /^( *)(\^+) (warning )?([A-Z_]+) {2}(.+)$/;
const HINT = /^ *hint: (.+)$/;

function parseCase(
  head: string,
  body: string,
  frames: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
): CorpusCase {
  const [, frameName, title] = /^(?:\[(\w+)\] )?(.+)$/.exec(head)!;
  const frame = frameName === undefined ? "…\n" : frames.get(frameName);
  if (frame === undefined) throw new RangeError(`${head}: there is no frame ${frameName}`);
  const [before, after] = frame.split("…\n") as [string, string];
  const linesBefore = before.split("\n").length - 1;
  const lines: string[] = [];
  const expected: Expected[] = [];
  for (const line of body.split("\n").slice(0, -1)) {
    const [, blanks, carets, warning, code, message] = EXPECTATION.exec(line) ?? [];
    const last = expected.at(-1);
    const hint = HINT.exec(line)?.[1];
    if (code !== undefined) {
      const column = blanks!.length + 1;
      expected.push({
        code,
        severity: warning === undefined ? "error" : "warning",
        line: Math.max(1, linesBefore + lines.length),
        column,
        endColumn: column + carets!.length,
        message: message!,
      });
    } else if (hint !== undefined && last !== undefined && last.hint === undefined) {
      expected[expected.length - 1] = { ...last, hint };
    } else {
      lines.push(line);
    }
  }
  const own = lines.length === 0 || lines.join("") === "" ? "" : `${lines.join("\n")}\n`;
  const text = before + own + after;
  return { title: title!, text, linesBefore, written: body, expected, files };
}

export function diagnoseCase({ text, files, subjects }: CorpusCase): readonly Diagnostic[] {
  const source = {
    file: "shop.yaml",
    text,
    files: { read: (path: string) => files.get(path) },
    functions: { exports: (path: string) => MODULES[path] ?? { missing: true as const } },
  };
  if (subjects === undefined) return planTopology(source).diagnostics;
  const read = (subject: string) => subjects.get(subject);
  return planTopology({ ...source, subjects: { read } }).diagnostics;
}

/** Modules of functions, for every case. */
const MODULES: Readonly<Record<string, ModuleExports>> = {
  "./functions.ts": {
    version: "1",
    exports: new Map([
      ["enrich", { type: "function", parameters: 1 }],
      ["later", { type: "async function", parameters: 1 }],
      ["join", { type: "function", parameters: 2 }],
      ["rate", { type: "number", parameters: 0 }],
    ]),
  },
  "./broken.ts": { fault: "SyntaxError: Unexpected token" },
};

/** The case as it would be written if what is said were right: a difference to `written` is a fault. */
export function writeCase(
  { text, written, linesBefore }: CorpusCase,
  diagnostics: readonly Expected[],
): string {
  const own = written.split("\n").filter((line) => !EXPECTATION.test(line) && !HINT.test(line));
  const lines = own.slice(0, -1);
  const under = (line: number) =>
    diagnostics.filter((diagnostic) => Math.max(0, diagnostic.line - linesBefore) === line);
  const last = Math.max(1, lines.length);
  const elsewhere = diagnostics
    .filter(({ line }) => line <= linesBefore || line > linesBefore + last)
    .map((diagnostic) => [
      `in the frame: ${text.split("\n")[diagnostic.line - 1] ?? ""}`,
      ...expectation(diagnostic),
    ]);
  const inside = Array.from({ length: last }, (_, n) => [
    ...lines.slice(n, n + 1),
    ...under(n + 1).flatMap(expectation),
  ]);
  return `${[...inside, ...elsewhere].flat().join("\n")}\n`;
}

function expectation({ code, severity, column, endColumn, message, hint }: Expected): string[] {
  const blanks = " ".repeat(column - 1);
  const warning = severity === "warning" ? "warning " : "";
  const head = `${blanks}${"^".repeat(endColumn - column)} ${warning}${code}  ${message}`;
  return hint === undefined ? [head] : [head, `${blanks}hint: ${hint}`];
}
