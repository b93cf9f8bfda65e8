/**
 * Where Millrace differs from Kafka Streams on purpose. Each rule is one change to the semantics that
 * the model of Kafka Streams is given: what a case must give instead follows from it exactly.
 *
 * @module
 */

import { differencesOf, sameOutcome } from "./differences.ts";
import { predict } from "./kafka_streams/predict.ts";
import { compareText, KAFKA_STREAMS, type Semantics } from "./kafka_streams/semantics.ts";
import type { Outcome, TopologyVector } from "./vectors.ts";

export interface Rule {
  readonly name: string;
  readonly says: string;
  apply(semantics: Semantics): Semantics;
}

export const RULES: readonly Rule[] = [
  {
    name: "null-values-dropped",
    says: "a null value on a stream is dropped and counted; Kafka Streams takes it as a value",
    apply: (semantics) => ({ ...semantics, takesNullValues: false }),
  },
  {
    name: "time-of-the-source",
    says: "stream time is the source partition's: records that no window takes (no key, no words) move it too",
    apply: (semantics) => ({ ...semantics, droppedMoveTime: true }),
  },
  {
    name: "final-timestamp",
    says: "a final result is stamped with its window's last millisecond, not with its last record's",
    apply: (semantics) => ({
      ...semantics,
      finalTimestamp: ({ windowEnd }, isInclusive) => (isInclusive ? windowEnd : windowEnd - 1),
    }),
  },
  {
    name: "final-by-stream-time",
    says: "`final` goes by the time of the records, and once; suppress by the time of the updates it gets",
    apply: (semantics) => ({ ...semantics, buffersUpdates: false }),
  },
  {
    name: "final-order",
    says: "results that close together come by window end, then key; sessions of Kafka Streams by end, start, key",
    apply: (semantics) => ({
      ...semantics,
      compareFinals: (a, b) => a.windowEnd - b.windowEnd || compareText(a.keyHex, b.keyHex),
    }),
  },
  {
    name: "session-late-by-own-time",
    says: "a record is late for sessions by its own time and the grace; Kafka Streams adds the gap and the session it joins",
    apply: (semantics) => ({
      ...semantics,
      refusesSession: ({ ts, streamTimeMs, graceMs }) => ts + graceMs < streamTimeMs,
    }),
  },
  {
    name: "session-partials-joined",
    says: "merged sessions are partial results joined; Kafka Streams' merger starts from another initial value (the parentheses of trace)",
    apply: (semantics) => ({ ...semantics, nestsMerges: false }),
  },
  {
    name: "sliding-by-definition",
    says: "which sliding windows there are, and what counts in them, follows from the records, and one that none takes is late once; Kafka Streams' walk depends on what earlier records have made, and counts each window that refuses",
    apply: (semantics) => ({ ...semantics, walksSlidingWindows: false }),
  },
  {
    name: "sliding-written-once",
    says: "a record updates a sliding window once; Kafka Streams forwards one that is left of it and right of the record before twice",
    apply: (semantics) => ({ ...semantics, forwardsTwice: false }),
  },
  {
    name: "sliding-order",
    says: "the sliding windows that a record updates come by their starts; those of Kafka Streams in the order of its walk",
    apply: (semantics) => ({ ...semantics, walksInOrder: false }),
  },
];

export interface Expected extends Outcome {
  /** Names of the rules without which another outcome would be expected. */
  readonly rules: readonly string[];
  /** Set when the model does not give what the case says: then nothing follows from the rules. */
  readonly unmodelled?: string;
}

/** What Millrace must give. */
export function expectedOf(vector: TopologyVector): Expected {
  const { output, droppedAt } = vector;
  const [difference] = differencesOf(vector, predict(vector, KAFKA_STREAMS), 1);
  if (difference !== undefined) return { output, droppedAt, rules: [], unmodelled: difference };
  const expected = predict(vector, semanticsOf(RULES));
  const needed = RULES.filter((rule) => {
    const others = RULES.filter((other) => other !== rule);
    return !sameOutcome(predict(vector, semanticsOf(others)), expected);
  });
  // Rules that do the same to a case: none is missed alone, any of them would do.
  const rules =
    needed.length > 0 || sameOutcome(expected, vector)
      ? needed
      : RULES.filter((rule) => !sameOutcome(predict(vector, semanticsOf([rule])), vector));
  return { ...expected, rules: rules.map(({ name }) => name) };
}

function semanticsOf(rules: readonly Rule[]): Semantics {
  return rules.reduce((semantics, rule) => rule.apply(semantics), KAFKA_STREAMS);
}
