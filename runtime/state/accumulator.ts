/**
 * Accumulators that are no numbers: lists, tables of counts, values of any type.
 *
 * @module
 */

/** Lives in an object slot of an entry and changes in place. */
export interface AccumulatorObject {
  /** What it takes, about; never less than its encoded form. Kept right by its owner. */
  readonly heapBytes: number;
}

/** Bytes of an accumulator in the changelog. */
export interface AccumulatorCodec {
  encode(accumulator: AccumulatorObject): Uint8Array;
  /** @throws {MillraceError} STATE_CORRUPT */
  decode(bytes: Uint8Array): AccumulatorObject;
}
