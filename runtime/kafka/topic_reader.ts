/** Follows whole topics without a group: for `tail`, the dashboard and everyone who only looks. */

import type { Fetched, TopicPartition } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ClusterClient } from "./cluster.ts";
import { connectionError, isTransient } from "./errors.ts";
import { Fetcher } from "./fetcher.ts";
import { EARLIEST, LATEST, listOffsets } from "./offsets.ts";
import { type ConnectionSettings, type FetchSettings, resolveOptions } from "./options.ts";

export type ReaderStatus = "connecting" | "connected" | "reconnecting";

/** Where to begin: one end for all partitions, or offsets; partitions without one begin at the first record. */
export type ReadFrom =
  | "earliest"
  | "latest"
  | readonly (TopicPartition & { readonly offset: number })[];

export interface TopicReaderSettings extends ConnectionSettings, FetchSettings {
  /** Those that do not exist (yet) are waited for, not created. */
  readonly topics: readonly string[];
  /** @default "earliest" */
  readonly from?: ReadFrom;
  /** How often to look for new partitions and recreated topics, ms. @default 2_000 */
  readonly lookMs?: number;
  /** Called on every change. */
  readonly onStatus?: (status: ReaderStatus, cause?: MillraceError) => void;
}

/** A topic deleted and created again is another topic, although its offsets begin at 0 once more. */
export interface ReadEntry extends Fetched {
  /** Of the topic; undefined when the brokers are too old (before 2.8) to tell. */
  readonly incarnation: string | undefined;
}

export interface TopicReader extends AsyncIterable<ReadEntry> {
  readonly status: ReaderStatus;
  /** Undefined until first connected. */
  readonly clusterId: string | undefined;
  /** Per topic that exists. */
  readonly incarnations: ReadonlyMap<string, string | undefined>;
  /**
   * As `Log.poll`, over all partitions. Outages show in `status`; records that were deleted before
   * they could be read are passed over.
   *
   * @throws {MillraceError} BROKER_REFUSED, CORRUPT_BATCH; never a transient one
   */
  poll(maxWaitMs: number): Promise<readonly ReadEntry[]>;
  /** Also ends the iteration. */
  close(): Promise<void>;
}

const DEFAULT_LOOK_MS = 2_000;
const RECONNECT_MS = 500;
/** Between two polls of the iterator. */
const ITERATOR_WAIT_MS = 1_000;

/**
 * Nothing is sent before the first `poll` or the first step of the iteration.
 *
 * @throws {MillraceError} INVALID_OPTION
 */
export function createTopicReader(settings: TopicReaderSettings): TopicReader {
  return new FollowingReader(settings);
}

class FollowingReader implements TopicReader {
  readonly #topics: readonly string[];
  readonly #from: ReadFrom;
  readonly #lookMs: number;
  readonly #onStatus: (status: ReaderStatus, cause?: MillraceError) => void;
  readonly #cluster: ClusterClient;
  readonly #fetcher: Fetcher;
  readonly #incarnations = new Map<string, string | undefined>();
  readonly #partitions = new Map<string, number>();
  #status: ReaderStatus = "connecting";
  #isFollowing = false;
  #isFirstLook = true;
  #failure: MillraceError | undefined;

  constructor(settings: TopicReaderSettings) {
    const { topics, from, lookMs, onStatus, ...rest } = settings;
    this.#topics = topics;
    this.#from = from ?? "earliest";
    this.#lookMs = lookMs ?? DEFAULT_LOOK_MS;
    this.#onStatus = onStatus ?? (() => {});
    const options = resolveOptions(rest);
    this.#cluster = new ClusterClient({
      ...options,
      onEvent: (event) => {
        options.onEvent(event);
        const { cause } = event;
        if (isTransient(cause) && cause.code === "BROKER_UNREACHABLE") {
          this.#setStatus("reconnecting", cause);
        }
      },
    });
    this.#fetcher = new Fetcher(this.#cluster);
  }

  get status(): ReaderStatus {
    return this.#status;
  }

  get clusterId(): string | undefined {
    return this.#cluster.clusterId;
  }

  get incarnations(): ReadonlyMap<string, string | undefined> {
    return this.#incarnations;
  }

  async poll(maxWaitMs: number): Promise<readonly ReadEntry[]> {
    if (!this.#isFollowing) void this.#follow();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    try {
      const fetched = await this.#fetcher.poll(maxWaitMs);
      if (fetched.length > 0) this.#setStatus("connected");
      return fetched.map((entry) => ({
        ...entry,
        incarnation: this.#incarnations.get(entry.topic),
      }));
    } catch (error) {
      if (this.#cluster.signal.aborted) return [];
      if (isTransient(error)) this.#setStatus("reconnecting", error);
      else if (error instanceof MillraceError && error.code === "OFFSET_OUT_OF_RANGE") {
        await this.#restart(error).catch((cause: unknown) => this.#lookFailed(cause));
      } else throw error;
      return [];
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReadEntry, void, undefined> {
    while (!this.#cluster.signal.aborted) yield* await this.poll(ITERATOR_WAIT_MS);
  }

  async close(): Promise<void> {
    this.#fetcher.close();
    await this.#cluster.close();
  }

  /** Keeps partitions and incarnations up to date until closed. */
  async #follow(): Promise<void> {
    this.#isFollowing = true;
    const { clock } = this.#cluster.options;
    const { signal } = this.#cluster;
    while (!signal.aborted) {
      let pauseMs = this.#lookMs;
      try {
        await this.#look();
        this.#setStatus("connected");
      } catch (error) {
        if (signal.aborted) return;
        this.#lookFailed(error);
        pauseMs = Math.min(RECONNECT_MS, this.#lookMs);
      }
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }

  #lookFailed(error: unknown): void {
    const failure = connectionError(error, `follow ${this.#topics.join(", ")}`);
    if (isTransient(failure)) {
      this.#setStatus("reconnecting", failure);
    } else {
      this.#failure = failure;
      this.#fetcher.wake();
    }
  }

  async #look(): Promise<void> {
    await this.#cluster.refresh(this.#topics);
    const added: TopicPartition[] = [];
    let hasChanged = false;
    for (const topic of this.#topics) {
      const state = this.#cluster.topic(topic);
      const known = this.#partitions.get(topic) ?? 0;
      const isOther = this.#incarnations.has(topic)
        ? this.#incarnations.get(topic) !== state?.topicId
        : known > 0;
      const first = isOther || state === undefined ? 0 : known;
      const count = state?.leaders.length ?? 0;
      if (count === known && !isOther) continue;
      hasChanged = true;
      for (let partition = first; partition < count; partition++) added.push({ topic, partition });
    }
    // Resolved before anything is noted: a failure here must look like not having looked.
    const starts = await this.#startsOf(added);
    this.#isFirstLook = false;
    if (!hasChanged) return;
    for (const topic of this.#topics) {
      const state = this.#cluster.topic(topic);
      this.#partitions.set(topic, state?.leaders.length ?? 0);
      if (state === undefined) this.#incarnations.delete(topic);
      else this.#incarnations.set(topic, state.topicId);
    }
    this.#fetchAll(new Map(added.map((p, index) => [keyOf(p), starts[index] ?? 0])));
  }

  /** Partitions that show up later are read from their first record, whatever `from` says. */
  async #startsOf(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    const from = this.#from;
    const end = this.#isFirstLook && from === "latest" ? LATEST : EARLIEST;
    const ends = await listOffsets(this.#cluster, partitions, end);
    if (!this.#isFirstLook || typeof from === "string") return ends;
    const given = new Map(from.map((position) => [keyOf(position), position.offset]));
    return partitions.map((partition, index) => given.get(keyOf(partition)) ?? ends[index] ?? 0);
  }

  /** The position is gone: cleaned away, or the topic is another one. */
  async #restart(error: MillraceError): Promise<void> {
    const { topic, partition } = error.where;
    if (topic === undefined || partition === undefined) throw error;
    const [start] = await listOffsets(this.#cluster, [{ topic, partition }], EARLIEST);
    this.#cluster.options.onEvent({
      level: "warn",
      message: `Reading ${topic}/${partition} again from offset ${start}`,
      cause: error,
    });
    this.#fetchAll(new Map([[keyOf({ topic, partition }), start ?? 0]]));
  }

  #fetchAll(starts: ReadonlyMap<string, number>): void {
    const positions: (TopicPartition & { offset: number })[] = [];
    for (const [topic, count] of this.#partitions) {
      for (let partition = 0; partition < count; partition++) {
        const at = { topic, partition };
        const offset = starts.get(keyOf(at)) ?? this.#fetcher.positionOf(at) ?? 0;
        positions.push({ ...at, offset });
      }
    }
    this.#fetcher.fetchFrom(positions);
  }

  #setStatus(status: ReaderStatus, cause?: MillraceError): void {
    if (this.#status === status || (status === "reconnecting" && this.#status === "connecting")) {
      return;
    }
    this.#status = status;
    this.#onStatus(status, cause);
  }
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${partition}/${topic}`;
