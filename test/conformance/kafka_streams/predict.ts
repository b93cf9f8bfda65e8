/**
 * What Kafka Streams gives for a case, and what it would give if some of its choices were others.
 *
 * With `KAFKA_STREAMS` the prediction is the case's own outcome; the runner holds the model to that for
 * every case before it believes it about another semantics.
 *
 * @module
 */

import type {
  InputRecord,
  Outcome,
  OutputRecord,
  ReduceParams,
  TopologyVector,
  WindowedVector,
} from "../vectors.ts";
import { aggregationOf } from "./aggregation.ts";
import { DefinedSlidingWindows } from "./defined_sliding_windows.ts";
import type { Entry, KeyedRecord, Operator } from "./operator.ts";
import { resultOf } from "./operator.ts";
import type { Semantics, WindowResult } from "./semantics.ts";
import { SessionWindows } from "./session_windows.ts";
import { SlidingWindows } from "./sliding_windows.ts";
import { Suppression } from "./suppress.ts";
import { TimeWindows } from "./time_windows.ts";

export function predict(vector: TopologyVector, semantics: Semantics): Outcome {
  switch (vector.kind) {
    case "stateless":
      return semantics.takesNullValues ? vector : withoutNullValues(vector);
    case "unwindowed":
      return predictUnwindowed(vector, semantics);
    default:
      return predictWindowed(vector, semantics);
  }
}

/** Stateless stages make no value null: what has one came with one. */
function withoutNullValues({ input, output }: TopologyVector): Outcome {
  return {
    output: output.filter(({ i }) => input[i]!.value !== null),
    droppedAt: input.flatMap(({ value }, i) => (value === null ? [i] : [])),
  };
}

function predictUnwindowed(
  { params, input }: Extract<TopologyVector, { kind: "unwindowed" }>,
  semantics: Semantics,
): Outcome {
  const { initial, add } = aggregationOf(params.reduce, semantics);
  const table = new Map<string, Pick<Entry, "aggregate" | "ts">>();
  const output: OutputRecord[] = [];
  const droppedAt: number[] = [];
  for (const [i, { key, value, ts }] of input.entries()) {
    if (key === null || value === null) {
      droppedAt.push(i);
      continue;
    }
    const before = table.get(key) ?? { aggregate: initial, ts };
    const now = { aggregate: add(before.aggregate, value), ts: Math.max(before.ts, ts) };
    if (now.aggregate === null) table.delete(key);
    else table.set(key, now);
    output.push({ i, key, value: now.aggregate, ts: now.ts });
  }
  return { output, droppedAt };
}

function predictWindowed(vector: WindowedVector, semantics: Semantics): Outcome {
  const { params } = vector;
  const operator = operatorOf(params, semantics);
  const emitter = emitterOf(params, operator, semantics);
  const output: OutputRecord[] = [];
  const droppedAt: number[] = [];
  for (const [i, input] of vector.input.entries()) {
    const records = vector.kind === "wordcount" ? wordsOf(input) : [input];
    const emitted: WindowResult[] = [];
    for (const record of records) {
      const { updates, drops } = operator.process(record);
      for (let n = 0; n < drops; n++) droppedAt.push(i);
      emitted.push(...emitter(updates));
    }
    if (records.length === 0) {
      if (semantics.droppedMoveTime) operator.advance(input.ts);
      if (input.value === null && !semantics.takesNullValues) droppedAt.push(i);
      emitted.push(...emitter([]));
    }
    output.push(...emitted.map((result) => ({ i, ...result })));
  }
  return { output, droppedAt };
}

function operatorOf(params: ReduceParams, semantics: Semantics): Operator {
  switch (params.windows) {
    case "session":
      return new SessionWindows(params, semantics);
    case "sliding":
      return semantics.walksSlidingWindows
        ? new SlidingWindows(params, semantics)
        : new DefinedSlidingWindows(params, semantics);
    default:
      return new TimeWindows(params, semantics);
  }
}

/** What goes out after each record, given its updates. */
type Emitter = (updates: readonly WindowResult[]) => readonly WindowResult[];

function emitterOf(params: ReduceParams, operator: Operator, semantics: Semantics): Emitter {
  if (params.emit === "update") return (updates) => updates;
  if (params.emit === "suppress" && semantics.buffersUpdates) {
    const gapMs = params.windows === "session" ? params.gapMs : 0;
    const suppression = new Suppression(params.graceMs + gapMs);
    return (updates) =>
      updates.flatMap((update) => suppression.process(update)).map((result) => stamped(result));
  }
  const kind = params.windows === "session" ? "session" : "time";
  return () =>
    operator
      .close()
      .map((entry) => {
        entry.emitted = true;
        return stamped(resultOf(kind, entry, entry.aggregate));
      })
      .sort(semantics.compareFinals);

  function stamped(result: WindowResult): WindowResult {
    return { ...result, ts: semantics.finalTimestamp(result, operator.isInclusive) };
  }
}

function wordsOf({ value, ts }: InputRecord): readonly KeyedRecord[] {
  return String(value ?? "")
    .toLowerCase()
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => ({ key: word, value: word, ts }));
}
