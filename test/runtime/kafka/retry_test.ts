import { describe, expect, it } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { backoffMs, retry } from "../../../runtime/kafka/retry.ts";

function manualClock() {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    monotonic: () => nowMs,
    async sleep(ms: number): Promise<void> {
      slept.push(ms);
      nowMs += ms;
    },
  };
}
const transient = new MillraceError("BROKER_RETRIABLE", "Cannot yet");

describe("retrying", () => {
  it("waits longer each time, between half and all of the step, up to a second", () => {
    expect([1, 2, 3, 6, 50].map((n) => backoffMs(n, () => 0))).toEqual([25, 50, 100, 500, 500]);
    expect([1, 2, 3, 6, 50].map((n) => backoffMs(n, () => 1))).toEqual([50, 100, 200, 1000, 1000]);
  });

  it("repeats transient failures until one succeeds", async () => {
    const clock = manualClock();
    const result = await retry({ clock, timeoutMs: 10_000 }, async (count) => {
      if (count < 4) throw transient;
      return count;
    });
    expect(result).toBe(4);
    expect(clock.slept).toHaveLength(3);
  });

  it("throws the last failure when the time is up", async () => {
    const clock = manualClock();
    const failing = retry({ clock, timeoutMs: 1_000 }, async () => {
      throw transient;
    });
    await expect(failing).rejects.toBe(transient);
    expect(clock.monotonic()).toBeLessThanOrEqual(1_000);
  });

  it("does not repeat what waiting cannot help", async () => {
    const fenced = new MillraceError("FENCED", "Cannot any more");
    let attempts = 0;
    const failing = retry({ clock: manualClock(), timeoutMs: 1_000 }, async () => {
      attempts++;
      throw fenced;
    });
    await expect(failing).rejects.toBe(fenced);
    expect(attempts).toBe(1);
  });

  it("stops when aborted", async () => {
    const abort = new AbortController();
    const failing = retry(
      { clock: manualClock(), timeoutMs: 1e6, signal: abort.signal },
      async () => {
        abort.abort(new Error("enough"));
        throw transient;
      },
    );
    await expect(failing).rejects.toThrow("enough");
  });
});
