/**
 * An object slot of the entries of one window stage: generated code folds and lowers through it.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import { ByteSink, createFormat } from "../../serde/mod.ts";
import type { AccumulatorCodec, AccumulatorObject, Pane } from "../../state/mod.ts";
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

  fold(pane: Pane, entry: number, x: unknown, by: unknown, order: SourceOrder): void {
    const place = pane.objectsAt(entry) + this.#number;
    const accumulator = pane.objects[place];
    if (accumulator === undefined) {
      pane.keep(place, this.#aggregator.lift(x, by, order), 0);
      return;
    }
    const heldBytes = accumulator.heapBytes;
    this.#aggregator.fold(accumulator, x, by, order);
    pane.keep(place, accumulator, heldBytes);
  }

  isNull(pane: Pane, entry: number): boolean {
    return this.#aggregator.isNull!(pane.objects[pane.objectsAt(entry) + this.#number]!);
  }

  /** @throws {MillraceError} AGGREGATE_LIMIT, or what a reducer of one's own has failed with */
  lower(pane: Pane, entry: number): unknown {
    return this.#aggregator.lower(pane.objects[pane.objectsAt(entry) + this.#number]!);
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
