import { describe, expect, it } from "vitest";
import { decodeMarker, encodeMarker } from "../../../runtime/engine/marker.ts";
import { SourceClock } from "../../../runtime/engine/source_clock.ts";
import { UpstreamClocks, WatermarkMinimum } from "../../../runtime/engine/watermark.ts";

const claim = (task: number, watermarkMs: number, idle = false, end = false) => ({
  task,
  watermarkMs,
  idle,
  end,
});

function watermarkOf(clocks: UpstreamClocks, nowMs: number): number {
  const minimum = new WatermarkMinimum();
  clocks.accumulate(minimum, nowMs);
  return minimum.valueMs;
}

describe("the clock of a source partition", () => {
  it("shows stream time until it is caught up and silent, then ticks on", () => {
    const clock = new SourceClock(2000, 10_000);
    clock.streamTimeMs = 500;
    clock.read(10_000);
    expect([clock.idle, clock.timeMs]).toEqual([false, 500]);
    clock.caughtUp(11_999);
    expect([clock.idle, clock.timeMs]).toEqual([false, 500]);
    clock.caughtUp(12_000);
    expect([clock.idle, clock.timeMs]).toEqual([true, 500]);
    clock.caughtUp(12_700);
    expect([clock.idle, clock.timeMs]).toEqual([true, 1200]);
  });

  it("knows of no silence that a fetch has not shown, however long ago that was", () => {
    const clock = new SourceClock(2000, 0);
    clock.streamTimeMs = 500;
    clock.read(1000);
    // Asked for before the record was read, answered or looked at much later.
    clock.caughtUp(900);
    expect([clock.idle, clock.timeMs]).toEqual([false, 500]);
    clock.caughtUp(3500);
    expect(clock.timeMs).toBe(1000);
    clock.caughtUp(undefined);
    expect([clock.idle, clock.timeMs]).toEqual([false, 500]);
  });

  it("never ticks with idle: never, nor under lag", () => {
    const never = new SourceClock(null, 0);
    never.streamTimeMs = 5;
    never.caughtUp(1e9);
    expect(never.timeMs).toBe(5);
    const lagging = new SourceClock(0, 0);
    lagging.streamTimeMs = 5;
    lagging.caughtUp(undefined);
    expect(lagging.timeMs).toBe(5);
  });

  it("counts silence from the committed read, so that a restart does not postpone it", () => {
    const clock = new SourceClock(2000, 50_000, { streamTimeMs: 700, lastReadMs: 47_000 });
    clock.caughtUp(50_000);
    expect(clock.timeMs).toBe(1700);
  });
});

describe("the watermark behind a repartition topic", () => {
  it("is unknown until every upstream task was heard", () => {
    const clocks = new UpstreamClocks([7]);
    expect(watermarkOf(clocks, 0)).toBe(Number.NEGATIVE_INFINITY);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(0, 50)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(Number.NEGATIVE_INFINITY);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(1, 30)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(30);
  });

  it("is unknown until every writing subtopology was heard, and takes them all together", () => {
    const clocks = new UpstreamClocks([7, 8]);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 1, claims: [claim(0, 50)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(Number.NEGATIVE_INFINITY);
    clocks.hear({ wallMs: 0, writer: 9, tasks: 1, claims: [claim(0, 10)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(Number.NEGATIVE_INFINITY);
    clocks.hear({ wallMs: 0, writer: 8, tasks: 1, claims: [claim(0, 30)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(30);
    clocks.hear({ wallMs: 0, writer: 8, tasks: 1, claims: [claim(0, Infinity, false, true)] }, 0);
    expect([watermarkOf(clocks, 0), clocks.ended]).toEqual([50, false]);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 1, claims: [claim(0, Infinity, false, true)] }, 0);
    expect(clocks.ended).toBe(true);
  });

  it("counts the latest marker, also when it is lower", () => {
    const clocks = new UpstreamClocks([7]);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 1, claims: [claim(0, 50)] }, 0);
    clocks.hear({ wallMs: 1, writer: 7, tasks: 1, claims: [claim(0, 20)] }, 1);
    expect(watermarkOf(clocks, 1)).toBe(20);
  });

  it("leaves idle tasks out, and takes the highest when all are idle", () => {
    const clocks = new UpstreamClocks([7]);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(0, 10, true), claim(1, 50)] }, 0);
    expect(watermarkOf(clocks, 0)).toBe(50);
    clocks.hear({ wallMs: 1, writer: 7, tasks: 2, claims: [claim(1, 60, true)] }, 1);
    expect(watermarkOf(clocks, 1)).toBe(60);
  });

  it("does not believe an idle task whose claim is 3 s older than the newest marker", () => {
    const clocks = new UpstreamClocks([7]);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(0, 10, true)] }, 0);
    clocks.hear({ wallMs: 3000, writer: 7, tasks: 2, claims: [claim(1, 50)] }, 3000);
    expect(watermarkOf(clocks, 3000)).toBe(50);
    clocks.hear({ wallMs: 3001, writer: 7, tasks: 2, claims: [claim(1, 50)] }, 3001);
    expect(watermarkOf(clocks, 3001)).toBe(10);
  });

  it("believes nobody's idleness when nothing was heard for 3 s", () => {
    const clocks = new UpstreamClocks([7]);
    clocks.hear(
      { wallMs: 0, writer: 7, tasks: 2, claims: [claim(0, 10, true), claim(1, 90, true)] },
      0,
    );
    expect(watermarkOf(clocks, 3000)).toBe(90);
    expect(watermarkOf(clocks, 3001)).toBe(10);
  });

  it("has ended when every task has said so", () => {
    const clocks = new UpstreamClocks([7]);
    expect(clocks.ended).toBe(false);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(0, Infinity, false, true)] }, 0);
    expect(clocks.ended).toBe(false);
    clocks.hear({ wallMs: 0, writer: 7, tasks: 2, claims: [claim(1, Infinity, false, true)] }, 0);
    expect(clocks.ended).toBe(true);
  });
});

describe("a marker on the wire", () => {
  it("comes back as it was, minus infinity and the end included", () => {
    const marker = {
      wallMs: 1447171200123,
      writer: 2 ** 31 - 1,
      tasks: 4,
      claims: [claim(0, -Infinity, true), claim(3, Infinity, false, true), claim(1, 1447171200000)],
    };
    const bytes = encodeMarker(marker);
    expect(bytes.length).toBe(17 + 3 * 13);
    expect(decodeMarker(bytes, 0, bytes.length)).toEqual(marker);
  });

  it("is refused when cut or of another version", () => {
    const bytes = encodeMarker({ wallMs: 0, writer: 7, tasks: 1, claims: [claim(0, 0)] });
    expect(() => decodeMarker(bytes, 0, bytes.length - 1)).toThrow(/Cannot read watermark marker/);
    bytes[0] = 1;
    expect(() => decodeMarker(bytes, 0, bytes.length)).toThrow(/version 1/);
  });
});
