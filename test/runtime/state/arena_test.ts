import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Arena } from "../../../runtime/state/arena.ts";

const KIB = 1024;
const SLAB = 64 * KIB * KIB;

describe("an arena", () => {
  it("never gives the same byte to two", () => {
    const sizes = fc.integer({ min: 1, max: 3000 }).map((kib) => kib * KIB + 8);
    const steps = fc.array(fc.tuple(fc.boolean(), sizes, fc.nat()), { maxLength: 120 });
    fc.assert(
      fc.property(steps, (all) => {
        const arena = new Arena();
        const held: { array: Uint8Array<ArrayBuffer>; mark: number }[] = [];
        all.forEach(([takes, bytes, which], mark) => {
          if (takes || held.length === 0) {
            const array = arena.take(bytes);
            expect(array.length).toBe(bytes);
            expect(array.byteOffset % 8).toBe(0);
            // Both ends are enough: ranges that overlap share an end of one of them.
            array[0] = mark;
            array[bytes - 1] = mark;
            held.push({ array, mark });
          } else {
            const [given] = held.splice(which % held.length, 1);
            arena.give(given!.array);
          }
          for (const { array, mark: own } of held)
            expect([array[0], array.at(-1)]).toEqual([own, own]);
        });
        for (const { array } of held) arena.give(array);
        // All of it is one gap again: the largest array of all still has its place.
        arena.take(SLAB);
        expect(arena.bytes).toBeLessThanOrEqual(SLAB);
      }),
      { numRuns: 30 },
    );
  });

  it("uses again what was given back", () => {
    const arena = new Arena();
    const arrays = Array.from({ length: 3 }, () => arena.take(16 * KIB * KIB));
    arena.give(arrays[1]!);
    const again = arena.take(8 * KIB * KIB);
    expect(again.byteOffset).toBe(arrays[1]!.byteOffset);
    expect(arena.bytes).toBe(SLAB);
  });

  it("gives slabs back that nobody uses any more, but for the last one", () => {
    const arena = new Arena();
    const arrays = Array.from({ length: 3 }, () => arena.take(SLAB));
    expect(arena.bytes).toBe(3 * SLAB);
    for (const array of arrays) arena.give(array);
    expect(arena.bytes).toBe(SLAB);
  });

  it("leaves small arrays and those above a slab alone", () => {
    const arena = new Arena();
    for (const bytes of [100, SLAB + 1]) arena.give(arena.take(bytes));
    expect(arena.bytes).toBe(0);
  });
});
