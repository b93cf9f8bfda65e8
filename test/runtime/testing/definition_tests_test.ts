import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runDefinitionTest, type TestFailure } from "../../../runtime/testing/mod.ts";
import { type Plan, planTopology, type TestStep } from "../../../topology/language/mod.ts";

const root = new URL("../../../", import.meta.url);
const DOUBLE11 = readFileSync(new URL("topology/double11.yaml", root), "utf8");
const SCHEMA = readFileSync(new URL("schemas/user_log.avsc", root), "utf8");

function planned(text: string): Plan {
  const file = "topology/double11.yaml";
  const { plan, diagnostics } = planTopology({ file, text, files: { read: () => SCHEMA } });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

/** What the only test of a definition says. */
async function failuresOf(text: string): Promise<TestFailure[]> {
  const plan = planned(text);
  expect(plan.tests).toHaveLength(1);
  return runDefinitionTest(plan, plan.tests[0]!);
}

function replaced(from: string, to: string): string {
  expect(DOUBLE11).toContain(from);
  return DOUBLE11.replace(from, to);
}

const lineOf = (text: string): number =>
  DOUBLE11.slice(0, DOUBLE11.indexOf(text)).split("\n").length;

describe("the shipped definition's own test", () => {
  test("holds", async () => {
    expect(await failuresOf(DOUBLE11)).toEqual([]);
  });

  test("says what was expected, what was written and on which line, where a value is wrong", async () => {
    const [failure, ...more] = await failuresOf(
      replaced("value: { people: 2, buyers: 1 }", "value: { people: 3, buyers: 1 }"),
    );
    expect(more).toEqual([]);
    expect(failure).toMatchObject({
      test: "two girls and a boy in one second, one late",
      line: lineOf("- expect:"),
    });
    expect(failure!.message).toBe(
      `shoppers: expected {"key":"FEMALE","window":[0,1000],"value":{"people":3,"buyers":1}}
  written: {"key":"FEMALE","window":[0,1000],"value":{"people":2,"buyers":1}}
           {"key":"MALE","window":[0,1000],"value":{"people":1,"buyers":1}}`,
    );
  });

  test.each([
    [
      "a wrong key",
      "{ key: MALE, window: [0s, 1s]",
      "{ key: UNKNOWN, window: [0s, 1s]",
      "shoppers: expected",
    ],
    [
      "a wrong window",
      "{ key: MALE, window: [0s, 1s]",
      "{ key: MALE, window: [0s, 2s]",
      "shoppers: expected",
    ],
    [
      "a late record that is not",
      "value: { user_id: 5, gender: MALE",
      "value: { user_id: 6, gender: MALE",
      "late_shoppers: expected",
    ],
    ["a time that passes too slowly", "wait: 3s", "wait: 1s", "written: nothing"],
    [
      "a wrong count",
      "accepted: 4",
      "accepted: 5",
      "ledger of per_second: expected accepted 5, got 4",
    ],
  ])("fails on %s", async (_, from, to, message) => {
    const failures = await failuresOf(replaced(from, to));
    expect(failures).toHaveLength(1);
    expect(failures[0]!.message).toContain(message);
  });

  test("fails on a result that nobody expected", async () => {
    const line = "            - { key: MALE, window: [0s, 1s], value: { people: 1, buyers: 1 } }\n";
    const [failure] = await failuresOf(replaced(line, ""));
    expect(failure!.message).toBe(
      'shoppers: not expected: {"key":"MALE","window":[0,1000],"value":{"people":1,"buyers":1}}',
    );
  });

  test.each([["clean"], ["crash"]])("holds with a %s restart after every step", async (how) => {
    const plan = planned(DOUBLE11);
    const own = plan.tests[0]!;
    const steps = own.steps.flatMap((step): TestStep[] =>
      step.kind === "send" || step.kind === "wait"
        ? [step, { kind: "restart", how: how as "clean" | "crash", line: step.line }]
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
  const definition = (steps: string) => `topology: t
streams: { s: { key: string, value: string }, out: {} }
pipelines: { p: [{ source: s }, { map: { value: { text: value, n: size(value) } } }, { sink: out }] }
tests:
  - name: one
    steps:
${steps.replaceAll(/^/gm, "      ")}
`;
  const SEND =
    "- send: s\n  records: [{ at: 0s, key: k, value: a }, { at: 1s, key: k, value: bb }]";

  test("match each expected record to one that was written, whatever the order", async () => {
    // The first expectation covers both records, the second only one of them.
    const steps = `${SEND}\n- expect: { out: [{ key: k }, { value: { text: a } }] }`;
    expect(await failuresOf(definition(steps))).toEqual([]);
    const twice = `${SEND}\n- expect: { out: [{ value: { n: 1 } }, { value: { text: a } }] }`;
    expect(await failuresOf(definition(twice))).toHaveLength(1);
  });

  test("expect looks only at what was written since the last one, contain leaves the rest", async () => {
    const steps = `${SEND}
- contain: { out: [{ value: { text: bb, n: 2 } }] }
- expect: { out: [] }
${SEND}
- expect: { out: [{ value: { text: a } }, { value: { text: bb } }] }`;
    expect(await failuresOf(definition(steps))).toEqual([]);
  });

  test("compare headers and sources' counts by the stream's name", async () => {
    const steps = `- send: s
  records: [{ at: 0s, key: k, value: a, headers: { h: x } }]
- expect: { out: [{ headers: { h: x } }] }
- ledger: { s: { read: 1, passed: 1 } }`;
    expect(await failuresOf(definition(steps))).toEqual([]);
    expect(
      await failuresOf(
        definition(
          steps.replace("expect: { out: [{ headers: { h: x", "expect: { out: [{ headers: { h: y"),
        ),
      ),
    ).toHaveLength(1);
    expect(await failuresOf(definition(steps.replace("read: 1", "read: 2")))).toMatchObject([
      { message: "ledger of s: expected read 2, got 1" },
    ]);
  });
});
