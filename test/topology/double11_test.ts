import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describePlan, type Plan, planTopology } from "../../topology/language/mod.ts";
import { USER_LOG } from "./language/_fixtures.ts";

const FILE = "topology/double11.yaml";
const TEXT = readFileSync(new URL("../../topology/double11.yaml", import.meta.url), "utf8");

function plan(): Plan {
  const asked: string[] = [];
  const files = {
    read(path: string) {
      asked.push(path);
      return JSON.stringify(USER_LOG);
    },
  };
  const { plan, diagnostics } = planTopology({ file: FILE, text: TEXT, files });
  expect(diagnostics).toEqual([]);
  expect(asked).toEqual(["../schemas/user_log.avsc"]);
  return plan!;
}

describe("the shipped definition", () => {
  test("is two subtopologies around a repartition topic", () => {
    expect(describePlan(plan())).toBe(`Topologies:
   Sub-topology: 0
    Source: user_log-source (topics: [user_log])
      --> shoppers_by_gender.1
    Processor: shoppers_by_gender.1 (stores: [])
      --> per_second-repartition
      <-- user_log-source
    Sink: per_second-repartition (topic: double11-per_second-repartition)
      <-- shoppers_by_gender.1

   Sub-topology: 1
    Source: per_second-repartition-source (topics: [double11-per_second-repartition])
      --> per_second
    Processor: per_second (stores: [per_second-store])
      --> per_second-late, shoppers_by_gender.3
      <-- per_second-repartition-source
    Sink: per_second-late (topic: late_shoppers)
      <-- per_second
    Sink: shoppers_by_gender.3 (topic: result)
      <-- per_second
`);
    expect(plan().subtopologies).toMatchObject([
      {
        name: "shoppers_by_gender",
        changelogTopic: "double11-shoppers_by_gender-changelog",
        stores: [],
        inputs: [
          {
            from: { kind: "stream", stream: "user_log" },
            nodes: [
              {
                kind: "emit",
                stage: "shoppers_by_gender.1",
                path: "pipelines.shoppers_by_gender[1]",
                onError: "deadLetter",
                emits: [
                  {
                    when: { op: "binary", operator: "in" },
                    key: {
                      kind: "expression",
                      expression: { op: "path", root: "value", path: ["gender"] },
                    },
                  },
                ],
                next: [{ kind: "repartition", stage: "per_second", value: "unchanged" }],
              },
            ],
          },
        ],
      },
      {
        name: "per_second",
        changelogTopic: "double11-per_second-changelog",
        stores: [
          {
            stage: "per_second",
            window: { kind: "hopping", sizeMs: 1000, advanceMs: 1000, graceMs: 0, offsetMs: 0 },
          },
        ],
        inputs: [
          {
            from: {
              kind: "repartition",
              topic: "double11-per_second-repartition",
              writers: [{ subtopology: "shoppers_by_gender", id: expect.any(Number), delayMs: 0 }],
              key: { kind: "string" },
              value: { kind: "avro", schema: { name: "double11.UserLog" } },
            },
            nodes: [
              {
                kind: "windowedReduce",
                stage: "per_second",
                store: "per_second",
                key: { kind: "string" },
                emit: "final",
                late: "late_shoppers",
                aggregators: [
                  { name: "people", aggregator: { name: "count" } },
                  { name: "buyers", aggregator: { name: "count", predicate: { op: "binary" } } },
                ],
                next: [{ kind: "sink", stream: "shoppers", value: "made", next: [] }],
              },
            ],
          },
        ],
      },
    ]);
  });

  test("writes shoppers to the topic result, keyed by gender and second", () => {
    const { streams } = plan();
    expect(Object.keys(streams)).toEqual(["user_log", "shoppers", "late_shoppers", "dead_letters"]);
    expect(streams["user_log"]).toMatchObject({
      topic: "user_log",
      written: false,
      idleMs: 2_000,
      create: { partitions: 4, retentionMs: null },
    });
    expect(streams["shoppers"]).toMatchObject({
      topic: "result",
      written: true,
      key: {
        format: { kind: "string" },
        window: { as: "binary", extent: { kind: "fixed", sizeMs: 1_000 } },
      },
      value: {
        kind: "avro",
        schema: {
          kind: "record",
          name: "double11.Shoppers",
          fields: [
            { name: "people", type: { kind: "long" } },
            { name: "buyers", type: { kind: "long" } },
          ],
        },
      },
    });
    expect(streams["late_shoppers"]).toMatchObject({
      written: true,
      key: { format: { kind: "string" } },
      value: { kind: "avro", schema: { name: "double11.UserLog" } },
    });
  });

  test("shows girls and boys, a second without any of them as zero", () => {
    const { title, charts, counters } = plan().dashboard;
    expect(title).toEqual({ zh: "男女生购物人数实时分析", en: "Shoppers by gender, live" });
    expect(charts).toMatchObject([
      {
        stream: "shoppers",
        y: { op: "path", root: "value", path: ["people"] },
        series: { op: "path", root: "key", path: [] },
        only: ["FEMALE", "MALE"],
        labels: { FEMALE: { zh: "女生购物人数" }, MALE: { en: "Boys" } },
        points: 20,
        missing: "zero",
        stepMs: 1_000,
      },
    ]);
    expect(counters).toMatchObject([{ stream: "shoppers", series: { root: "key" } }]);
  });

  test("brings its own test", () => {
    const [inline] = plan().tests;
    expect(inline?.partitions).toBe(1);
    expect(inline?.steps.map(({ kind }) => kind)).toEqual([
      "send",
      "expect",
      "wait",
      "expect",
      "ledger",
    ]);
    expect(inline?.steps[0]).toMatchObject({ kind: "send", stream: "user_log" });
    const [sent] = inline!.steps;
    expect(sent?.kind === "send" && sent.records.map(({ atMs }) => atMs)).toEqual([
      0, 400, 900, 1_500, 600,
    ]);
  });

  test("is the same in JSON", async () => {
    const { parse } = await import("yaml");
    const text = JSON.stringify(parse(TEXT), null, 2);
    const files = { read: () => JSON.stringify(USER_LOG) };
    const json = planTopology({ file: "double11.json", text, files });
    expect(json.diagnostics).toEqual([]);
    const withoutPlaces = (plan: Plan | undefined) =>
      JSON.stringify(plan, (name, value: unknown) => (name === "place" ? undefined : value));
    expect(withoutPlaces(json.plan)).toBe(withoutPlaces(plan()));
  });
});
