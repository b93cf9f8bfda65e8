/**
 * What an aggregator is. The algebra is the same for both kinds: `lift` makes an accumulator of one
 * record, `combine` joins two of them, associative and commutative, `inverse(combine(a, b), b) = a`
 * where there is one, `lower` makes the result. `fold` is `combine` with a lifted record, in place.
 *
 * Entries are folded into, one per key and window; `combine` and `inverse` are what it takes to share
 * panes between windows.
 *
 * Numbers are accumulated in slots of the entry by generated code; anything else is an object.
 *
 * @module
 */

import type { AvroType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { SourceOrder } from "./source_order.ts";

/** Source of the n-th slot of an accumulator, assignable: `f[e + 6]`. */
export type Slot = (n: number) => string;

/** An aggregator whose accumulator is a few numbers. */
export interface NumericAggregator {
  /** Starting value of each slot: the accumulator of no record. */
  readonly initial: readonly number[];
  /**
   * Statements that fold one record in; folded into the starting values it is `lift`.
   * @param argument local that holds the argument, already evaluated; "" when there is none
   */
  fold(slot: Slot, argument: string): string;
  /** Statements that add another accumulator's slots. */
  combine(slot: Slot, other: Slot): string;
  /** Statements that take them away again. */
  inverse?(slot: Slot, other: Slot): string;
  /**
   * Expression of the result. May throw through `library`.
   * @param records expression of the number of records folded in
   */
  lower(slot: Slot, library: string, records: string): string;
}

/** An aggregator whose accumulator is an object that changes in place. */
export interface ObjectAggregator<A extends AccumulatorObject = AccumulatorObject> {
  /**
   * @param x first argument
   * @param by second argument, where it takes two
   * @param order place of the record among all records; only valid during the call
   */
  lift(x: unknown, by: unknown, order: SourceOrder): A;
  /** Leaves `accumulator` as `combine(accumulator, lift(x, by, order))` would. */
  fold(accumulator: A, x: unknown, by: unknown, order: SourceOrder): void;
  /** Changes and returns `a`; nothing of `b` is shared afterwards. */
  combine(a: A, b: A): A;
  /**
   * Changes and returns `a`; undefined when what `combine` has made cannot be taken back, and `a` is of
   * no use then. Absent: it never can.
   */
  inverse?(a: A, b: A): A | undefined;
  /** The accumulator of many records takes about as much as that of one. */
  readonly ofOneSize?: boolean;
  /** Has the accumulator become null, which deletes its key? Absent: it never does. */
  isNull?(accumulator: A): boolean;
  /** @throws {MillraceError} AGGREGATE_LIMIT; what it returns is the caller's */
  lower(accumulator: A): unknown;
  /** What the changelog holds. */
  readonly schema: AvroType;
  /** A value of `schema`. */
  save(accumulator: A): unknown;
  /** @throws {RangeError} for a value that `save` never makes */
  load(saved: unknown): A;
}
