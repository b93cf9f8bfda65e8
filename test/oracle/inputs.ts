/** Random input of a topology: records near the edges of its windows, where things go wrong. */

import fc from "fast-check";
import { calendarWindow } from "./calendar.ts";
import type { InputRecord, Topology, Window } from "./description.ts";

/** Chooses a partition of a source for a key, where the case leaves it no choice. */
export type PartitionOf = (key: string, partitions: number) => number;

type Drawn<T> = T extends fc.Arbitrary<infer D> ? D : never;

const LARGEST = Number.MAX_SAFE_INTEGER;

export const recordDraw = fc.record({
  /** Where it goes: a source, one of its partitions. */
  source: fc.nat({ max: 1 }),
  partition: fc.nat({ max: 2 }),
  kind: fc.oneof(
    { weight: 30, arbitrary: fc.constant("value" as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("null" as const, "poison" as const, "invalid" as const),
    },
  ),
  key: fc.constantFrom("a", "a", "b", "c", null),
  tag: fc.constantFrom("u", "v", "w"),
  n: fc.integer({ min: -3, max: 5 }),
  large: fc.boolean(),
  /** Its time: a moment of a window, so many windows from where the input has come to, and next to it. */
  window: fc.nat({ max: 3 }),
  moment: fc.constantFrom("start", "end", "close"),
  ahead: fc.constantFrom(-3, -2, -1, -1, 0, 0, 0, 0, 1, 1, 2),
  beside: fc.constantFrom(-1, 0, 0, 1),
  jump: fc.oneof(
    { weight: 40, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(100, 5000) },
  ),
});

/** Records move on by a window with this many. */
const RECORDS_PER_WINDOW = 5;

export function inputOf(
  { sources, pipelines }: Topology,
  large: boolean,
  draws: readonly Drawn<typeof recordDraw>[],
  partitionOf: PartitionOf,
): InputRecord[] {
  const windows = pipelines
    .flatMap(({ stages }) => stages)
    .flatMap((stage) => (stage.kind === "reduce" ? rasterOf(stage.window) : []));
  return draws.map((draw, id) => {
    const source = sources[draw.source % sources.length]!;
    const { sizeMs, advanceMs, offsetMs, graceMs } =
      windows[draw.window % windows.length] ?? ANY_WINDOW;
    const behindMs = { start: 0, end: sizeMs, close: sizeMs + graceMs }[draw.moment];
    const number = Math.floor(id / RECORDS_PER_WINDOW) + draw.ahead;
    const timeMs = Math.max(0, number * advanceMs + offsetMs + behindMs + draw.beside) + draw.jump;
    const at = draw.kind === "invalid" ? -1 : timeMs;
    const n = large && draw.large ? Math.sign(draw.n) * LARGEST : draw.n;
    const value = { id, n, tag: draw.tag, t: at };
    return {
      source: source.name,
      partition:
        source.partitionedByKey && draw.key !== null
          ? partitionOf(draw.key, source.partitions)
          : draw.partition % source.partitions,
      timestampMs: source.timed ? 0 : at,
      key: draw.key,
      value: draw.kind === "null" ? null : draw.kind === "poison" ? "poison" : value,
    };
  });
}

interface Raster {
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly offsetMs: number;
  readonly graceMs: number;
}

/** Where the edges of windows are, or may be. */
function rasterOf(window: Window | undefined): Raster[] {
  switch (window?.kind) {
    case "hopping":
      return [window];
    case "sliding":
      return [rasterAt(window.differenceMs, window.graceMs)];
    case "session":
      return [rasterAt(window.gapMs, window.graceMs)];
    case "calendar": {
      const { startMs, endMs } = calendarWindow(window, CALENDAR_FROM_MS);
      const sizeMs = endMs - startMs;
      return [{ sizeMs, advanceMs: sizeMs, offsetMs: endMs, graceMs: window.graceMs }];
    }
    default:
      return [];
  }
}

function rasterAt(sizeMs: number, graceMs: number): Raster {
  return { sizeMs, advanceMs: Math.max(1, sizeMs), offsetMs: 0, graceMs };
}

/** Inside the first hour, day, week or month in every zone. */
const CALENDAR_FROM_MS = 15 * 24 * 3_600_000;

const ANY_WINDOW: Raster = { sizeMs: 10, advanceMs: 10, offsetMs: 0, graceMs: 0 };
