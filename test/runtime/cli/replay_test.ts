import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replayFile } from "../../../runtime/cli/replay.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SAMPLE = join(ROOT, "data/user_log_sample.csv");
const DEFINITION = join(ROOT, "topology/double11.yaml");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-replay-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function double11(): Plan {
  const { plan, diagnostics } = planTopology({
    file: DEFINITION,
    text: readFileSync(DEFINITION, "utf8"),
    files: { read: () => readFileSync(join(ROOT, "schemas/user_log.avsc"), "utf8") },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

async function replay(file: string, plan = double11()) {
  const notes: string[] = [];
  const result = await replayFile({
    plan,
    functions: {},
    file,
    stream: undefined,
    startMs: 0,
    note: (line) => notes.push(line),
    signal: new AbortController().signal,
  });
  return { ...result, notes };
}

/** Ten rows a second: people and buyers by second and gender, from the file's text alone. */
function expectedOf(csv: string) {
  const genders = ["FEMALE", "MALE", "UNKNOWN"];
  const seconds = new Map<string, { people: number; buyers: number }>();
  csv
    .trim()
    .split("\n")
    .slice(1)
    .forEach((line, row) => {
      const fields = line.split(",");
      const name = `${Math.floor(row / 10) * 1000} ${genders[Number(fields[9])]}`;
      const { people, buyers } = seconds.get(name) ?? { people: 0, buyers: 0 };
      seconds.set(name, { people: people + 1, buyers: buyers + (fields[7] === "2" ? 1 : 0) });
    });
  return seconds;
}

describe("replay", () => {
  test("of the sample gives every second of it, and nothing else", async () => {
    const { results, ledger, notes } = await replay(SAMPLE);
    const expected = expectedOf(readFileSync(SAMPLE, "utf8"));
    const actual = new Map(
      results["shoppers"]!.map(({ key, window, value }) => [`${window![0]} ${key}`, value]),
    );
    expect(actual).toEqual(expected);
    expect(results["late_shoppers"]).toEqual([]);
    expect(results["dead_letters"]).toEqual([]);
    expect(notes).toEqual([]);
    expect(ledger).toMatchObject({
      shoppers_by_gender: { read: 10_000, invalid: 0, dead: 0, passed: 10_000 },
      per_second: {
        in: 10_000,
        accepted: 10_000,
        lateAtSource: 0,
        lateAtOperator: 0,
        resultRecords: 10_000,
      },
    });
    const sum = (key: string) =>
      results["shoppers"]!.filter((result) => result.key === key).reduce(
        (total, { value }) => total + (value as { people: number }).people,
        0,
      );
    expect([sum("FEMALE"), sum("MALE"), sum("UNKNOWN")]).toEqual([5230, 3980, 790]);
  });

  test("of JSON lines takes times and keys from the file, closes all windows, and notes what is no record", async () => {
    const file = join(folder, "log.jsonl");
    const line = (at: unknown, gender: string, action = "CLICK") =>
      JSON.stringify({ at, value: { user_id: 1, gender, action } });
    writeFileSync(
      file,
      [
        line("0s", "FEMALE"),
        line(500, "FEMALE", "BUY"),
        "not json",
        "[1]",
        '{"at":1}',
        '{"at":"soon","value":{}}',
        '{"value":{},"extra":1}',
        "",
        line("1970-01-01T00:00:01Z", "MALE"),
      ].join("\n"),
    );
    const { results, notes } = await replay(file);
    expect(results["shoppers"]).toEqual([
      { key: "FEMALE", window: [0, 1000], value: { people: 2, buyers: 1 } },
      { key: "MALE", window: [1000, 2000], value: { people: 1, buyers: 0 } },
    ]);
    expect(notes.map((note) => note.slice(file.length))).toEqual([
      expect.stringMatching(/^:3 not JSON/),
      ":4 not an object of at, key, window, value",
      ":5 there is no value",
      expect.stringMatching(/^:6 at must be/),
      expect.stringMatching(/^:7 unknown field "extra"/),
      expect.anything(),
    ]);
    expect(notes.at(-1)).toBe(`5 lines of ${file} are no records and were left out`);
  });

  test("goes through streams that the topology writes and reads, and its dead letters", async () => {
    const { plan, diagnostics } = planTopology({
      file: "t.yaml",
      text: `topology: t
streams:
  s: { key: string, value: string, create: { partitions: 2 } }
  per_second: {}
  per_minute: {}
  failures: { onError: skip }
  failed: {}
pipelines:
  counts:
    - source: s
    - map: { value: { n: int(value) } }
    - id: seconds
      windowedReduce: { window: { tumbling: 1s, grace: 0s }, value: { n: sum(value.n) }, emit: final }
    - sink: per_second
  sums:
    - source: per_second
    - id: minutes
      windowedReduce:
        key: "'all'"
        window: { tumbling: 1m, grace: 0s }
        value: { n: sum(value.n), seconds: distinct(window.start) }
        emit: final
    - sink: per_minute
  letters:
    - source: dead_letters
    - { onError: skip, map: { key: "headers['millrace.code']" } }
    - { onError: skip, sink: failures }
  totals:
    - source: failures
    - id: total
      onError: skip
      reduce: { value: { n: count() }, emit: updates }
    - { onError: skip, sink: failed }
`,
      files: { read: () => undefined },
    });
    if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
    const file = join(folder, "chain.jsonl");
    const line = (at: number, key: string, value: string) => JSON.stringify({ at, key, value });
    writeFileSync(
      file,
      [
        ...[line(0, "a", "1"), line(500, "b", "2"), line(1500, "a", "x"), line(1500, "a", "4")],
        ...[line(61_000, "b", "8"), line(61_000, "c", "y")],
      ].join("\n"),
    );
    const { results, ledger } = await replay(file, plan);
    expect(results["per_minute"]).toEqual([
      { key: "all", window: [0, 60_000], value: { n: 7, seconds: 2 } },
      { key: "all", window: [60_000, 120_000], value: { n: 8, seconds: 1 } },
    ]);
    expect(results["failed"]?.at(-1)).toEqual({ key: "BAD_CONVERSION", value: { n: 2 } });
    expect(ledger).toMatchObject({
      minutes: { accepted: 4, lateAtSource: 0, lateAtOperator: 0 },
      totals: { read: 2, passed: 2 },
    });
  });

  test("of JSON lines takes the windows of keys that have one", async () => {
    const { plan } = planTopology({
      file: "t.yaml",
      text: `topology: t
streams: { s: { key: { window: string, size: 1s }, value: string }, out: {} }
pipelines: { p: [{ source: s }, { map: { value: { text: value } } }, { sink: out }] }
`,
      files: { read: () => undefined },
    });
    const file = join(folder, "windows.jsonl");
    writeFileSync(
      file,
      [
        '{"at":0,"key":"a","window":["1s","2s"],"value":"x"}',
        '{"at":0,"key":"a","window":[5000,6000],"value":"y"}',
        '{"at":0,"key":"a","value":"none"}',
        '{"at":0,"key":"a","window":[1],"value":"half"}',
      ].join("\n"),
    );
    const { results, notes } = await replay(file, plan);
    expect(results["out"]).toEqual([
      { key: "a", window: [1000, 2000], value: { text: "x" } },
      { key: "a", window: [5000, 6000], value: { text: "y" } },
    ]);
    expect(notes.map((note) => note.slice(file.length)).slice(0, 2)).toEqual([
      ":3 Cannot encode key: it is windowed, and its window is not said",
      ":4 window must be [start, end], each as at, is [1]",
    ]);
  });

  test("of JSON lines whose value does not fit the schema notes the line and goes on", async () => {
    const file = join(folder, "misfit.jsonl");
    writeFileSync(
      file,
      [
        '{"at":0,"value":{"user_id":1,"gender":"FEMALE"}}',
        '{"at":0,"value":{"user_id":"x","gender":"FEMALE"}}',
        '{"at":1,"value":{"user_id":2,"gender":"FEMALE"}}',
      ].join("\n"),
    );
    const { results, notes } = await replay(file);
    expect(results["shoppers"]).toMatchObject([{ key: "FEMALE", value: { people: 2 } }]);
    expect(notes[0]).toContain(`${file}:2 `);
  });

  test("of a CSV with broken lines leaves them out and says where", async () => {
    const file = join(folder, "broken.csv");
    const lines = readFileSync(SAMPLE, "utf8").split("\n").slice(0, 11);
    lines.splice(3, 0, "1,2,3", 'x"');
    writeFileSync(file, `${lines.join("\r\n")}\r\n`);
    const { ledger, notes } = await replay(file);
    expect(ledger["per_second"]).toMatchObject({ accepted: 10, resultRecords: 10 });
    expect(notes).toEqual([
      `${file}:4 3 fields, the header has more`,
      `${file}:5 1 fields, the header has more`,
      `2 lines of ${file} are no records and were left out`,
    ]);
  });

  test("late records and records out of order across partitions are where the definition sends them", async () => {
    const file = join(folder, "late.jsonl");
    const plan = double11();
    const rows = [0, 100, 5000, 5100, 5200, 5300, 50].map((at) => ({
      at,
      value: { user_id: at, gender: "MALE" },
    }));
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));
    const { results, ledger } = await replay(file, plan);
    // Row i is in partition i mod 4: the last one is behind 5000 in partition 2.
    expect(ledger["per_second"]).toMatchObject({ accepted: 6, lateAtSource: 1 });
    expect(results["late_shoppers"]).toMatchObject([{ value: { user_id: 50 } }]);
  });
});

describe("the command", () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(
        process.execPath,
        [join(ROOT, "runtime/cli/millrace.js"), "replay", ...args],
        { cwd: ROOT, maxBuffer: 64 * 2 ** 20 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
    });

  test("prints results and ledger as JSON and exits with 0", async () => {
    const { code, stdout } = await run("topology/double11.yaml", "--file", SAMPLE, "--json");
    expect(code).toBe(0);
    const { results, ledger, seconds } = JSON.parse(stdout);
    expect(results.shoppers).toHaveLength(expectedOf(readFileSync(SAMPLE, "utf8")).size);
    expect(results.shoppers[0]).toMatchObject({ value: { people: expect.any(Number) } });
    expect(ledger.per_second).toMatchObject({ accepted: 10_000, resultRecords: 10_000 });
    expect(seconds).toBeGreaterThan(0);
  });

  test("exits with 1 or 2 and a sentence for a file that cannot be read", async () => {
    const { code, stderr } = await run(
      "topology/double11.yaml",
      join(folder, "none.csv"),
      "--json",
    );
    expect([1, 2]).toContain(code);
    expect(stderr).toContain("none.csv");
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
