import fc from "fast-check";
import { expect, test } from "vitest";
import { DueQueue } from "../../../runtime/engine/due_queue.ts";
import { MemoryBudget } from "../../../runtime/state/mod.ts";

test("entries come out by their times, whenever they went in, and the bytes are given back", () => {
  const operation = fc.option(fc.integer({ min: -1000, max: 1000 }), {
    nil: "pop" as const,
    freq: 3,
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400, size: "max" }), (operations) => {
      const budget = new MemoryBudget();
      const queue = new DueQueue(budget);
      const times = new Map<number, number>();
      operations.forEach((timeMs, entry) => {
        if (timeMs !== "pop") {
          queue.push(timeMs, entry);
          times.set(entry, timeMs);
        } else if (times.size > 0) {
          const least = Math.min(...times.values());
          expect(queue.nextMs).toBe(least);
          const popped = queue.pop();
          expect(times.get(popped)).toBe(least);
          times.delete(popped);
        }
      });
      if (times.size === 0) expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
      expect(budget.usedBytes).toBeGreaterThan(0);
      queue.release();
      expect(budget.usedBytes).toBe(0);
    }),
  );
});
