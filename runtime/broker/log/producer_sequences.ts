import { ERROR } from "../errors.ts";

/** Batches that a retry is recognised among: as many as an idempotent producer has in flight. */
const WINDOW = 5;
const SEQUENCES = 2 ** 31;

interface AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly appendTimeMs: number;
}

interface ProducerEntry {
  epoch: number;
  /** The newest last, at most `WINDOW`, at least one. */
  batches: AppendedBatch[];
}

/** What a producer says about a batch. */
export interface ProducerBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

export type SequenceVerdict =
  | { readonly kind: "new" }
  | { readonly kind: "duplicate"; readonly baseOffset: number; readonly appendTimeMs: number }
  | { readonly kind: "refused"; readonly errorCode: number };

const NEW: SequenceVerdict = { kind: "new" };
const refused = (errorCode: number): SequenceVerdict => ({ kind: "refused", errorCode });

/**
 * The idempotent producers of one partition (KIP-98): each numbers its records, so a batch sent again
 * is recognised and one that was lost on the way is missed.
 *
 *     epoch below the known one      INVALID_PRODUCER_EPOCH
 *     epoch above it                 accepted from sequence 0 on, else OUT_OF_ORDER_SEQUENCE_NUMBER
 *     one of the last five batches   duplicate: its first offset again, nothing appended
 *     next sequence                  accepted
 *     anything else                  OUT_OF_ORDER_SEQUENCE_NUMBER
 *     producer not known here        accepted: it may have been forgotten
 */
export class ProducerSequences {
  readonly #maxProducers: number;
  /** In the order of last use. */
  readonly #producers = new Map<number, ProducerEntry>();

  constructor(maxProducers: number) {
    this.#maxProducers = maxProducers;
  }

  check(batch: ProducerBatch): SequenceVerdict {
    const entry = this.#producers.get(batch.producerId);
    if (entry === undefined) return NEW;
    if (batch.producerEpoch < entry.epoch) return refused(ERROR.INVALID_PRODUCER_EPOCH);
    const { baseSequence } = batch;
    if (batch.producerEpoch > entry.epoch) {
      return baseSequence === 0 ? NEW : refused(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    const lastSequence = lastSequenceOf(batch);
    const known = entry.batches.find(
      (b) => b.firstSequence === baseSequence && b.lastSequence === lastSequence,
    );
    if (known !== undefined) return { kind: "duplicate", ...known };
    const expected = (entry.batches.at(-1)!.lastSequence + 1) % SEQUENCES;
    return baseSequence === expected ? NEW : refused(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
  }

  /** Remembers a batch that `check` called new and that was appended. */
  appended(batch: ProducerBatch, baseOffset: number, appendTimeMs: number): void {
    const { producerId, producerEpoch, baseSequence } = batch;
    let entry = this.#producers.get(producerId);
    if (entry === undefined || entry.epoch !== producerEpoch) {
      entry = { epoch: producerEpoch, batches: [] };
    }
    entry.batches.push({
      firstSequence: baseSequence,
      lastSequence: lastSequenceOf(batch),
      baseOffset,
      appendTimeMs,
    });
    if (entry.batches.length > WINDOW) entry.batches.shift();
    this.#producers.delete(producerId);
    this.#producers.set(producerId, entry);
    if (this.#producers.size > this.#maxProducers) {
      for (const longestQuiet of this.#producers.keys()) {
        this.#producers.delete(longestQuiet);
        break;
      }
    }
  }
}

/** Sequences start again at 0 after 2^31 - 1. */
function lastSequenceOf({ baseSequence, recordCount }: ProducerBatch): number {
  return (baseSequence + recordCount - 1) % SEQUENCES;
}
