import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { predict } from "./kafka_streams/predict.ts";
import { KAFKA_STREAMS } from "./kafka_streams/semantics.ts";
import { formatReport, sumOf } from "./report.ts";
import { RULES } from "./rules.ts";
import { type FileReport, judge, runFile, type Verdict } from "./run_files.ts";
import { type OutputRecord, readVectors, type Vector, type WindowedVector } from "./vectors.ts";

/** Cases that were worked out by hand, a file a kind. */
const FILES = readVectors(fileURLToPath(new URL("by_hand", import.meta.url)));

const isRunnable = (vector: Vector) => !vector.kind.startsWith("join-");

function find(id: string): WindowedVector {
  const found = FILES.flatMap(({ vectors }) => vectors).find((vector) => vector.id === id);
  return found as WindowedVector;
}

/** The case with another output. */
function altered(
  vector: WindowedVector,
  alter: (output: OutputRecord[]) => readonly OutputRecord[],
): WindowedVector {
  return { ...vector, output: alter([...vector.output]) };
}

describe("cases worked out by hand", () => {
  test.each(FILES.flatMap(({ vectors }) => vectors).filter(isRunnable))(
    "$id passes",
    async (vector) => {
      const { problems, notBuilt } = await judge(vector as WindowedVector);
      expect(notBuilt).toBeUndefined();
      expect(problems).toEqual([]);
    },
  );

  test("are what the model of Kafka Streams gives, so that rules can start from it", () => {
    for (const vector of FILES.flatMap(({ vectors }) => vectors)) {
      if (!isRunnable(vector) || vector.kind === "partition") continue;
      const { output, droppedAt } = vector as WindowedVector;
      const { output: modelled, droppedAt: dropped } = predict(
        vector as WindowedVector,
        KAFKA_STREAMS,
      );
      expect({ id: vector.id, output: modelled, droppedAt: dropped }).toEqual({
        id: vector.id,
        output,
        droppedAt,
      });
    }
  });
});

describe("a wrong expectation", () => {
  const right = find("tumbling-1");

  test("of a value fails with the index, what was expected and what came", async () => {
    const wrong = altered(right, (output) => output.with(3, { ...output[3]!, value: 3 }));
    expect(await judge(wrong)).toMatchObject({
      id: "tumbling-1",
      problems: [
        'output[3]: expected {"i":3,"key":"a","windowStart":0,"windowEnd":10,"value":3,"ts":4,"keyHex":"610000000000000000"}, got {"i":3,"key":"a","windowStart":0,"windowEnd":10,"value":2,"ts":4,"keyHex":"610000000000000000"}',
        expect.stringMatching(/^no rule applies, for the model of Kafka Streams: output\[3\]/),
      ],
    });
  });

  test.each([
    ["key bytes", (record: OutputRecord) => ({ ...record, keyHex: "61" })],
    ["timestamp", (record: OutputRecord) => ({ ...record, ts: record.ts + 1 })],
    ["window", (record: OutputRecord) => ({ ...record, windowEnd: 11 })],
    ["input index", (record: OutputRecord) => ({ ...record, i: 1 })],
  ])("of the %s fails", async (_, alter) => {
    const wrong = altered(right, (output) => output.with(0, alter(output[0]!)));
    const { problems } = await judge(wrong);
    expect(problems[0]).toMatch(/^output\[0\]: expected/);
  });

  test("of the order fails", async () => {
    const wrong = altered(right, ([first, second, ...rest]) => [second!, first!, ...rest]);
    expect((await judge(wrong)).problems.length).toBeGreaterThan(0);
  });

  test("of one result too many or too few fails", async () => {
    const more = altered(right, (output) => [...output, output.at(-1)!]);
    expect((await judge(more)).problems[0]).toMatch(/^output\[5\]: expected .* got nothing$/);
    const fewer = altered(right, (output) => output.slice(0, -1));
    expect((await judge(fewer)).problems[0]).toMatch(/^output\[4\]: expected nothing, got /);
  });

  test("of what is dropped fails with the index of the record", async () => {
    const { problems } = await judge({ ...right, droppedAt: [6] });
    expect(problems[0]).toBe("dropped at input[5]: expected 0, got 1");
  });

  test("is not saved by a rule: where one applies, the rest has to agree", async () => {
    const closes = find("tumbling-2");
    const wrong = altered(closes, (output) => output.with(0, { ...output[0]!, value: 4 }));
    expect((await judge(closes)).problems).toEqual([]);
    expect((await judge(wrong)).problems.length).toBeGreaterThan(0);
  });

  test("of a partition fails", async () => {
    const vector = FILES.find(({ name }) => name === "partition")!.vectors[0]!;
    if (vector.kind !== "partition") throw new TypeError("Cannot test: no partition case");
    const output = vector.output.with(1, { ...vector.output[1]!, partition: 11 });
    expect((await judge({ ...vector, output })).problems).toEqual([
      expect.stringMatching(/^output\[1\] of .*expected .*"partition":11.*got .*"partition":/),
    ]);
  });
});

describe("a named difference", () => {
  const rulesOf = async (id: string) => (await judge(find(id))).rules;

  test("has a row in the README, and no other has", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, section] = /### Against Kafka Streams\n([\s\S]*?)\n## /.exec(readme)!;
    const rows = [...section!.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(rows).toEqual(RULES.map(({ name }) => name));
  });

  test("is counted where another outcome would be expected without it, and only there", async () => {
    expect(await rulesOf("tumbling-1")).toEqual([]);
    expect(await rulesOf("tumbling-2")).toEqual([
      "null-values-dropped",
      "time-of-the-source",
      "final-timestamp",
    ]);
    expect(await rulesOf("wordcount-1")).toEqual(["time-of-the-source"]);
  });
});

describe("the report", () => {
  const report = (name: string, verdicts: readonly Verdict[], leftOut = 0): FileReport => ({
    name,
    verdicts,
    leftOut,
  });
  const reports = [
    report("joins", [], 7),
    report("windows", [
      { id: "w-1", problems: [], rules: [] },
      { id: "w-2", problems: [], rules: ["final-timestamp"] },
      { id: "w-3", problems: ["output[0]: expected 1, got 2"], rules: [] },
      { id: "w-4", problems: ["not built: round windows"], notBuilt: "round windows", rules: [] },
    ]),
  ];

  test("counts what could not run as failed, and joins not at all", () => {
    expect(sumOf(reports)).toEqual({ passed: 2, failed: 2 });
    const lines = formatReport(reports, 5).split("\n");
    expect(lines.at(-1)).toBe("2 passed, 2 failed");
    expect(lines[1]).toMatch(/^joins +7 not counted: joins are not built$/);
    expect(lines[2]).toMatch(/^windows +4 +2 +1 +1 +2 +1 +final-timestamp 1$/);
    expect(lines).toContain("w-3 output[0]: expected 1, got 2");
    expect(lines).toContain("1 of windows not built: round windows");
  });

  test("leaves joins out, and runs every other file", async () => {
    const all = await Promise.all(
      FILES.filter(({ name }) => ["join-stream-table", "unwindowed"].includes(name)).map(runFile),
    );
    expect(all).toEqual([
      { name: "join-stream-table", verdicts: [], leftOut: 1 },
      {
        name: "unwindowed",
        verdicts: [{ id: "unwindowed-1", problems: [], rules: [] }],
        leftOut: 0,
      },
    ]);
  });
});
