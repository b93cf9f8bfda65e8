import { describe, expect, test } from "vitest";
import { CLEAR_LINE, formatProgress, Progress } from "../../../runtime/cli/progress.ts";

describe("progress", () => {
  test.each([
    [12_000, 3, 0.25, "feeding  12,000 records  4,000/s  25 %  9 s left"],
    [1, 0.5, 0.001, "feeding  1 records  2/s  0 %  8 min 20 s left"],
    [9_000, 3_600, 0.5, "feeding  9,000 records  3/s  50 %  1 h 0 min left"],
    [10, 2, 1, "feeding  10 records  5/s  100 %  0 s left"],
    [10, 2, 1.5, "feeding  10 records  5/s  100 %  0 s left"],
    [10, 2, undefined, "feeding  10 records  5/s"],
    [0, 0, 0, "feeding  0 records"],
  ])("of %d records in %d s, share %s", (records, seconds, share, line) => {
    expect(formatProgress("feeding", records, seconds, share)).toBe(line);
  });

  function drawn(isTTY: boolean): string[] {
    const written: string[] = [];
    let nowMs = 0;
    const progress = new Progress({
      doing: "reading",
      terminal: { isTTY, write: (text) => written.push(text) },
      monotonic: () => nowMs,
    });
    for (nowMs = 50; nowMs <= 1_000; nowMs += 50) progress.update(nowMs, nowMs / 2_000);
    progress.end();
    return written;
  }

  test("is drawn over itself five times a second, and gone at the end", () => {
    const written = drawn(true);
    expect(written).toHaveLength(6);
    expect(written[4]).toBe(`${CLEAR_LINE}reading  1,000 records  1,000/s  50 %  1 s left`);
    expect(written[5]).toBe(CLEAR_LINE);
  });

  test("is not shown where stderr is no terminal", () => {
    expect(drawn(false)).toEqual([]);
  });
});
