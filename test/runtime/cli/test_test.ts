/** `millrace test`: which tests it finds, what it prints, and when it runs again. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cli, startCli } from "./_cli.ts";

const WORDS = `topology: words
streams: { s: { key: string, value: { avro: ../schemas/word.avsc } }, out: {} }
pipelines:
  p:
    - source: s
    - map: { value: { text: value.text, length: size(value.text) } }
    - sink: out
tests:
  - name: a word has a length
    steps:
      - send: s
        records: [{ key: a, value: { text: one } }]
      - expect: { out: [{ key: a, value: { length: 3 } }] }
`;
const MORE = `definition: words.yaml
tests:
  - name: a long word has a long length
    steps:
      - send: s
        records: [{ key: a, value: { text: seventeen letters } }]
      - expect:
          out:
            - { key: a, value: { text: seventeen letters, length: 17 } }
`;

let folder: string;
let definition: string;
let testFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  mkdirSync(join(folder, "topology"));
  mkdirSync(join(folder, "schemas"));
  definition = join(folder, "topology/words.yaml");
  testFile = join(folder, "topology/words.test.yaml");
  writeSchema([{ name: "text", type: "string" }]);
  writeFileSync(definition, WORDS);
  writeFileSync(testFile, MORE);
});
afterEach(() => rmSync(folder, { recursive: true }));

function writeSchema(fields: readonly object[]): void {
  const schema = { type: "record", name: "Word", fields };
  writeFileSync(join(folder, "schemas/word.avsc"), JSON.stringify(schema));
}

describe("test", () => {
  it("without a file runs everything in topology/, the shipped definitions", async () => {
    const { code, stdout, stderr } = await cli("test");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^topology\/double11\.yaml: 1 passed, 0 failed$/m);
    expect(stdout).toMatch(/^\d+ passed, 0 failed in \d+\.\d\d s$/m);
  });

  it("of a definition runs its own tests and those of the files beside it that name it", async () => {
    writeFileSync(join(folder, "topology/other.test.yaml"), MORE.replace("words", "nothing"));
    const { code, stdout, stderr } = await cli("test", definition);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${definition}: 2 passed, 0 failed\n`);
  });

  it("of a test file runs that file's alone, and of a folder everything in it, once", async () => {
    const [file, all] = await Promise.all([
      cli("test", testFile),
      cli("test", join(folder, "topology"), testFile, definition),
    ]);
    expect(file.stdout).toContain(`${definition}: 1 passed, 0 failed\n`);
    expect(all.stdout).toContain(`${definition}: 2 passed, 0 failed\n`);
  });

  it("shows a failing record with line and column in its own file and what differs", async () => {
    writeFileSync(testFile, MORE.replace("length: 17", "length: 18"));
    const { code, stdout, stderr } = await cli("test", definition);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain(`${testFile}:9:15 FAILED a long word has a long length
  out: the nearest record (partition 0, offset 0) differs
    field         expected  written
    value.length  18        17
${definition}: 1 passed, 1 failed
`);
  });

  it("--filter runs the tests whose names contain a text; none is wrong use", async () => {
    const [one, none] = await Promise.all([
      cli("test", definition, "--filter", "long length"),
      cli("test", definition, "--filter", "longer"),
    ]);
    expect(one.stdout).toContain(`${definition}: 1 passed, 0 failed\n`);
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain('no test\'s name contains "longer"');
  });

  it("--json prints one document with every test, failure and place", async () => {
    writeFileSync(testFile, MORE.replace("length: 17", "length: 18"));
    const { code, stdout } = await cli("test", definition, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      passed: 1,
      failed: 1,
      seconds: expect.any(Number),
      topologies: [
        {
          file: definition,
          errors: [],
          tests: [
            {
              name: "a word has a length",
              place: { file: definition, line: 9, column: 11 },
              ok: true,
              failures: [],
            },
            {
              name: "a long word has a long length",
              place: { file: testFile, line: 3, column: 11 },
              ok: false,
              failures: [
                {
                  place: { file: testFile, line: 9, column: 15 },
                  message: "out: the nearest record (partition 0, offset 0) differs",
                  differences: [{ field: "value.length", expected: 18, actual: 17 }],
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it("points at what is wrong in a test file, in that file, and runs nothing of it", async () => {
    writeFileSync(testFile, MORE.replace("text: seventeen letters, length", "txt: x, length"));
    const { code, stdout, stderr } = await cli("test", definition);
    expect(code).toBe(1);
    expect(stderr).toContain(`${testFile}:9:34 error UNKNOWN_FIELD`);
    expect(stderr).toMatch(/9 \| {13}- \{ key: a, value: \{ txt: x.*\n +\| {34}\^{3}$/m);
    expect(stdout).toContain(`${definition}: not run\n`);
  });

  it.each([
    [
      "names a definition that is not there",
      "definition: wrods.yaml\ntests: []\n",
      "1:13 error MISSING_FILE",
    ],
    ["names none", "tests: []\n", "1:1 error MISSING_KEY"],
    ["is empty", "# nothing\n", "1:1 error EMPTY_FILE"],
  ])("refuses a test file that %s", async (_, text, said) => {
    writeFileSync(testFile, text);
    const { code, stderr } = await cli("test", definition);
    expect(code).toBe(1);
    expect(stderr).toContain(`${testFile}:${said}`);
  });

  it("--watch runs again after a save of the definition, a test file or a schema", async () => {
    const watching = startCli(["test", definition, "--watch"]);
    const runs = (n: number) => new RegExp(`(?:passed, \\d failed in [^]*){${n}}`);
    await watching.printed(runs(1));
    writeFileSync(definition, WORDS.replace("length: 3", "length: 4"));
    expect(await watching.printed(runs(2))).toContain(`${definition}: 1 passed, 1 failed`);
    writeFileSync(definition, WORDS);
    await watching.printed(runs(3));
    writeFileSync(testFile, MORE.replace("length: 17", "length: 18"));
    expect(await watching.printed(runs(4))).toContain(`${testFile}:9:15 FAILED`);
    writeSchema([{ name: "word", type: "string" }]);
    expect(await watching.printed(runs(5))).toContain(`${definition}: not run`);
    watching.signal("SIGINT");
    const { code, stderr } = await watching.outcome;
    expect(code).toBe(0);
    expect(stderr).toContain("UNKNOWN_FIELD");
  });

  it("--watch has no document to print", async () => {
    const { code, stderr } = await cli("test", definition, "--watch", "--json");
    expect(code).toBe(2);
    expect(stderr).toContain("--watch has no end");
  });
});
