import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparePlans, parseSnapshot, snapshotPlan } from "../../../../topology/language/mod.ts";
import { counting, planOf } from "../_fixtures.ts";

const SNAPSHOT = snapshotPlan(planOf(counting()), new Map([["s", 4]]));

describe("a stored snapshot", () => {
  test("comes back as it was", () => {
    expect(parseSnapshot(JSON.stringify(SNAPSHOT))).toEqual(SNAPSHOT);
  });

  test("of another version, or of none, is not read", () => {
    const texts = ["", "null", "[]", "{}", '"x"', JSON.stringify({ ...SNAPSHOT, version: 99 })];
    for (const text of texts) expect(parseSnapshot(text)).toBeUndefined();
  });

  test("is read whole or not at all: what is read can be compared", () => {
    const places = pathsOf(SNAPSHOT);
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.constantFrom(null, "", 1.5, {}, [], [[]], undefined),
        (place, value) => {
          const changed = structuredClone(SNAPSHOT);
          const parent = place
            .slice(0, -1)
            .reduce<Tree>((at, name) => at[name] as Tree, changed as unknown as Tree);
          parent[place.at(-1)!] = value;
          const read = parseSnapshot(JSON.stringify(changed));
          if (read !== undefined) comparePlans(read, SNAPSHOT, new Set());
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("of a definition of 1,000 stages fits a record", () => {
    const filters = Array.from({ length: 490 }, (_, n) => `- filter: value.user_id > ${n}`);
    const plan = planOf(
      `topology: t
streams: { s: { value: { avro: user_log.avsc } }, a: {}, b: {} }
pipelines:
${["a", "b"].map((p) => `  p_${p}:\n    - source: s\n    ${filters.join("\n    ")}\n    - sink: ${p}`).join("\n")}`,
    );
    expect(JSON.stringify(snapshotPlan(plan)).length).toBeLessThan(500_000);
  });
});

type Tree = { [name: string]: unknown };

function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    [name],
    ...pathsOf(inner).map((path) => [name, ...path]),
  ]);
}
