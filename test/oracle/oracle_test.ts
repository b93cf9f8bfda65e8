import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { InputRecord, Topology, Value } from "./description.ts";
import { workOut } from "./oracle.ts";

const SOURCE = {
  name: "s0",
  partitions: 2,
  timed: false,
  partitionedByKey: false,
  idleMs: null,
};

const TOPOLOGY: Topology = {
  sources: [SOURCE],
  pipelines: [
    {
      name: "read",
      from: ["s0"],
      stages: [
        { kind: "filter", id: "odd", when: { modulus: 2, remainder: 0 } },
        { kind: "map", id: "divide", n: { op: "over", by: 12 } },
      ],
    },
    {
      name: "counted",
      from: ["read"],
      stages: [
        {
          kind: "reduce",
          id: "count",
          key: "tag",
          window: { kind: "hopping", sizeMs: 10, advanceMs: 5, offsetMs: 0, graceMs: 1 },
          fields: { n: { fn: "sum", of: "n" }, ids: { fn: "collect", of: "id" } },
          emit: "final",
          late: "late",
        },
        { kind: "sink", id: "write", stream: "out" },
      ],
    },
    {
      name: "again",
      from: ["counted"],
      stages: [
        {
          kind: "reduce",
          id: "all",
          key: "all",
          window: { kind: "same" },
          fields: { results: { fn: "count" }, n: { fn: "max", of: "n" } },
          emit: "final",
        },
        { kind: "sink", id: "write_all", stream: "all" },
      ],
    },
  ],
};

function record(
  partition: number,
  timestampMs: number,
  value: InputRecord["value"],
  key: string | null = "k",
): InputRecord {
  return { source: "s0", partition, timestampMs, key, value };
}

const value = (id: number, n: number, tag = "u"): Value => ({ id, n, tag, t: 0 });

test("works out windows, late records and the ledger by hand", () => {
  const outcome = workOut(TOPOLOGY, [
    record(0, 3, value(1, 3)),
    record(1, 4, value(2, 1, "v")),
    record(0, 4, value(3, 2)),
    record(0, -1, value(4, 1)),
    // Its time counts, though nothing else of it does: [0, 10) has closed for partition 0.
    record(0, 11, "poison"),
    record(0, 9, value(5, 5)),
    record(1, 2, value(6, 1)),
    record(1, 12, null),
  ]);
  const { sinks, late, dead, ledger } = outcome;
  const shown = (name: string) =>
    sinks.get(name)?.map(({ key, window, timeMs, value }) => [key, window?.startMs, timeMs, value]);
  expect(shown("out")).toEqual([
    ["u", 0, 9, { n: 4 + 12, ids: [6, 1] }],
    ["v", 0, 9, { n: 12, ids: [2] }],
    ["u", 5, 14, { n: 2, ids: [5] }],
  ]);
  expect(shown("all")).toEqual([
    ["all", 0, 9, { results: 2, n: 16 }],
    ["all", 5, 14, { results: 1, n: 2 }],
  ]);
  expect(late.get("late")).toMatchObject([
    { key: "u", value: { id: 5, n: 2 }, firstWindowMs: 0, lastWindowMs: 0, windows: 1, byMs: 0 },
  ]);
  expect(dead.toSorted()).toEqual(["s0 INVALID_TIME s0/0@2", "s0 UNDECODABLE s0/0@3"]);
  expect(ledger.get("read")).toEqual({ read: 8, invalid: 1, dead: 1, passed: 6 });
  expect(ledger.get("odd")).toMatchObject({ in: 6, nullDropped: 1, filtered: 1, passed: 4 });
  expect(ledger.get("count")).toMatchObject({
    in: 4,
    accepted: 4,
    lateAtSource: 1,
    results: 3,
    resultRecords: 4,
  });
});

test("takes a record that fails with all that it makes", () => {
  const emits = [{ loops: 1 }, { loops: 2, key: "quotient" as const }];
  const topology: Topology = {
    sources: [SOURCE],
    pipelines: [
      {
        name: "read",
        from: ["s0"],
        stages: [
          { kind: "flatMap", id: "many", emits },
          { kind: "sink", id: "write", stream: "out" },
        ],
      },
    ],
  };
  const { sinks, dead, ledger } = workOut(topology, [
    record(0, 1, value(1, 0)),
    record(0, 2, value(2, 5), null),
  ]);
  expect(dead).toEqual(["many DIVISION_BY_ZERO s0/0@0"]);
  expect(sinks.get("out")?.map(({ key, value }) => [key, value?.["n"]])).toEqual([
    [null, 5],
    ["2", 5],
    ["2", 6],
  ]);
  expect(ledger.get("many")).toMatchObject({ in: 2, dead: 1, passed: 1, emitted: 3 });
});

test("shares no code with what it judges", () => {
  for (const file of ["description", "windows", "calendar", "aggregates", "oracle"]) {
    const text = readFileSync(new URL(`./${file}.ts`, import.meta.url), "utf8");
    const imported = [...text.matchAll(/from "([^"]+)"/g)].map(([, path]) => path!);
    expect(imported.filter((path) => !/^\.\/[a-z]+\.ts$/.test(path))).toEqual([]);
  }
});
