import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENTRY_RECORDS, EntryTable, MemoryBudget } from "../../../runtime/state/mod.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();
const SLOT = 3;
const LAYOUT = {
  inputs: 1,
  firstAccumulator: SLOT,
  initial: Float64Array.of(0, -1, 7),
  objects: 0,
};

type Step = readonly ["fold" | "remove", string];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("fold" as const, "fold" as const, "remove" as const),
  fc.oneof(
    fc.integer({ min: 0, max: 60 }).map((n) => `key ${n}`),
    fc.string({ maxLength: 40 }),
  ),
);

function contents(table: EntryTable): Map<string, number> {
  return new Map(
    table.sorted().map((entry) => {
      const key = text.decode(table.keys.subarray(table.keyStart(entry), table.keyEnd(entry)));
      return [key, table.f64[entry + SLOT]!];
    }),
  );
}

describe("a table of entries", () => {
  it("holds what a Map holds, while entries come and go", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
        const table = new EntryTable(LAYOUT, new MemoryBudget());
        const expected = new Map<string, number>();
        for (const [what, key] of steps) {
          const bytes = utf8.encode(key);
          const name = text.decode(bytes);
          if (what === "fold") {
            const entry = table.find(bytes, 0, bytes.length);
            table.f64[entry + ENTRY_RECORDS]! += 1;
            table.f64[entry + SLOT]! += 1;
            expected.set(name, (expected.get(name) ?? 7) + 1);
          } else {
            const entry = table.seek(bytes, 0, bytes.length);
            expect(entry >= 0).toBe(expected.delete(name));
            if (entry >= 0) table.remove(entry);
          }
          expect(table.size).toBe(expected.size);
        }
        const actual = contents(table);
        expect(actual).toEqual(expected);
        const sorted = [...expected.keys()].sort((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        expect([...actual.keys()]).toEqual(sorted);
      }),
      { numRuns: 300 },
    );
  });

  it("does not grow while as many go as come", () => {
    const budget = new MemoryBudget();
    const table = new EntryTable(LAYOUT, budget);
    const keys = Array.from({ length: 20_000 }, (_, n) => utf8.encode(`a key of some length ${n}`));
    for (const key of keys.slice(0, 100)) table.find(key, 0, key.length);
    const usedBytes = budget.usedBytes;
    for (let n = 100; n < keys.length; n++) {
      table.remove(table.seek(keys[n - 100]!, 0, keys[n - 100]!.length));
      table.find(keys[n]!, 0, keys[n]!.length);
    }
    expect(table.size).toBe(100);
    expect(budget.usedBytes).toBeLessThanOrEqual(usedBytes * 2);
    table.release();
    expect(budget.usedBytes).toBe(0);
  });

  it("fills its budget but for what one more step of growth would take", () => {
    const limitBytes = 1024 * 1024;
    const budget = new MemoryBudget(limitBytes);
    const table = new EntryTable(LAYOUT, budget);
    const fill = () => {
      for (let n = 0; ; n++) {
        const key = utf8.encode(`key number ${n}`);
        const entry = table.find(key, 0, key.length);
        table.f64[entry + ENTRY_RECORDS]! += 1;
      }
    };
    // Old and new arrays together would not have fitted long before.
    expect(fill).toThrow(/budget is 1048576/);
    expect(budget.usedBytes).toBeGreaterThan(limitBytes * 0.8);
    expect(budget.usedBytes).toBeLessThanOrEqual(limitBytes);
    expect(budget.usedBytes).toBe(table.bytes);
    expect(contents(table).size).toBe(table.size);
  });

  it("grows at once to the size expected of it, once it holds many", () => {
    const filled = (keys: number, like?: EntryTable) => {
      const table = new EntryTable(LAYOUT, new MemoryBudget());
      if (like !== undefined) table.expectSizeOf(like);
      const arrays = new Set<Float64Array>();
      for (let n = 0; n < keys; n++) {
        const key = utf8.encode(`key number ${n}`);
        table.find(key, 0, key.length);
        arrays.add(table.f64);
      }
      return { table, arrays: arrays.size };
    };
    const first = filled(50_000);
    const second = filled(50_000, first.table);
    expect(second.arrays).toBeLessThan(first.arrays - 3);
    expect(second.table.bytes).toBeLessThan(first.table.bytes);
    expect(filled(50, first.table).table.bytes).toBe(filled(50).table.bytes);
  });
});
