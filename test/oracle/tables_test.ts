/**
 * Tables against a map: whatever the changes, the batches, commits, crashes and instances, what stands on
 * a compacted sink is what the rows as they are now make.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { MemorySnapshots, TestDriver } from "../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";
import { TornLog } from "../support/torn_log.ts";

const ITEM = {
  type: "record",
  name: "Item",
  fields: [
    { name: "owner", type: "string" },
    { name: "n", type: "long" },
    { name: "tags", type: { type: "array", items: "string" } },
  ],
};

interface Item {
  readonly owner: string;
  readonly n: number;
  readonly tags: readonly string[];
}

const TEXT = `topology: t
tables:
  items: { key: string, value: { avro: item.avsc } }
  more: { key: string, value: { avro: item.avsc } }
streams:
  by_owner: {}
  by_tag: {}
  newest: {}
  large: {}
  tagged: { key: string }
  owned: { key: string }
  divided: {}
pipelines:
  both:
    - source: [items, more]
    - filter: value.n != 3 && 12 / value.n < 100
  owners:
    - source: both
    - id: per_owner
      reduce:
        key: value.owner
        value:
          rows: count()
          sum: sum(value.n)
          large: count(value.n > 4)
          mean: avg(value.n)
          own: { lift: "value.n * 2", combine: a + b, inverse: a - b }
          times: sum(eventTime)
          offsets: sum(offset)
        emit: updates
    - sink: by_owner
  tags:
    - source: both
    - flatMap:
        for: { tag: value.tags }
        key: tag
        value: { of: key, n: value.n }
    - id: per_tag
      reduce:
        value: { n: sum(value.n), rows: count() }
        emit: { every: 200ms }
    - sink: by_tag
  tag_updates:
    - source: both
    - flatMap:
        for: { tag: value.tags }
        key: tag
    - id: tag_counts
      reduce:
        value: { rows: count() }
        emit: updates
    - sink: newest
  dividing:
    - source: both
    - id: per_quotient
      reduce:
        key: value.owner
        value: { sum: sum(12 / (value.n - 5)), rows: count() }
        emit: updates
    - sink: divided
  large_ones:
    - source: items
    - branch:
        - when: value.n > 4
          stages:
            - sink: large
        - stages:
            - map: { key: key + '/' + value.owner }
            - sink: owned
  tagging:
    - source: items
    - flatMap:
        for: { tag: value.tags }
        key: key + '/' + tag
        value: { n: value.n }
    - sink: tagged
`;

const plan = planned(TEXT);
const streams = ["by_owner", "by_tag", "newest", "divided", "large", "tagged", "owned"] as const;

function planned(text: string): Plan {
  const files = { read: () => JSON.stringify(ITEM) };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

interface Change {
  readonly table: "items" | "more";
  readonly key: string;
  readonly atMs: number;
  readonly item: Item | null;
}

type Step =
  | { readonly kind: "send"; readonly changes: readonly Change[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "commit" }
  /** The newest dies in a commit, with so much of its changelogs written, and the others with it. */
  | { readonly kind: "tear"; readonly kept: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" }
  | { readonly kind: "instances"; readonly count: number; readonly how: "clean" | "crash" };

const change: fc.Arbitrary<Change> = fc.record({
  table: fc.constantFrom("items", "items", "more"),
  key: fc.constantFrom("a", "b", "c", "d", "e"),
  atMs: fc.integer({ min: 0, max: 500 }),
  item: fc.option(
    fc.record({
      owner: fc.constantFrom("x", "y", "z"),
      n: fc.integer({ min: 0, max: 8 }),
      tags: fc.array(fc.constantFrom("p", "q", "r"), { maxLength: 3 }),
    }),
    { freq: 4 },
  ),
});

const how = fc.constantFrom("clean" as const, "crash" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      changes: fc.array(change, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(1500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const), how }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("tear" as const),
      kept: fc.constantFrom(0, 0.3, 0.6, 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("instances" as const),
      count: fc.integer({ min: 1, max: 3 }),
      how,
    }),
  },
);

interface Row extends Item {
  readonly key: string;
  readonly atMs: number;
  readonly offset: number;
}

/** What ought to stand on each sink: key → value, of the rows as they are. */
function expectedOf(rows: ReadonlyMap<string, Row>): Record<string, Record<string, unknown>> {
  const items = [...rows].filter(([name]) => name.startsWith("items/")).map(([, row]) => row);
  const both = [...rows.values()].filter(({ n }) => n !== 3 && n !== 0);
  const group = (
    of: readonly (readonly [string, Row])[],
  ): readonly (readonly [string, Row[]])[] => {
    const groups = new Map<string, Row[]>();
    for (const [key, row] of of) groups.set(key, [...(groups.get(key) ?? []), row]);
    return [...groups];
  };
  const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0);
  const byOwner = group(both.map((row) => [row.owner, row]));
  const byTag = group(both.flatMap((row) => row.tags.map((tag) => [tag, row] as const)));
  return {
    by_owner: Object.fromEntries(
      byOwner.map(([key, of]) => [
        key,
        {
          rows: of.length,
          sum: sum(of.map(({ n }) => n)),
          large: of.filter(({ n }) => n > 4).length,
          mean: sum(of.map(({ n }) => n)) / of.length,
          own: sum(of.map(({ n }) => n * 2)),
          times: sum(of.map(({ atMs }) => atMs)),
          offsets: sum(of.map(({ offset }) => offset)),
        },
      ]),
    ),
    by_tag: Object.fromEntries(
      byTag.map(([key, of]) => [key, { n: sum(of.map(({ n }) => n)), rows: of.length }]),
    ),
    divided: Object.fromEntries(
      group(both.filter(({ n }) => n !== 5).map((row) => [row.owner, row])).map(([key, of]) => [
        key,
        { sum: sum(of.map(({ n }) => Math.trunc(12 / (n - 5)))), rows: of.length },
      ]),
    ),
    newest: Object.fromEntries(byTag.map(([key, of]) => [key, { rows: of.length }])),
    large: Object.fromEntries(
      items.filter(({ n }) => n > 4).map(({ key, owner, n, tags }) => [key, { owner, n, tags }]),
    ),
    owned: Object.fromEntries(
      items
        .filter(({ n }) => n <= 4)
        .map(({ key, owner, n, tags }) => [`${key}/${owner}`, { owner, n, tags }]),
    ),
    tagged: Object.fromEntries(
      items.flatMap(({ key, n, tags }) => tags.map((tag) => [`${key}/${tag}`, { n }])),
    ),
  };
}

async function run(
  atomicCommits: boolean,
  partitions: number,
  hasSnapshots: boolean,
  steps: readonly Step[],
) {
  const logs: TornLog[] = [];
  const driver = await TestDriver.open({
    plan,
    partitions,
    commitIntervalMs: 1e9,
    ...(hasSnapshots && { snapshots: new MemorySnapshots(), snapshotIntervalMs: 200 }),
    createLog: (options) => {
      const log = new TornLog({ ...options, atomicCommits });
      logs.push(log);
      return log;
    },
  });
  try {
    const rows = new Map<string, Row>();
    const offsets = new Map<string, number>();
    const standing: Record<string, Record<string, unknown>> = {};
    for (const step of steps) {
      switch (step.kind) {
        case "send":
          for (const { table, key, atMs, item } of step.changes) {
            const partition = key.charCodeAt(0) % partitions;
            await driver.send(table, [{ key, atMs, value: item, partition }]);
            const place = `${table}/${partition}`;
            const offset = offsets.get(place) ?? 0;
            offsets.set(place, offset + 1);
            if (item === null) rows.delete(`${table}/${key}`);
            else rows.set(`${table}/${key}`, { ...item, key, atMs, offset });
          }
          break;
        case "wait":
          await driver.wait(step.ms);
          break;
        case "commit":
          for (const engine of driver.engines) await engine.commit();
          break;
        case "tear":
          logs.at(-1)!.kept = step.kept;
          // Where nothing has changed there is no commit to tear.
          await driver.engines
            .at(-1)!
            .commit()
            .catch((error) => expect(String(error)).toContain("torn"));
          await driver.restart("crash");
          break;
        case "restart":
          await driver.restart(step.how);
          break;
        case "instances":
          await driver.instances(step.count, step.how);
          break;
      }
    }
    // A member that stops cleanly publishes what the others then read.
    for (let n = 0; n < 3; n++) {
      await driver.wait(2000);
      for (const engine of driver.engines) await engine.commit();
    }
    await driver.wait(2000);
    for (const stream of streams) {
      const view: Record<string, unknown> = {};
      for (const { key, value } of await driver.written(stream)) {
        if (value === null) delete view[String(key)];
        else view[String(key)] = { ...(value as object) };
      }
      standing[stream] = view;
    }
    return { standing, expected: expectedOf(rows), ledger: driver.ledger(), rows };
  } finally {
    await driver.close();
  }
}

const RUNS = Number(process.env["MILLRACE_TABLE_RUNS"] ?? 150);
const SEED = Number(process.env["MILLRACE_SEED"] ?? 5);

test.each([true, false])(
  "what stands on the sinks is what the rows make: atomic commits %s",
  async (atomicCommits) => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { minLength: 1, maxLength: 14 }),
        async (hasSnapshots, partitions, steps) => {
          const { standing, expected, ledger } = await run(
            atomicCommits,
            partitions,
            hasSnapshots,
            steps,
          );
          expect(standing).toEqual(expected);
          for (const id of ["per_owner", "per_tag", "tag_counts"]) {
            const { accepted, takenBackRecords, dead } = ledger[id]!;
            const stands = Object.values(expected[TARGETS[id]!]!) as { rows: number }[];
            const rows = stands.reduce((sum, one) => sum + one.rows, 0);
            if (atomicCommits)
              expect([id, accepted! - takenBackRecords!, dead]).toEqual([id, rows, 0]);
          }
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true, verbose: 0 },
    );
  },
  300_000,
);

const TARGETS: Readonly<Record<string, string>> = {
  per_owner: "by_owner",
  per_tag: "by_tag",
  tag_counts: "newest",
};
