import { describe, expect, test } from "vitest";
import { diagnosticCodes, expressionErrorCodes } from "../../support/codes.ts";
import { type CorpusCase, diagnoseCase, type Expected, readCorpus, writeCase } from "./_corpus.ts";
import { HOSTILE_FILES } from "./_hostile_files.ts";

const corpus = readCorpus();
const cases = [...corpus.values()].flat();

const isError = ({ severity }: Expected) => severity === "error";
const place = ({ line, column, endColumn }: Expected) => `${line}:${column}..${endColumn}`;

function isExact(one: CorpusCase): boolean {
  const places = diagnoseCase(one).map(place).sort();
  return places.join() === one.expected.map(place).sort().join();
}

describe.each([...corpus])("%s", (_, ofFile) => {
  test.each(ofFile.map((one) => [one.title, one] as const))("%s", (_title, one) => {
    expect(writeCase(one, diagnoseCase(one))).toBe(one.written);
  });
});

describe("the corpus", () => {
  test("has at least 200 broken definitions, each told from the others", () => {
    expect(cases.filter(({ expected }) => expected.some(isError)).length).toBeGreaterThan(200);
    for (const ofFile of corpus.values()) {
      expect(new Set(ofFile.map(({ title }) => title)).size).toBe(ofFile.length);
    }
    expect(cases.filter(({ expected }) => expected.length === 0)).toEqual([]);
  });

  test("has a case for every code of a diagnostic", () => {
    const provoked = new Set(cases.flatMap(({ expected }) => expected.map(({ code }) => code)));
    // What it takes more text to provoke than anybody reads.
    for (const [, code] of HOSTILE_FILES) provoked.add(code);
    // What no text can have, only a module: document/from_object_test.ts, cli/definition_module_test.ts.
    for (const code of ["NOT_DATA", "BAD_MODULE"]) provoked.add(code);
    // What fails on a record is no diagnostic.
    const atRunTime = new Set(expressionErrorCodes());
    const missing = diagnosticCodes().filter((code) => !provoked.has(code) && !atRunTime.has(code));
    expect(missing).toEqual([]);
  });

  test("is refused, all of it, and at least 95 % with every place exact", () => {
    const broken = cases.filter(({ expected }) => expected.some(isError));
    const refused = broken.filter((one) => diagnoseCase(one).some(isError));
    const exact = cases.filter(isExact);
    console.log(
      `corpus: refused ${refused.length} of ${broken.length}, ` +
        `line and columns exact ${exact.length} of ${cases.length}`,
    );
    expect(refused.length).toBe(broken.length);
    expect(exact.length).toBeGreaterThanOrEqual(0.95 * cases.length);
  });
});
