/**
 * Feeds the dashboard: follows the sink topics from their earliest record, decodes, pushes. All state
 * is the topics' own, so a server that was killed and started again shows the same numbers.
 *
 * @module
 */

import { MillraceError } from "../runtime/fault/mod.ts";
import {
  accessOf,
  type ClusterAccess,
  createKafkaAdmin,
  createTopicReader,
  KAFKA_DEFAULTS,
  type KafkaAdmin,
  type ReadEntry,
  type TopicReader,
} from "../runtime/kafka/mod.ts";
import { createRecordDecoder, type RecordDecoder, recordsOf } from "../runtime/serde/mod.ts";
import type { Plan } from "../topology/language/mod.ts";
import type { FeedStatus } from "./protocol.ts";
import { ReadProgress } from "./read_progress.ts";
import type { Dashboard } from "./server.ts";

export interface SinkFeedOptions extends ClusterAccess {
  readonly plan: Plan;
  readonly schemas: Parameters<typeof createRecordDecoder>[1];
  readonly dashboard: Pick<Dashboard, "push" | "setDashboard" | "setStatus">;
  /** A record that cannot be shown, or an outage; the feed goes on. Once each. */
  readonly onProblem?: (error: unknown) => void;
}

export interface SinkFeed {
  /** Nothing is pushed and no status set any more once it is called. Idempotent. */
  close(): Promise<void>;
}

/** How long one poll waits for records, ms. */
const POLL_MS = 250;
/** Between two attempts to look up a schema while the registry is away, ms. */
const REGISTRY_RETRY_MS = 500;
/** How long the question for partition counts is repeated before records are looked for again, ms. */
const ADMIN_RETRY_MS = 1_000;
/** Before the topics are read again after the broker refused, or a batch was damaged, ms. */
const REOPEN_MS = 5_000;

/** Starts to follow the streams that charts and counters read. The caller closes it. */
export function startSinkFeed(options: SinkFeedOptions): SinkFeed {
  return new Feed(options);
}

interface Source {
  readonly stream: string;
  readonly decoder: RecordDecoder;
}

/**
 *     catching-up ── every partition read to its end ──► live
 *          ▲                                              │
 *          │ broker answers                 broker is away│
 *          └──────────────────── down ◄───────────────────┘
 *
 * Another epoch, too, leads back to catching-up.
 */
class Feed implements SinkFeed {
  readonly #options: SinkFeedOptions;
  readonly #sources = new Map<string, Source>();
  readonly #closing = new AbortController();
  readonly #following: Promise<void>;
  /** Latest incarnation of each topic that was seen to exist. */
  readonly #incarnations = new Map<string, string>();
  #reader: TopicReader;
  readonly #admin: KafkaAdmin;
  readonly #progress = new ReadProgress(KAFKA_DEFAULTS.maxFetchBytes);
  #epoch: string | undefined;
  #status: FeedStatus["feed"] = "catching-up";

  constructor(options: SinkFeedOptions) {
    this.#options = options;
    const { charts, counters } = options.plan.dashboard;
    for (const name of new Set([...charts, ...counters].map(({ stream }) => stream))) {
      const stream = options.plan.streams[name]!;
      const decoder = createRecordDecoder(stream, options.schemas);
      this.#sources.set(stream.topic, { stream: name, decoder });
    }
    this.#admin = createKafkaAdmin({ ...accessOf(options), retryTimeoutMs: ADMIN_RETRY_MS });
    this.#reader = this.#open();
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#reader.close(), this.#admin.close()]);
    await this.#following;
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #open(): TopicReader {
    const reader: TopicReader = createTopicReader({
      ...accessOf(this.#options),
      topics: [...this.#sources.keys()],
      onStatus: (status, cause) => {
        if (reader !== this.#reader) return;
        if (status === "reconnecting") {
          this.#progress.restart();
          this.#setStatus("down");
          this.#options.onProblem?.(cause);
        } else if (status === "connected") {
          this.#setStatus("catching-up");
        }
      },
    });
    return reader;
  }

  /** Reads all topics again from their earliest record. */
  async #reopen(): Promise<void> {
    const before = this.#reader;
    this.#progress.restart();
    this.#reader = this.#open();
    await before.close();
    if (this.#isClosing) await this.#reader.close();
  }

  async #follow(): Promise<void> {
    while (!this.#isClosing) {
      try {
        await this.#step();
      } catch (error) {
        if (this.#isClosing) return;
        this.#setStatus("down");
        this.#options.onProblem?.(error);
        await this.#pause(REOPEN_MS);
        if (!this.#isClosing) await this.#reopen();
      }
    }
  }

  async #step(): Promise<void> {
    const entries = await this.#reader.poll(POLL_MS);
    if (this.#isClosing) return;
    if (entries.length > 0 && (await this.#startsOver())) return;
    const taken: { entry: ReadEntry; next: number | undefined }[] = [];
    for (const entry of entries) {
      taken.push({ entry, next: await this.#take(entry) });
      if (this.#isClosing) return;
    }
    this.#progress.note(taken);
    await this.#maybeGoLive();
  }

  /**
   * Other topics under the same names, or one that was not there before, are another history: pages
   * start over. What was read until then is on no page any more and is read again.
   *
   * A topic that is gone, or that a broker in its first second does not know, changes nothing yet.
   *
   * @returns whether the entries at hand come again
   */
  async #startsOver(): Promise<boolean> {
    for (const [topic, incarnation] of this.#reader.incarnations) {
      this.#incarnations.set(topic, incarnation ?? "");
    }
    const topics = [...this.#sources.keys()].sort();
    const incarnations = topics.map((topic) => this.#incarnations.get(topic) ?? "");
    const epoch = [this.#reader.clusterId ?? "", ...incarnations].join("/");
    if (epoch === this.#epoch) return false;
    const isFirst = this.#epoch === undefined;
    this.#epoch = epoch;
    // First: a page that waits for its place in the log takes "live" for having reached it.
    this.#progress.restart();
    this.#setStatus("catching-up");
    const { dashboard, plan } = this.#options;
    dashboard.setDashboard(plan.dashboard, epoch);
    if (isFirst) return false;
    await this.#reopen();
    return true;
  }

  /** @returns offset after the last record; undefined for none */
  async #take(entry: ReadEntry): Promise<number | undefined> {
    const { stream, decoder } = this.#sources.get(entry.topic)!;
    let next: number | undefined;
    for (const record of recordsOf(entry.bytes)) {
      const decoded = await this.#decode(decoder, record.key, record.value);
      if (this.#isClosing) return undefined;
      next = record.offset + 1;
      if (decoded === undefined) continue;
      const { partition } = entry;
      const { offset, timestampMs } = record;
      const { key, window, value } = decoded;
      this.#options.dashboard.push({
        stream,
        partition,
        offset,
        timestampMs,
        key,
        ...(window === undefined ? {} : { window }),
        value: value as Readonly<Record<string, unknown>> | null,
      });
    }
    return next;
  }

  /** Waits out a registry that is away; undefined for a record that nobody can decode, and when closed. */
  async #decode(decoder: RecordDecoder, key: Uint8Array | null, value: Uint8Array | null) {
    for (let attempt = 1; ; attempt++) {
      try {
        const decoding = decoder.decode(key, value);
        // A registry that hangs must not hold up the end.
        const decoded = await this.#untilClosed(decoding);
        return this.#isClosing ? undefined : decoded;
      } catch (error) {
        if (this.#isClosing) return undefined;
        if (attempt === 1) this.#options.onProblem?.(error);
        if (!isTransient(error)) return undefined;
        await this.#pause(REGISTRY_RETRY_MS);
      }
    }
  }

  async #maybeGoLive(): Promise<void> {
    if (this.#status === "live" || this.#reader.status !== "connected") return;
    if (!this.#progress.knowsPartitions) await this.#countPartitions();
    if (this.#reader.status === "connected" && this.#progress.isComplete) this.#setStatus("live");
  }

  /** Of the topics that exist: one that does not has nothing to be read. */
  async #countPartitions(): Promise<void> {
    try {
      const counts = await this.#admin.partitionCounts([...this.#sources.keys()]);
      this.#progress.expect(counts);
    } catch (error) {
      // The reader tells of outages; the next poll asks again.
      if (!isTransient(error)) throw error;
    }
  }

  /** Announced only when it changes: it goes to every page. */
  #setStatus(status: FeedStatus["feed"]): void {
    if (this.#isClosing || this.#status === status) return;
    this.#status = status;
    this.#options.dashboard.setStatus({ feed: status });
  }

  async #pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await this.#untilClosed(
      new Promise((resolve) => {
        timer = setTimeout(resolve, ms);
      }),
    );
    clearTimeout(timer);
  }

  /**
   * Undefined as soon as the feed is closed. Not a race with one promise of the end: that would hold on
   * to something of every record until then.
   */
  #untilClosed<T>(promise: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined);
      signal.addEventListener("abort", stop, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
    });
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof MillraceError && error.faultClass === "transient";
}
