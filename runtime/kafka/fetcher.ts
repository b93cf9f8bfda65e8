/**
 * Fetches ahead of processing: one request in flight per broker, the next one sent as soon as the
 * last was answered, until `maxBufferedBytes` wait to be polled.
 *
 * Every partition has a cursor. A cursor that `fetchFrom` replaces is dropped together with what was
 * buffered for it, and an answer still on its way to it is ignored; one whose position is exactly
 * where `poll` has come to is kept, so that changing the set of partitions costs the others nothing.
 */

import type { Fetched, TopicPartition } from "../engine/mod.ts";
import type { MillraceError } from "../fault/mod.ts";
import type { ClusterClient } from "./cluster.ts";
import { brokerError, connectionError, ERROR, reactionTo } from "./errors.ts";
import { fetchPartitions, type PartitionAnswer } from "./fetch_request.ts";
import { backoffMs } from "./retry.ts";

interface Cursor extends TopicPartition {
  /** Where the next request reads. */
  fetchOffset: number;
  /** Where `poll` has come to. */
  deliveredOffset: number;
  /** A request for it is on its way. */
  isInFlight: boolean;
  /** Latest answer without records since the last `poll`. */
  quiet: Fetched | undefined;
  /** Failed attempts in a row. */
  failures: number;
  failingSinceMs: number;
  retryAtMs: number;
  /** Thrown by the next `poll`. */
  failure: MillraceError | undefined;
  /** No further attempt before `fetchFrom` gives another position. */
  isParked: boolean;
}

interface Ready {
  readonly cursor: Cursor;
  readonly fetched: Fetched;
  readonly nextOffset: number;
}

const NO_BYTES = new Uint8Array(0);
const keyOf = ({ topic, partition }: TopicPartition): string => `${partition}/${topic}`;

export class Fetcher {
  readonly #cluster: ClusterClient;
  /** Order is that of the next request; it rotates, because brokers fill answers from the front. */
  #cursors = new Map<string, Cursor>();
  #ready: Ready[] = [];
  #bufferedBytes = 0;
  readonly #busyNodes = new Set<number>();
  #wakePoll: (() => void) | undefined;
  #isWoken = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #isRefreshing = false;

  constructor(cluster: ClusterClient) {
    this.#cluster = cluster;
  }

  fetchFrom(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    const cursors = new Map<string, Cursor>();
    for (const { topic, partition, offset } of positions) {
      const key = keyOf({ topic, partition });
      const old = this.#cursors.get(key);
      const keep = old !== undefined && !old.isParked && old.deliveredOffset === offset;
      cursors.set(key, keep ? old : newCursor(topic, partition, offset));
    }
    this.#cursors = cursors;
    this.#ready = this.#ready.filter(({ cursor }) => this.#isLive(cursor));
    this.#bufferedBytes = this.#ready.reduce((sum, { fetched }) => sum + fetched.bytes.length, 0);
    this.#pump();
  }

  /**
   * See `Log.poll`. Returns early, with nothing, after `wake`.
   *
   * @throws {MillraceError} OFFSET_OUT_OF_RANGE, BROKER_REFUSED, CORRUPT_BATCH for a partition that
   * stays stopped until `fetchFrom`; a transient one when a partition has failed for `retryTimeoutMs`
   */
  async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    const { clock } = this.#cluster.options;
    const deadline = clock.monotonic() + maxWaitMs;
    for (;;) {
      this.#throwFailure();
      const fetched = this.#take();
      const leftMs = deadline - clock.monotonic();
      if (fetched.length > 0 || leftMs <= 0 || this.#isWoken) {
        this.#isWoken = false;
        return fetched;
      }
      await this.#wait(leftMs);
    }
  }

  /** Where `poll` has come to; undefined for a partition that is not fetched. */
  positionOf(partition: TopicPartition): number | undefined {
    return this.#cursors.get(keyOf(partition))?.deliveredOffset;
  }

  /** Ends a running `poll`, or the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#wakePoll?.();
  }

  close(): void {
    this.#cursors.clear();
    this.#ready = [];
    this.#bufferedBytes = 0;
    clearTimeout(this.#retryTimer);
    this.wake();
  }

  #isLive(cursor: Cursor): boolean {
    return this.#cursors.get(keyOf(cursor)) === cursor;
  }

  #throwFailure(): void {
    for (const cursor of this.#cursors.values()) {
      const failure = cursor.failure;
      if (failure === undefined) continue;
      cursor.failure = undefined;
      throw failure;
    }
  }

  #take(): readonly Fetched[] {
    const fetched: Fetched[] = [];
    for (const ready of this.#ready) {
      ready.cursor.deliveredOffset = ready.nextOffset;
      fetched.push(ready.fetched);
    }
    this.#ready = [];
    this.#bufferedBytes = 0;
    for (const cursor of this.#cursors.values()) {
      if (cursor.quiet !== undefined) fetched.push(cursor.quiet);
      cursor.quiet = undefined;
    }
    this.#pump();
    return fetched;
  }

  async #wait(ms: number): Promise<void> {
    const timer = new AbortController();
    const { promise, resolve } = withResolvers();
    this.#wakePoll = resolve;
    await Promise.race([
      promise,
      this.#cluster.options.clock.sleep(ms, timer.signal).catch(() => {}),
    ]);
    this.#wakePoll = undefined;
    timer.abort();
  }

  /** Sends a request to every broker that has something to fetch and is not busy with one. */
  #pump(): void {
    const { options } = this.#cluster;
    if (this.#bufferedBytes >= options.maxBufferedBytes || this.#cluster.signal.aborted) return;
    const nowMs = options.clock.monotonic();
    const byNode = new Map<number, Cursor[]>();
    let nextRetryMs = Number.POSITIVE_INFINITY;
    for (const cursor of this.#cursors.values()) {
      if (cursor.isParked || cursor.isInFlight) continue;
      if (cursor.retryAtMs > nowMs) {
        nextRetryMs = Math.min(nextRetryMs, cursor.retryAtMs - nowMs);
        continue;
      }
      const leader = this.#cluster.leaderOf(cursor.topic, cursor.partition);
      if (leader < 0) {
        if (!this.#isRefreshing) this.#refresh();
        continue;
      }
      if (this.#busyNodes.has(leader)) continue;
      const cursors = byNode.get(leader);
      if (cursors === undefined) byNode.set(leader, [cursor]);
      else cursors.push(cursor);
    }
    for (const [node, cursors] of byNode) void this.#fetch(node, cursors);
    clearTimeout(this.#retryTimer);
    if (nextRetryMs < Number.POSITIVE_INFINITY) {
      this.#retryTimer = setTimeout(() => this.#pump(), nextRetryMs);
    }
  }

  async #fetch(node: number, cursors: readonly Cursor[]): Promise<void> {
    this.#busyNodes.add(node);
    for (const cursor of cursors) cursor.isInFlight = true;
    let needsRefresh = false;
    try {
      const connection = await this.#cluster.connectNode(node, "fetch");
      const targets = cursors.map(({ topic, partition, fetchOffset }) => ({
        topic,
        partition,
        offset: fetchOffset,
      }));
      const asOfMs = this.#cluster.options.clock.now();
      const answers = await fetchPartitions(connection, targets, this.#cluster.options);
      for (const answer of answers) {
        const cursor = cursors.find(
          (c) => c.topic === answer.topic && c.partition === answer.partition,
        );
        if (cursor !== undefined && this.#isLive(cursor)) {
          needsRefresh = this.#accept(cursor, answer, asOfMs) || needsRefresh;
        }
      }
      this.#rotate(cursors);
    } catch (error) {
      if (this.#cluster.signal.aborted) return;
      const failure = connectionError(error, `fetch from broker ${node}`);
      for (const cursor of cursors) this.#fail(cursor, failure, failure.faultClass === "transient");
      needsRefresh = true;
    }
    for (const cursor of cursors) cursor.isInFlight = false;
    this.#busyNodes.delete(node);
    if (this.#cluster.signal.aborted) return;
    if (needsRefresh && !this.#isRefreshing) this.#refresh();
    this.#pump();
  }

  /** @returns whether the metadata seem out of date */
  #accept(cursor: Cursor, answer: PartitionAnswer, asOfMs: number): boolean {
    const { topic, partition, errorCode } = answer;
    if (errorCode !== ERROR.NONE) {
      const failure = brokerError(
        errorCode,
        `fetch ${topic}/${partition} from offset ${cursor.fetchOffset}`,
        { topic, partition, offset: cursor.fetchOffset },
      );
      const reaction = reactionTo(errorCode);
      this.#fail(cursor, failure, reaction !== "refused" && reaction !== "fenced");
      return reaction === "metadata";
    }
    if (answer.failure !== undefined) {
      this.#fail(cursor, answer.failure, false);
      return false;
    }
    cursor.failures = 0;
    cursor.retryAtMs = 0;
    const { bytes, nextOffset, highWatermark, lastStableOffset } = answer;
    const fetched = { topic, partition, bytes, highWatermark, lastStableOffset, asOfMs };
    if (nextOffset === cursor.fetchOffset) {
      cursor.quiet = { ...fetched, bytes: NO_BYTES };
    } else {
      cursor.quiet = undefined;
      cursor.fetchOffset = nextOffset;
      this.#ready.push({ cursor, fetched, nextOffset });
      this.#bufferedBytes += bytes.length;
    }
    this.#wakePoll?.();
    return false;
  }

  #fail(cursor: Cursor, failure: MillraceError, isTransient: boolean): void {
    const { clock, retryTimeoutMs, onEvent } = this.#cluster.options;
    const nowMs = clock.monotonic();
    if (!isTransient) {
      cursor.failure = failure;
      cursor.isParked = true;
      this.#wakePoll?.();
      return;
    }
    cursor.failures++;
    cursor.retryAtMs = nowMs + backoffMs(cursor.failures);
    if (cursor.failures === 1) {
      cursor.failingSinceMs = nowMs;
      onEvent({ level: "warn", message: failure.message, cause: failure });
    } else if (nowMs - cursor.failingSinceMs > retryTimeoutMs) {
      cursor.failingSinceMs = nowMs;
      cursor.failure = failure;
      this.#wakePoll?.();
    }
  }

  #refresh(): void {
    this.#isRefreshing = true;
    const topics = new Set(Array.from(this.#cursors.values(), ({ topic }) => topic));
    this.#cluster
      .refresh(topics)
      .then(
        () => {
          for (const cursor of this.#cursors.values()) {
            if (this.#cluster.leaderOf(cursor.topic, cursor.partition) >= 0) continue;
            const { topic, partition } = cursor;
            const failure = brokerError(5, `fetch ${topic}/${partition}`, { topic, partition });
            this.#fail(cursor, failure, true);
          }
        },
        (error: unknown) => {
          const failure = connectionError(error, "look up partition leaders");
          for (const cursor of this.#cursors.values()) {
            const isStuck = this.#cluster.leaderOf(cursor.topic, cursor.partition) < 0;
            if (isStuck) this.#fail(cursor, failure, failure.faultClass === "transient");
          }
        },
      )
      .finally(() => {
        this.#isRefreshing = false;
        this.#pump();
      });
  }

  /** Those just served go to the end of the next request. */
  #rotate(served: readonly Cursor[]): void {
    const first = served[0];
    if (first === undefined || !this.#isLive(first)) return;
    const key = keyOf(first);
    this.#cursors.delete(key);
    this.#cursors.set(key, first);
  }
}

function newCursor(topic: string, partition: number, offset: number): Cursor {
  return {
    topic,
    partition,
    fetchOffset: offset,
    deliveredOffset: offset,
    isInFlight: false,
    quiet: undefined,
    failures: 0,
    failingSinceMs: 0,
    retryAtMs: 0,
    failure: undefined,
    isParked: false,
  };
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}
