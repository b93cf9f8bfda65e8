/**
 * Random topologies and their input. Everything is drawn independently and then made to fit, so that a
 * failing case shrinks part by part.
 */

import fc from "fast-check";
import { calendarWindow } from "./calendar.ts";
import type {
  Aggregate,
  InputRecord,
  Pipeline,
  Predicate,
  Reduce,
  Source,
  Stage,
  Topology,
  Window,
} from "./description.ts";

export interface Case {
  readonly topology: Topology;
  readonly input: readonly InputRecord[];
}

/** Chooses a partition of a source for a key, where the case leaves it no choice. */
export type PartitionOf = (key: string, partitions: number) => number;

export function cases(partitionOf: PartitionOf): fc.Arbitrary<Case> {
  return fc
    .record({
      topology: topologyDraw,
      records: fc.array(recordDraw, { maxLength: 60, size: "max" }),
    })
    .map(({ topology: draw, records }) => {
      const topology = topologyOf(draw);
      return { topology, input: inputOf(topology, draw.large, records, partitionOf) };
    });
}

type Drawn<T> = T extends fc.Arbitrary<infer D> ? D : never;

const LARGEST = Number.MAX_SAFE_INTEGER;
const KEYS = ["tag", "remainder", "quotient", "all"] as const;
/** Behind this many reduces no other follows. */
const MAX_DEPTH = 3;

const predicate: fc.Arbitrary<Predicate> = fc.record({
  modulus: fc.constantFrom(2, 3),
  remainder: fc.constantFrom(0, 1),
});
const key = fc.option(fc.constantFrom(...KEYS), { nil: undefined, freq: 2 });

const statelessDraw = fc.oneof(
  fc.record({ kind: fc.constant("filter" as const), when: predicate }),
  fc.record({
    kind: fc.constant("map" as const),
    key,
    n: fc.option(
      fc.record({
        op: fc.constantFrom("plus" as const, "over" as const),
        by: fc.constantFrom(1, 12),
      }),
      { nil: undefined },
    ),
  }),
  fc.record({
    kind: fc.constant("flatMap" as const),
    emits: fc.array(
      fc.record({
        when: fc.option(predicate, { nil: undefined }),
        loops: fc.constantFrom(1, 2),
        key,
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
);

const numeric = fc.constantFrom("id" as const, "n" as const);
const named = fc.constantFrom("id" as const, "tag" as const);

/** Of records in any order. */
const unordered: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.constant({ fn: "count" as const }),
  fc.record({ fn: fc.constant("countIf" as const), when: predicate }),
  fc.record({ fn: fc.constantFrom("sum", "min", "max", "avg", "distinct"), of: numeric }),
  fc.record({
    fn: fc.constant("largest" as const),
    of: fc.constant("n" as const),
    limit: fc.constantFrom(1, 3),
  }),
  fc.constantFrom({ fn: "own" as const }, { fn: "sumOfQuotients" as const }),
);
const ordered: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.record({ fn: fc.constantFrom("first", "last", "maxBy", "minBy"), of: named }),
  fc.record({ fn: fc.constant("collect" as const), of: fc.constant("id" as const) }),
);
const number: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.constant({ fn: "count" as const }),
  fc.record({ fn: fc.constantFrom("sum", "min", "max"), of: numeric }),
);

const windowDraw = fc.record({
  kind: fc.constantFrom(
    "hopping" as const,
    "hopping" as const,
    "hopping" as const,
    "same" as const,
    "none" as const,
    "sliding" as const,
    "session" as const,
  ),
  calendar: fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        unit: fc.constantFrom("hour" as const, "day" as const, "week" as const, "month" as const),
        zone: fc.constantFrom("UTC", "Asia/Kolkata", "America/New_York"),
      }),
    },
  ),
  sizeMs: fc.integer({ min: 1, max: 12 }),
  /** 0: as long as the window. */
  advanceMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 })),
  offsetMs: fc.oneof(fc.constant(0), fc.nat({ max: 11 })),
  graceMs: fc.constantFrom(0, 0, 1, 4, 15),
});

const levelDraw = fc.record({
  parent: fc.constantFrom(0, 0, 0, 1, 2, 3),
  before: fc.array(statelessDraw, { maxLength: 2 }),
  key,
  window: windowDraw,
  /** The same window as this earlier level, if there is one. */
  like: fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 1 }),
  id: number,
  n: number,
  tag: fc.record({
    fn: fc.constantFrom("first", "last", "maxBy", "minBy"),
    of: fc.constant("tag"),
  }),
  x: fc.oneof(unordered, ordered),
  emit: fc.constantFrom("final", "final", "final", "updates", "every"),
  late: fc.boolean(),
});
type LevelDraw = Drawn<typeof levelDraw>;

const topologyDraw = fc.record({
  sources: fc.array(
    fc.record({
      partitions: fc.constantFrom(1, 1, 2, 2, 3),
      timed: fc.boolean(),
      idleMs: fc.constantFrom(null, null, null, 40),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  backwards: fc.boolean(),
  partitionedByKey: fc.boolean(),
  /** Numbers near the largest one that is safe. */
  large: fc.constantFrom(false, false, false, true),
  before: fc.array(statelessDraw, { maxLength: 2 }),
  levels: fc.array(levelDraw, { minLength: 1, maxLength: 4 }),
  merge: fc.option(
    fc.record({
      pair: fc.nat({ max: 5 }),
      key,
      window: windowDraw,
      x: unordered,
    }),
    { nil: undefined, freq: 2 },
  ),
});
type TopologyDraw = Drawn<typeof topologyDraw>;

interface Level {
  readonly name: string;
  readonly depth: number;
  /** Of its reduce; none for the source. */
  readonly reduce: Reduce | undefined;
  /** Whose results it has, where they are final. */
  readonly window: Window | undefined;
}

function topologyOf(draw: TopologyDraw): Topology {
  const idle = draw.sources.some(({ idleMs }) => idleMs !== null);
  const sources = draw.sources.map(
    ({ partitions, timed, idleMs }, n): Source => ({
      name: `s${n}`,
      partitions,
      timed,
      partitionedByKey: draw.partitionedByKey,
      idleMs: idle ? (idleMs ?? 40) : null,
    }),
  );
  const ids = new Ids();
  const from = sources.map(({ name }) => name);
  const read: Pipeline = {
    name: "read",
    from: draw.backwards ? from.toReversed() : from,
    stages: [
      { kind: "filter", id: ids.next(), when: { modulus: 7, remainder: 6 } },
      ...draw.before.map((stage) => statelessOf(stage, ids)),
    ],
  };
  const levels: Level[] = [{ name: "read", depth: 0, reduce: undefined, window: undefined }];
  const pipelines: Pipeline[] = [read];
  for (const level of draw.levels) {
    const parents = levels.filter(
      ({ depth, reduce }) =>
        depth < MAX_DEPTH &&
        (reduce === undefined ||
          reduce.emit === "final" ||
          // What is made of updates depends on their order, which only one partition has.
          (reduce.emit === "updates" &&
            isSingle(sources) &&
            reduce.window?.kind !== "session" &&
            reduce.window?.kind !== "sliding")),
    );
    // The last one first: chains rather than bushes.
    const parent = parents.at(-1 - (level.parent % parents.length))!;
    const like = level.like === undefined ? undefined : levels[level.like]?.window;
    const reduce = reduceOf(level, parent, like, draw.large, ids);
    const name = `p${pipelines.length}`;
    pipelines.push({
      name,
      from: [parent.name],
      stages: [
        ...level.before.map((stage) => statelessOf(stage, ids)),
        reduce,
        { kind: "sink", id: ids.next(), stream: `out_${name}` },
      ],
    });
    const window = reduce.window?.kind === "same" ? parent.window : reduce.window;
    levels.push({
      name,
      depth: parent.depth + 1,
      reduce,
      window: reduce.emit === "final" ? window : undefined,
    });
  }
  return { sources, pipelines: [...pipelines, ...mergeOf(draw, levels, ids)] };
}

function isSingle([first, ...others]: readonly Source[]): boolean {
  return others.length === 0 && first!.partitions === 1;
}

/** Results of two stages, which may stand one behind the other, in the windows of a third. */
function mergeOf({ merge, large }: TopologyDraw, levels: readonly Level[], ids: Ids): Pipeline[] {
  if (merge === undefined) return [];
  const pairs = levels.flatMap((left, n) =>
    levels.slice(n + 1).flatMap((right) => {
      const alike = left.window !== undefined && sameWindow(left.window, right.window);
      return alike ? [[left, right] as const] : [];
    }),
  );
  if (pairs.length === 0) return [];
  const sides = pairs[merge.pair % pairs.length]!.map(
    ({ name }, side): Pipeline => ({
      name: ["left", "right"][side]!,
      from: [name],
      stages: [{ kind: "narrow", id: ids.next() }],
    }),
  );
  const window = windowOf({ ...merge.window, kind: "hopping" }, undefined);
  const fields = { n: { fn: "count" as const }, x: large ? exact(merge.x) : merge.x };
  return [
    ...sides,
    {
      name: "merged",
      from: ["left", "right"],
      stages: [
        { kind: "reduce", id: ids.next(), key: merge.key, window, fields, emit: "final" },
        { kind: "sink", id: ids.next(), stream: "out_merged" },
      ],
    },
  ];
}

function reduceOf(
  draw: LevelDraw,
  { reduce: parent }: Level,
  like: Window | undefined,
  large: boolean,
  ids: Ids,
): Reduce {
  const id = ids.next();
  const window =
    draw.window.kind === "same"
      ? windowOf(draw.window, parent)
      : (like ?? windowOf(draw.window, parent));
  const every = { everyMs: 30 };
  const running = draw.emit === "every" ? every : "updates";
  // A running result can be too large for a while, and who sees it then is chance.
  const emit = large || (draw.emit === "final" && window !== undefined) ? "final" : running;
  const { id: first, n, tag } = draw;
  return {
    kind: "reduce",
    id,
    key: draw.key,
    window:
      emit === "final"
        ? (window ?? windowOf({ ...draw.window, kind: "hopping" }, undefined))
        : window,
    fields: { id: first, n, tag: tag as Aggregate, x: large ? exact(draw.x) : draw.x },
    emit,
    late: draw.late && window !== undefined && parent?.emit !== "final" ? `late_${id}` : undefined,
  };
}

function windowOf(draw: Drawn<typeof windowDraw>, parent: Reduce | undefined): Window | undefined {
  const { kind, sizeMs, graceMs, calendar } = draw;
  if (kind === "none") return undefined;
  if (kind === "same" && parent?.emit === "final") return { kind: "same" };
  if (calendar !== undefined) return { kind: "calendar", ...calendar, graceMs };
  if (kind === "sliding") return { kind, differenceMs: sizeMs - 1, graceMs };
  if (kind === "session") return { kind, gapMs: sizeMs - 1, graceMs };
  const advanceMs = draw.advanceMs === 0 ? sizeMs : Math.min(sizeMs, draw.advanceMs);
  return { kind: "hopping", sizeMs, advanceMs, offsetMs: draw.offsetMs % advanceMs, graceMs };
}

function sameWindow(left: Window, right: Window | undefined): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** What adds up large numbers fails only as `sum` does. */
function exact(aggregate: Aggregate): Aggregate {
  return aggregate.fn === "own" || aggregate.fn === "avg" ? { fn: "sum", of: "n" } : aggregate;
}

function statelessOf(draw: Drawn<typeof statelessDraw>, ids: Ids): Stage {
  const id = ids.next();
  // A map has to make something.
  if (draw.kind === "map" && draw.key === undefined && draw.n === undefined) {
    return { kind: "map", id, key: "tag" };
  }
  return { ...draw, id };
}

class Ids {
  #count = 0;

  next(): string {
    return `x${this.#count++}`;
  }
}

const recordDraw = fc.record({
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

function inputOf(
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
