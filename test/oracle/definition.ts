/** A described topology as the definition that the engine's planner reads. */

import type {
  Aggregate,
  Change,
  Emit,
  Key,
  Predicate,
  Reduce,
  Source,
  Stage,
  Topology,
} from "./description.ts";

export const RAW_SCHEMA = {
  type: "record",
  name: "Raw",
  fields: [
    { name: "id", type: "long" },
    { name: "n", type: "long" },
    { name: "tag", type: "string" },
    { name: "t", type: "long" },
  ],
};

/** A definition, as the text of a file. */
export function definitionText({ sources, pipelines }: Topology): string {
  const stages = pipelines.flatMap((pipeline) => pipeline.stages);
  const written = stages.flatMap((stage) => {
    if (stage.kind === "sink") return [stage.stream];
    return stage.kind === "reduce" && stage.late !== undefined ? [stage.late] : [];
  });
  const definition = {
    topology: "random",
    streams: Object.fromEntries([
      ...sources.map((source) => [source.name, sourceOf(source)] as const),
      ...written.map((name) => [name, {}] as const),
    ]),
    pipelines: Object.fromEntries(
      pipelines.map(({ name, from, stages }) => [
        name,
        [{ source: from.length === 1 ? from[0] : from }, ...stages.map(stageOf)],
      ]),
    ),
  };
  // A document of one long line is slow to find places in.
  return JSON.stringify(definition, null, 1);
}

function sourceOf({ timed, partitionedByKey, idleMs }: Source) {
  return {
    key: "string",
    value: { avro: "raw.avsc" },
    idle: idleMs === null ? "never" : `${idleMs}ms`,
    maxFuture: "unlimited",
    ...(timed ? { eventTime: "value.t" } : {}),
    ...(partitionedByKey ? { partitionedBy: "key" } : {}),
  };
}

function stageOf(stage: Stage) {
  const { id } = stage;
  switch (stage.kind) {
    case "filter":
      return { id, filter: conditionOf(stage.when) };
    case "map": {
      const { key, n } = stage;
      return {
        id,
        map: {
          ...(key === undefined ? {} : { key: keyOf(key) }),
          ...(n === undefined ? {} : { set: { n: numberOf(n) } }),
        },
      };
    }
    case "narrow":
      return { id, map: { value: { id: "value.id", n: "value.n", tag: "value.tag" } } };
    case "flatMap":
      return { id, flatMap: stage.emits.map(emitOf) };
    case "sink":
      return { id, sink: stage.stream };
    case "reduce":
      return reduceOf(stage);
  }
}

function emitOf({ when, loops, key }: Emit) {
  return {
    for: { turn: `[${Array.from({ length: loops }, (_, turn) => turn).join(", ")}]` },
    ...(when === undefined ? {} : { when: conditionOf(when) }),
    ...(key === undefined ? {} : { key: keyOf(key) }),
    set: { n: "value.n + turn" },
  };
}

function reduceOf({ id, key, window, fields, emit, late }: Reduce) {
  const body = {
    ...(key === undefined ? {} : { key: keyOf(key) }),
    ...(window === undefined ? {} : { window: windowOf(window) }),
    value: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, aggregatorOf(field)]),
    ),
    emit: typeof emit === "object" ? { every: `${emit.everyMs}ms` } : emit,
    ...(late === undefined ? {} : { late }),
  };
  return { id, [window === undefined ? "reduce" : "windowedReduce"]: body };
}

function windowOf(window: NonNullable<Reduce["window"]>) {
  if (window.kind === "same") return "same";
  const grace = `${window.graceMs}ms`;
  if (window.kind === "sliding") return { sliding: `${window.differenceMs}ms`, grace };
  if (window.kind === "session") return { session: `${window.gapMs}ms`, grace };
  if (window.kind === "calendar") return { calendar: window.unit, zone: window.zone, grace };
  const { sizeMs, advanceMs, offsetMs } = window;
  return {
    ...(sizeMs === advanceMs
      ? { tumbling: `${sizeMs}ms` }
      : { hopping: `${sizeMs}ms`, every: `${advanceMs}ms` }),
    grace,
    ...(offsetMs === 0 ? {} : { offset: `${offsetMs}ms` }),
  };
}

function conditionOf({ modulus, remainder }: Predicate): string {
  return `value.n % ${modulus} != ${remainder}`;
}

function keyOf(key: Key): string {
  switch (key) {
    case "tag":
      return "value.tag";
    case "remainder":
      return "string(value.n % 3)";
    case "quotient":
      return "string(12 / value.n)";
    case "all":
      return "'all'";
  }
}

function numberOf({ op, by }: Change): string {
  return op === "plus" ? `value.n + ${by}` : `${by} / value.n`;
}

function aggregatorOf(aggregate: Aggregate): string | object {
  switch (aggregate.fn) {
    case "count":
      return "count()";
    case "countIf":
      return `count(${conditionOf(aggregate.when)})`;
    case "maxBy":
    case "minBy":
      return `${aggregate.fn}(value.${aggregate.of}, value.n)`;
    case "collect":
      return `collect(value.${aggregate.of}, 10000)`;
    case "largest":
      return `largest(value.${aggregate.of}, ${aggregate.limit})`;
    case "own":
      return {
        lift: { n: "value.n", one: "1" },
        combine: { n: "a.n + b.n", one: "a.one + b.one" },
        inverse: { n: "a.n - b.n", one: "a.one - b.one" },
        lower: "a.n + a.one",
      };
    case "sumOfQuotients":
      return "sum(12 / value.n)";
    default:
      return `${aggregate.fn}(value.${aggregate.of})`;
  }
}
