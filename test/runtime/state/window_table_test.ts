import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { ENTRY_RECORDS, MemoryBudget, WindowTable } from "../../../runtime/state/mod.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();
const K = { startMs: 0, boundMs: 1000, key: utf8.encode("k") };

function table(budget = new MemoryBudget(), inputs = 1) {
  return new WindowTable({ inputs, keepsMaxTime: true, accumulators: [0, 7], budget });
}

function fold(target: WindowTable, start: number, key: string, offset: number, input = 0): boolean {
  const bytes = utf8.encode(key);
  const pane = target.pane(start, start + 1000);
  const entry = pane.find(bytes, 0, bytes.length);
  if (pane.covers(entry, input, offset)) return false;
  pane.f64[entry + ENTRY_RECORDS]! += 1;
  pane.f64[entry + target.maxTime!] = start;
  pane.f64[entry + target.firstAccumulator]! += 1;
  return true;
}

function keysOf(target: WindowTable, start: number): string[] {
  const pane = target.pane(start, start + 1000);
  return pane
    .sorted()
    .map((entry) => text.decode(pane.keys.subarray(pane.keyStart(entry), pane.keyEnd(entry))));
}

describe("a window table", () => {
  it("counts like a Map, whatever the keys and however much it grows", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 12 })), {
          maxLength: 600,
        }),
        (records) => {
          const state = table();
          const expected = new Map<string, number>();
          records.forEach(([window, key], offset) => {
            fold(state, window * 1000, key, offset);
            const name = `${window}/${text.decode(utf8.encode(key))}`;
            expected.set(name, (expected.get(name) ?? 0) + 1);
          });
          const actual = new Map<string, number>();
          for (const pane of state.open()) {
            for (const entry of pane.sorted()) {
              const key = text.decode(pane.keys.subarray(pane.keyStart(entry), pane.keyEnd(entry)));
              actual.set(
                `${pane.startMs / 1000}/${key}`,
                pane.f64[entry + state.firstAccumulator]!,
              );
              expect(pane.f64[entry + state.firstAccumulator + 1]).toBe(7);
            }
          }
          expect(actual).toEqual(expected);
        },
      ),
    );
  });

  it("gives entries in order of their key bytes, a prefix before what it begins", () => {
    const state = table();
    for (const key of ["b", "", "ab", "a", "é", "abc", "Z"]) fold(state, 0, key, 0);
    expect(keysOf(state, 0)).toEqual(["", "Z", "a", "ab", "abc", "b", "é"]);
  });

  it("takes a restored entry's records only once, but both emits of a new one", () => {
    const before = table();
    fold(before, 0, "k", 4);
    const pane = before.pane(0, 1000);
    const image = before.image(pane, pane.find(utf8.encode("k"), 0, 1));
    const after = table();
    expect(after.restore(K, image)).toBe(true);
    expect(fold(after, 0, "k", 3)).toBe(false);
    expect(fold(after, 0, "k", 4)).toBe(false);
    expect(fold(after, 0, "k", 5)).toBe(true);
    expect(fold(after, 0, "k", 5)).toBe(true);
  });

  it("keeps the inputs of a restored entry apart", () => {
    const after = table(new MemoryBudget(), 2);
    after.restore(K, {
      records: 2,
      maxTimeMs: 0,
      offsets: [4, 9],
      accumulators: [2, 0],
    });
    expect(fold(after, 0, "k", 5, 0)).toBe(true);
    expect(fold(after, 0, "k", 9, 1)).toBe(false);
    expect(fold(after, 0, "k", 10, 1)).toBe(true);
  });

  it("refuses an image of another shape", () => {
    const image = { records: 1, maxTimeMs: 0, offsets: [1], accumulators: [1] };
    expect(table().restore(K, image)).toBe(false);
  });

  it("forgets an entry that the changelog deletes", () => {
    const state = table();
    fold(state, 0, "k", 1);
    fold(state, 0, "l", 2);
    state.restore(K, undefined);
    expect(keysOf(state, 0)).toEqual(["l"]);
  });

  it("lists each changed entry once between two drains", () => {
    const state = table();
    fold(state, 0, "a", 1);
    fold(state, 0, "a", 2);
    fold(state, 1000, "b", 3);
    const drained = () => {
      const names: string[] = [];
      state.drainDirty((pane, entry) => {
        names.push(
          `${pane.startMs}/${text.decode(pane.keys.subarray(pane.keyStart(entry), pane.keyEnd(entry)))}`,
        );
        return false;
      });
      return names;
    };
    expect(drained()).toEqual(["0/a", "1000/b"]);
    expect(drained()).toEqual([]);
    fold(state, 0, "a", 4);
    expect(drained()).toEqual(["0/a"]);
  });

  it("pauses where the visitor says so, and goes on behind it", () => {
    const state = table();
    fold(state, 0, "a", 1);
    fold(state, 0, "b", 2);
    fold(state, 1000, "c", 3);
    const visited: string[] = [];
    const turn = () =>
      state.drainDirty((pane, entry) => {
        visited.push(text.decode(pane.keys.subarray(pane.keyStart(entry), pane.keyEnd(entry))));
        return true;
      });
    expect([turn(), turn(), turn(), turn()]).toEqual([false, false, false, true]);
    expect(visited).toEqual(["a", "b", "c"]);
  });

  it("stops at its byte budget with a code, and gives the bytes back", () => {
    const budget = new MemoryBudget(64 * 1024);
    const state = table(budget);
    const fill = () => {
      for (let n = 0; n < 10_000; n++) fold(state, 0, `key number ${n}`, n);
    };
    expect(fill).toThrow(MillraceError);
    expect(fill).toThrow(/budget is 65536/);
    expect(budget.usedBytes).toBeLessThanOrEqual(budget.limitBytes);
    state.release();
    expect(budget.usedBytes).toBe(0);
  });
});
