/**
 * An object slot of the entries of one window stage: generated code folds and lowers through it.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { ByteSink, createFormat } from "../../serde/mod.ts";
import type { AccumulatorCodec, AccumulatorObject, EntryTable } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import type { SourceOrder } from "./source_order.ts";
import { storedBytesOf } from "./value_type.ts";

export class ObjectSlot {
  readonly codec: AccumulatorCodec;
  readonly #aggregator: ObjectAggregator;
  /** Which of an entry's objects it is. */
  readonly #number: number;
  readonly #limitBytes: number;
  readonly #measures: readonly ((value: unknown) => number)[];

  /**
   * @param types of the arguments
   * @param limitBytes what the accumulator may take in the changelog
   */
  constructor(
    aggregator: ObjectAggregator,
    number: number,
    types: readonly ExpressionType[],
    limitBytes: number,
  ) {
    this.#aggregator = aggregator;
    this.#number = number;
    this.#limitBytes = limitBytes;
    this.#measures = types.map(storedBytesOf);
    this.codec = createCodec(aggregator);
  }

  /**
   * Looks at a record's arguments before anything is folded in.
   * @throws {MillraceError} RECORD_TOO_LARGE, UNENCODABLE for what no accumulator takes
   */
  check(x: unknown, by: unknown): void {
    const [first, second] = this.#measures;
    const bytes = first!(x) + (second === undefined ? 0 : second(by));
    if (bytes <= this.#limitBytes / 2) return;
    throw new MillraceError(
      "RECORD_TOO_LARGE",
      `Cannot aggregate a value of about ${bytes} bytes: the limit is ${this.#limitBytes / 2}`,
    );
  }

  fold(entries: EntryTable, entry: number, x: unknown, by: unknown, order: SourceOrder): void {
    const place = entries.objectsAt(entry) + this.#number;
    const accumulator = entries.objects[place];
    if (accumulator === undefined) {
      entries.keep(place, this.#aggregator.lift(x, by, order), 0);
      return;
    }
    const heldBytes = accumulator.heapBytes;
    this.#aggregator.fold(accumulator, x, by, order);
    entries.keep(place, accumulator, heldBytes);
  }

  /** Combines the accumulator of another entry into that of this one, and leaves the other as it is. */
  combine(into: EntryTable, entry: number, from: EntryTable, other: number): void {
    const added = this.#of(from, other);
    if (added === undefined) return;
    const place = into.objectsAt(entry) + this.#number;
    const held = into.objects[place];
    if (held === undefined) {
      into.keep(place, this.codec.decode(this.codec.encode(added)), 0);
      return;
    }
    const heldBytes = held.heapBytes;
    into.keep(place, this.#aggregator.combine(held, added), heldBytes);
  }

  get ofOneSize(): boolean {
    return this.#aggregator.ofOneSize === true;
  }

  /** Are there accumulators from which others can be taken away again? */
  get subtracts(): boolean {
    return this.#aggregator.inverse !== undefined;
  }

  /**
   * Takes away again what `combine` has added.
   * @returns false when it cannot be: the accumulator is of no use then
   */
  subtract(into: EntryTable, entry: number, from: EntryTable, other: number): boolean {
    const taken = this.#of(from, other);
    const place = into.objectsAt(entry) + this.#number;
    const held = into.objects[place];
    if (taken === undefined || held === undefined) return taken === undefined;
    const heldBytes = held.heapBytes;
    const rest = this.#aggregator.inverse!(held, taken);
    into.keep(place, held, heldBytes);
    return rest !== undefined;
  }

  /** An accumulator that has become null deletes its key. */
  get deletes(): boolean {
    return this.#aggregator.isNull !== undefined;
  }

  isNull(entries: EntryTable, entry: number): boolean {
    return this.#aggregator.isNull!(this.#of(entries, entry)!);
  }

  /** @throws {MillraceError} AGGREGATE_LIMIT, or what a reducer of one's own has failed with */
  lower(entries: EntryTable, entry: number): unknown {
    return this.#aggregator.lower(this.#of(entries, entry)!);
  }

  #of(entries: EntryTable, entry: number): AccumulatorObject | undefined {
    return entries.objects[entries.objectsAt(entry) + this.#number];
  }
}

/** Accumulators as Avro, by the aggregator's schema. */
export function createCodec({ schema, save, load }: ObjectAggregator): AccumulatorCodec {
  const format = createFormat({ kind: "avro", schema }, "accumulator");
  const sink = new ByteSink();
  return {
    encode: (accumulator) => {
      sink.position = 0;
      format.encode(save(accumulator), sink);
      return sink.take();
    },
    decode: (bytes): AccumulatorObject => {
      try {
        return load(format.decode(bytes, 0, bytes.length));
      } catch (cause) {
        throw new MillraceError("STATE_CORRUPT", "Cannot read accumulator", { cause });
      }
    },
  };
}
