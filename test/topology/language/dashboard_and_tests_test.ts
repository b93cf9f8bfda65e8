import { describe, expect, test } from "vitest";
import { counting, FILE, planOf } from "./_fixtures.ts";

describe("the dashboard", () => {
  test("without one, every windowed sink has a chart", () => {
    expect(planOf(counting()).dashboard).toMatchObject({
      title: "t",
      charts: [
        {
          stream: "out",
          y: { op: "path", root: "value", path: ["n"] },
          series: { op: "path", root: "key", path: [] },
          points: 20,
          missing: "zero",
          as: "line",
          stepMs: 1_000,
          labels: {},
        },
      ],
      counters: [],
    });
  });

  test.each([
    ["a final count", {}, "value.n", "zero"],
    ["a running count", { emit: "updates" }, "value.n", "gap"],
    ["a final maximum", { value: "{ n: max(value.price) }" }, "value.n", "gap"],
    ["a final sum", { value: "{ n: sum(value.price) }" }, "value.n", "zero"],
    ["what is calculated of a count", {}, "value.n + 1", "gap"],
  ])("a missing point of %s is drawn as said", (_, fields, y, missing) => {
    const plan = planOf(counting(fields, `dashboard: { charts: [{ stream: out, y: ${y} }] }`));
    expect(plan.dashboard.charts[0]?.missing).toBe(missing);
  });
});

describe("a chart of windows that others have made", () => {
  const text = (dashboard: string) => `topology: t
streams:
  s: { key: { window: string, size: 1s }, value: long }
  out: {}
pipelines:
  p: [{ source: s }, { map: { value: { n: value } } }, { sink: out }]
${dashboard}`;

  test("is of what is written only, and has no distance of points that is known", () => {
    const { charts } = planOf(text("")).dashboard;
    expect(charts).toMatchObject([{ stream: "out", missing: "gap" }]);
    expect(charts[0]).not.toHaveProperty("stepMs");
  });

  test("sees their windows", () => {
    const chart = "dashboard: { charts: [{ stream: s, y: window.end - window.start }] }";
    expect(planOf(text(chart)).dashboard.charts).toMatchObject([
      { stream: "s", y: { op: "binary", operator: "-" } },
    ]);
  });
});

describe("tests in a definition", () => {
  test("have their times resolved and know their places", () => {
    const rest = `tests:
  - name: a sentence
    partitions: 4
    steps:
      - send: s
        records:
          - { at: 1500ms, partition: 2, key: a2V5, value: { user_id: 1, gender: MALE, action: BUY } }
          - { at: '2015-11-11T00:00:00+08:00', value: null }
      - wait: 3s
      - restart: crash
      - instances: 3
      - { instances: 1, leaving: crash }
      - expect: { out: [{ key: MALE, window: [1s, 2s], value: { n: 1 } }] }
      - ledger: { counted: { accepted: 1 }, s: { read: 2 }, p.1: { in: 2 } }
`;
    const [inline] = planOf(counting({}, rest)).tests;
    const at = (line: number, column: number) => ({ file: FILE, line, column });
    expect(JSON.parse(JSON.stringify(inline))).toEqual({
      name: "a sentence",
      place: at(16, 11),
      partitions: 4,
      steps: [
        {
          kind: "send",
          stream: "s",
          place: at(19, 9),
          records: [
            {
              atMs: 1_500,
              partition: 2,
              key: "a2V5",
              value: { user_id: 1, gender: "MALE", action: "BUY" },
            },
            { atMs: 1_447_171_200_000, value: null },
          ],
        },
        { kind: "wait", ms: 3_000, place: at(23, 9) },
        { kind: "restart", how: "crash", place: at(24, 9) },
        { kind: "instances", count: 3, leaving: "clean", place: at(25, 9) },
        { kind: "instances", count: 1, leaving: "crash", place: at(26, 9) },
        {
          kind: "expect",
          place: at(27, 9),
          streams: [
            {
              stream: "out",
              place: at(27, 19),
              records: [
                { key: "MALE", window: [1_000, 2_000], value: { n: 1 }, place: at(27, 25) },
              ],
            },
          ],
        },
        {
          kind: "ledger",
          place: at(28, 9),
          counts: [
            { of: "counted", count: "accepted", expected: 1, place: at(28, 30) },
            { of: "s", count: "read", expected: 2, place: at(28, 50) },
            { of: "p.1", count: "in", expected: 2, place: at(28, 68) },
          ],
        },
      ],
    });
  });
});
