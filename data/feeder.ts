/**
 * Writes rows to a topic at a steady rate, row i to partition i mod n, with a null key: runs of one
 * shopper must not leave partitions idle.
 *
 * @module
 */

/** What the feeder needs of the outside. */
export interface FeederOptions<Row> {
  readonly rows: Iterable<Row> | AsyncIterable<Row>;
  /** Records a second, or as fast as they are taken. */
  readonly rate: number | "max";
  /** Of the topic. */
  readonly partitions: number;
  readonly encode: (row: Row) => Uint8Array;
  /** Takes a run of records, resolves when they are acknowledged. */
  readonly write: (records: readonly FedRecord[]) => Promise<void>;
  readonly clock: FeederClock;
  readonly signal: AbortSignal;
  /** Called after each write with the records written so far. */
  readonly onProgress?: (sent: number) => void;
}

export interface FeederClock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface FedRecord {
  readonly partition: number;
  /** Wall clock when it was fed, Unix epoch ms. */
  readonly timestampMs: number;
  readonly value: Uint8Array;
}

/** Records of one write at most. */
export const MAX_RUN = 1000;
/** A feeder that was held up catches up by at most this much, ms; what lies further back is let go. */
export const MAX_CATCH_UP_MS = 1000;

/**
 * Feeds until the rows end or the signal aborts; what was taken from `rows` is written either way.
 *
 * @returns how many records were written
 * @throws {RangeError} for a rate or a number of partitions that is none
 */
export async function feed<Row>(options: FeederOptions<Row>): Promise<number> {
  const { rate, partitions, encode, write, clock, signal, onProgress } = options;
  if (rate !== "max" && !(rate > 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot feed: rate must be above 0, got ${rate}`);
  }
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`Cannot feed: partitions must be a whole number >= 1, got ${partitions}`);
  }
  let sent = 0;
  let row = 0;
  let run: Uint8Array[] = [];
  const flush = async (): Promise<void> => {
    if (run.length === 0) return;
    const timestampMs = clock.now();
    const records = run.map((value) => ({ partition: row++ % partitions, timestampMs, value }));
    run = [];
    await write(records);
    sent += records.length;
    onProgress?.(sent);
  };
  // The n-th record is due n/rate after the start, whatever the sleeps before it took.
  let origin = clock.monotonic();
  let due = 0;
  for await (const item of options.rows) {
    if (signal.aborted) break;
    if (rate !== "max") {
      const dueMs = origin + (due++ * 1000) / rate;
      if (dueMs > clock.monotonic()) {
        await flush();
        // Whole milliseconds: a timer is no finer, and what is early is sent with the next ones.
        await pause(clock, Math.ceil(dueMs - clock.monotonic()), signal);
        if (signal.aborted) break;
      }
      // After every row: rows, writes and sleeps may each be what held it up.
      const lateMs = clock.monotonic() - dueMs;
      if (lateMs > MAX_CATCH_UP_MS) origin += lateMs - MAX_CATCH_UP_MS;
    }
    run.push(encode(item));
    if (run.length >= MAX_RUN) await flush();
  }
  await flush();
  return sent;
}

/** A clock may end a sleep that is aborted with an error or without; to stop is no failure here. */
async function pause(clock: FeederClock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
