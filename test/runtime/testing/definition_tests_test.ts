import { describe, expect, test } from "vitest";
import { formatFailure, runDefinitionTest, TestDriver } from "../../../runtime/testing/mod.ts";
import type { TestStep } from "../../../topology/language/mod.ts";
import { DOUBLE11, FILE, failuresOf, measuring, placeOf, planned } from "./_definitions.ts";

function replaced(from: string, to: string): string {
  expect(DOUBLE11).toContain(from);
  return DOUBLE11.replace(from, to);
}

describe("the shipped definition's own test", () => {
  test("holds", async () => {
    expect(await failuresOf(DOUBLE11)).toEqual([]);
  });

  test("says what differs, and where the expected record stands", async () => {
    const text = replaced("value: { people: 2, buyers: 1 }", "value: { people: 3, buyers: 1 }");
    const failures = await failuresOf(text);
    const { line, column } = placeOf(text, "{ key: FEMALE, window: [0s, 1s]");
    expect(failures).toEqual([
      {
        test: "two girls and a boy in one second, one late",
        place: { file: FILE, line, column },
        message: "shoppers: the nearest record (partition 0, offset 0) differs",
        differences: [{ field: "value.people", expected: 3, actual: 2 }],
      },
    ]);
    expect(formatFailure(failures[0]!)).toBe(
      `${FILE}:${line}:${column} FAILED two girls and a boy in one second, one late
  shoppers: the nearest record (partition 0, offset 0) differs
    field         expected  written
    value.people  3         2`,
    );
  });

  test.each([
    [
      "a wrong key",
      "{ key: MALE, window: [0s, 1s]",
      "{ key: UNKNOWN, window: [0s, 1s]",
      [{ field: "key", expected: "UNKNOWN", actual: "MALE" }],
    ],
    [
      "a wrong window",
      "{ key: MALE, window: [0s, 1s]",
      "{ key: MALE, window: [0s, 2s]",
      [{ field: "window", expected: [0, 2000], actual: [0, 1000] }],
    ],
    [
      "a late record that is not",
      "late_shoppers: [{ value: { user_id: 5",
      "late_shoppers: [{ value: { user_id: 6",
      [{ field: "value.user_id", expected: 6, actual: 5 }],
    ],
    [
      "a wrong count",
      "accepted: 4",
      "accepted: 5",
      [{ field: "accepted", expected: 5, actual: 4 }],
    ],
  ])("fails on %s", async (_, from, to, differences) => {
    const text = replaced(from, to);
    const { line } = placeOf(text, to);
    expect(await failuresOf(text)).toMatchObject([{ place: { line }, differences }]);
  });

  test("fails where time passes too slowly", async () => {
    const [failure, ...more] = await failuresOf(replaced("wait: 3s", "wait: 1s"));
    expect(more).toEqual([]);
    expect(failure!.message).toBe(
      'shoppers: nothing was written: { key: "FEMALE", window: [1s, 2s], value: {"people":1,"buyers":0} }',
    );
  });

  test("fails on a result that nobody expected, at the stream's name", async () => {
    const line = "            - { key: MALE, window: [0s, 1s], value: { people: 1, buyers: 1 } }\n";
    const text = replaced(line, "");
    expect(await failuresOf(text)).toMatchObject([
      {
        place: placeOf(text, "shoppers:\n            -"),
        message:
          'shoppers: written, but not expected: { key: "MALE", window: [0s, 1s], value: {"people":1,"buyers":1} }',
        differences: [],
      },
    ]);
  });

  test("says everything that is wrong with one step, and nothing of the steps after it", async () => {
    const text = replaced("people: 2, buyers: 1", "people: 7, buyers: 1")
      .replace("late_shoppers: [{ value: { user_id: 5", "late_shoppers: [{ value: { user_id: 6")
      .replace("accepted: 4", "accepted: 5");
    const failures = await failuresOf(text);
    expect(failures.map(({ differences }) => differences[0]!.field)).toEqual([
      "value.people",
      "value.user_id",
    ]);
  });

  test.each([["clean"], ["crash"]])("holds with a %s restart after every step", async (how) => {
    const plan = planned(DOUBLE11);
    const own = plan.tests[0]!;
    const steps = own.steps.flatMap((step): TestStep[] =>
      step.kind === "send" || step.kind === "wait"
        ? [step, { kind: "restart", how: how as "clean" | "crash", place: step.place }]
        : [step],
    );
    // A crash may repeat finals: what was written must be among it, once or more.
    const lenient = steps.map(
      (step): TestStep =>
        step.kind === "expect" && how === "crash" ? { ...step, kind: "contain" as const } : step,
    );
    expect(await runDefinitionTest(plan, { ...own, steps: lenient })).toEqual([]);
  });
});

describe("steps", () => {
  const SEND =
    "- send: s\n  records: [{ at: 0s, key: k, value: a }, { at: 1s, key: k, value: bb }]";

  test("match each expected record to one that was written, whatever the order", async () => {
    // The first expectation covers both records, the second only one of them.
    const steps = `${SEND}\n- expect: { out: [{ key: k }, { value: { text: a } }] }`;
    expect(await failuresOf(measuring(steps))).toEqual([]);
    const twice = `${SEND}\n- expect: { out: [{ value: { n: 1 } }, { value: { text: a } }] }`;
    expect(await failuresOf(measuring(twice))).not.toEqual([]);
  });

  test("expect and contain look only at what was written since the last of them", async () => {
    const steps = `${SEND}
- contain: { out: [{ value: { text: bb, n: 2 } }] }
- expect: { out: [] }
${SEND}
- expect: { out: [{ value: { text: a } }, { value: { text: bb } }] }`;
    expect(await failuresOf(measuring(steps))).toEqual([]);
  });

  test("compare headers and sources' counts by the stream's name", async () => {
    const steps = `- send: s
  records: [{ at: 0s, key: k, value: a, headers: { h: x } }]
- expect: { out: [{ headers: { h: x } }] }
- ledger: { s: { read: 1, passed: 1 } }`;
    expect(await failuresOf(measuring(steps))).toEqual([]);
    const other = steps.replace(
      "expect: { out: [{ headers: { h: x",
      "expect: { out: [{ headers: { h: y",
    );
    expect(await failuresOf(measuring(other))).toHaveLength(1);
    expect(await failuresOf(measuring(steps.replace("read: 1", "read: 2")))).toMatchObject([
      {
        message: "the ledger of s differs",
        differences: [{ field: "read", expected: 2, actual: 1 }],
      },
    ]);
    expect(await failuresOf(measuring(steps.replace("read: 1", "reed: 1")))).toMatchObject([
      { message: 'the ledger of s does not count "reed" but read, invalid, dead, passed' },
    ]);
  });

  test("send records without a key to the partitions in turn", async () => {
    const steps = `- send: s
  records: [{ value: a }, { value: b }, { value: c }]
- expect: { out: [{ value: { text: x } }] }`;
    const [failure] = await failuresOf(measuring(steps, "name: one\n    partitions: 3"));
    // Nothing in common with any: none is called the nearest.
    expect(failure!.message).toBe('out: not among the 3 written: { value: {"text":"x"} }');
    const plan = planned(measuring(steps, "name: one\n    partitions: 3"));
    const driver = await TestDriver.open({ plan, partitions: 3 });
    await driver.send("s", [{ value: "a" }, { value: "b" }, { value: "c" }, { value: "d" }]);
    const written = await driver.written("out");
    await driver.close();
    expect(
      written.map(({ partition, value }) => [partition, (value as { text: string }).text]),
    ).toEqual([
      [0, "a"],
      [0, "d"],
      [1, "b"],
      [2, "c"],
    ]);
  });

  test("a long wait ends as many short ones do, and takes no longer", async () => {
    const chained = (waits: string) => `topology: t
streams: { s: { key: string, value: string, idle: 10s }, out: {} }
pipelines:
  p:
    - source: s
    - map: { key: value }
    - id: minutes
      windowedReduce: { window: { tumbling: 1m, grace: 30s }, value: { n: count() }, emit: final }
    - sink: out
tests:
  - name: one
    partitions: 2
    steps:
      - send: s
        records:
          - { at: 0s, partition: 0, value: a }
          - { at: 70s, partition: 0, value: a }
          - { at: 50s, partition: 1, value: b }
${waits}
      - expect:
          out:
            - { key: a, window: [0m, 1m], value: { n: 1 } }
            - { key: a, window: [1m, 2m], value: { n: 1 } }
            - { key: b, window: [0m, 1m], value: { n: 1 } }
      - ledger: { minutes: { accepted: 3, results: 3 } }
`;
    const short = "      - wait: 60s\n".repeat(20).trimEnd();
    expect(await failuresOf(chained(short))).toEqual([]);
    const start = performance.now();
    expect(await failuresOf(chained("      - wait: 30d"))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("report what the engine refuses at the step that brought it about", async () => {
    const steps = `- wait: 1s
- send: s
  records: [{ key: k, value: a }]`;
    const text = measuring(steps).replace(
      "value: string }",
      "value: string, onError: fail, eventTime: 0 - 1 }",
    );
    expect(await failuresOf(text)).toMatchObject([
      { place: placeOf(text, "send: s"), message: expect.stringMatching(/^RECORD_REFUSED /) },
    ]);
  });
});

describe("records with windowed keys", () => {
  const windowed = (steps: string) => `topology: t
streams: { s: { key: { window: string, size: 1s }, value: string }, out: {} }
pipelines: { p: [{ source: s }, { map: { value: { text: value, at: window.start } } }, { sink: out }] }
tests:
  - name: one
    steps:
${steps.replaceAll(/^/gm, "      ")}
`;
  const send = "- send: s\n  records: [{ key: a, window: [2s, 3s], value: x }]\n";

  test("are sent and expected with their window", async () => {
    const expected =
      "- expect: { out: [{ key: a, window: [2s, 3s], value: { text: x, at: 2000 } }] }";
    expect(await failuresOf(windowed(send + expected))).toEqual([]);
    const failures = await failuresOf(windowed(send + expected.replace("[2s, 3s]", "[1s, 2s]")));
    expect(failures).toMatchObject([
      { differences: [{ field: "window", expected: [1000, 2000], actual: [2000, 3000] }] },
    ]);
  });
});
