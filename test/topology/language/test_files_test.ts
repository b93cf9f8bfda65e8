/** Test files: planned with their definition, diagnosed in their own file. */

import { describe, expect, test } from "vitest";
import { planTopology, readTestFile } from "../../../topology/language/mod.ts";
import { counting, FILE, files, unmark } from "./_fixtures.ts";

const TEST_FILE = "t.test.yaml";
const here = { read: (path: string) => (path === "t.yaml" ? "" : undefined) };

function plan(marked: string) {
  const { text, ...place } = unmark(marked);
  const planned = planTopology({
    file: FILE,
    text: counting({}, "tests: [{ name: inline, steps: [{ wait: 1s }] }]"),
    files,
    testFiles: [{ file: TEST_FILE, text }],
  });
  return { ...planned, place };
}

const file = (steps: string) => `definition: t.yaml
tests:
  - name: in a file
    steps:
      - ${steps}
`;

describe("a test file", () => {
  test("adds its tests behind the definition's own, with places in its own file", () => {
    const { plan: planned, diagnostics } = plan(`${file("wait: 2s")}«»`);
    expect(diagnostics).toEqual([]);
    expect(planned?.tests.map(({ name, place }) => [name, place.file])).toEqual([
      ["inline", FILE],
      ["in a file", TEST_FILE],
    ]);
    expect(planned?.tests[1]?.steps).toEqual([
      { kind: "wait", ms: 2000, place: { file: TEST_FILE, line: 5, column: 9 } },
    ]);
  });

  test.each([
    ["an unknown field", "UNKNOWN_FIELD", "expect: { out: [{ value: { «m»: 1 } }] }"],
    ["a wrong type", "BAD_TEST_VALUE", "expect: { out: [{ value: { n: «many» } }] }"],
    ["an unknown stream", "UNKNOWN_STREAM", "expect: { «oot»: [] }"],
    ["a stream nobody reads", "UNKNOWN_STREAM", "{ send: «out», records: [] }"],
    ["an unknown stage", "UNKNOWN_STREAM", "ledger: { «countd»: { accepted: 1 } }"],
    ["an unknown step", "UNKNOWN_KEY", "«expct»: { out: [] }"],
    ["a lossy number", "LOSSY_NUMBER", "expect: { out: [{ value: { n: «007» } }] }"],
  ])("with %s has no plan and a diagnostic in the test file", (_, code, step) => {
    const { plan: planned, diagnostics, place } = plan(file(step));
    expect(planned).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code, file: TEST_FILE, ...place }]);
  });

  test("says which definition it names", () => {
    expect(readTestFile({ file: TEST_FILE, text: file("wait: 1s") }, here)).toEqual({
      definition: "t.yaml",
      diagnostics: [],
    });
  });

  test.each([
    ["a definition that is not there", "MISSING_FILE", "definition: «u.yaml»\ntests: []"],
    ["no definition", "MISSING_KEY", "«tests: []»"],
    ["no tests", "MISSING_KEY", "«definition: t.yaml»"],
    ["more than tests", "UNKNOWN_KEY", "definition: t.yaml\ntests: []\n«streams»: {}"],
    ["a list", "WRONG_TYPE", "«- wait: 1s»"],
    ["nothing", "EMPTY_FILE", "«#»"],
  ])("with %s is refused at the place", (_, code, marked) => {
    const { text, ...place } = unmark(marked);
    const { diagnostics } = readTestFile({ file: TEST_FILE, text }, here);
    expect(diagnostics).toMatchObject([{ code, file: TEST_FILE, ...place }]);
    expect(JSON.stringify(diagnostics)).not.toContain("the definition needs");
  });
});
