/**
 * What the windowed operators of Kafka Streams share: one clock for all keys, and which records never
 * get to a window.
 *
 * @module
 */

import type { ReduceParams } from "../vectors.ts";
import { type Aggregation, aggregationOf } from "./aggregation.ts";
import {
  DROPPED,
  type Entry,
  type KeyedRecord,
  type Operator,
  type Processed,
} from "./operator.ts";
import type { Semantics } from "./semantics.ts";

/** A record that has a key. */
export type Given = KeyedRecord & { readonly key: string };

export abstract class WindowedOperator<P extends ReduceParams> implements Operator {
  abstract readonly isInclusive: boolean;
  protected readonly params: P;
  protected readonly semantics: Semantics;
  protected readonly aggregation: Aggregation;
  /** Highest timestamp of any record so far. */
  protected streamTimeMs = -1;
  /** Whether a record without a value does not even move the time. */
  protected readonly needsValue: boolean = false;

  constructor(params: P, semantics: Semantics) {
    this.params = params;
    this.semantics = semantics;
    this.aggregation = aggregationOf(params.reduce, semantics);
  }

  advance(ts: number): void {
    this.streamTimeMs = Math.max(this.streamTimeMs, ts);
  }

  process(record: KeyedRecord): Processed {
    const { key, value, ts } = record;
    if (key === null || (value === null && this.needsValue)) {
      if (this.semantics.droppedMoveTime) this.advance(ts);
      return DROPPED;
    }
    this.advance(ts);
    if (value === null && !this.semantics.takesNullValues) return DROPPED;
    return this.take({ key, value, ts });
  }

  abstract close(): readonly Entry[];

  protected abstract take(record: Given): Processed;
}
