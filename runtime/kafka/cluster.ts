/**
 * The cluster as the client knows it: brokers, partition leaders, coordinators; and connections to
 * them, one per broker and lane.
 */

import { MillraceError } from "../fault/mod.ts";
import { API, type ApiKey } from "../wire/mod.ts";
import { type Answer, type Body, type Connection, openConnection } from "./connection.ts";
import { brokerError, ERROR, reactionTo } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";
import { retry } from "./retry.ts";

/**
 * A broker answers the requests of one connection in order, one at a time. What may wait long in the
 * broker must not stand before what may not: a JoinGroup waits for a whole rebalance, a fetch for the
 * next record, a produce for the replicas.
 */
export type Lane = "control" | "group" | "produce" | "fetch" | "restore";

/** Lowest and highest version of an API that will do. */
export type VersionRange = readonly [lowest: number, highest: number];

export interface TopicState {
  readonly topic: string;
  /** Changes when a topic is deleted and created again; undefined where the broker is too old to say. */
  readonly topicId: string | undefined;
  /** Broker id of each partition's leader, -1 while there is none. */
  readonly leaders: readonly number[];
}

export class ClusterClient {
  readonly options: KafkaOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #closing = new AbortController();
  #addresses = new Map<number, string>();
  readonly #topics = new Map<string, TopicState>();
  readonly #known = new Set<string>();
  #controllerId = -1;
  #clusterId: string | undefined;
  #current: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(options: KafkaOptions) {
    this.options = options;
  }

  /** Aborts when the client is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Undefined before the first `refresh`. */
  get clusterId(): string | undefined {
    return this.#clusterId;
  }

  get controllerId(): number {
    return this.#controllerId;
  }

  /** What the last refresh said; undefined when it said that there is no such topic. */
  topic(name: string): TopicState | undefined {
    return this.#topics.get(name);
  }

  /** Broker id, or -1 while unknown. */
  leaderOf(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaders[partition] ?? -1;
  }

  /**
   * Asks any broker about these topics and all asked about before, without creating them. Calls made
   * while one is under way share the next.
   */
  refresh(topics: Iterable<string> = []): Promise<void> {
    for (const topic of topics) this.#known.add(topic);
    this.#queued ??= this.#refreshAfterCurrent();
    return this.#queued;
  }

  async #refreshAfterCurrent(): Promise<void> {
    // An answer under way may be older than the reason for this call.
    await this.#current?.catch(() => {});
    this.#queued = undefined;
    this.#current = this.#refresh();
    await this.#current;
  }

  /** Stops keeping these topics up to date. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) {
      this.#known.delete(topic);
      this.#topics.delete(topic);
    }
  }

  async #refresh(): Promise<void> {
    const asked = [...this.#known];
    const answer = await this.#askAnyone(asked);
    this.#addresses = new Map(answer.brokers.map((b) => [b.nodeId, `${b.host}:${b.port}`]));
    this.#controllerId = answer.controllerId;
    this.#clusterId = answer.clusterId ?? undefined;
    for (const topic of asked) this.#topics.delete(topic);
    for (const topic of answer.topics) {
      const name = topic.name ?? "";
      if (topic.errorCode === ERROR.UNKNOWN_TOPIC_OR_PARTITION) continue;
      if (topic.errorCode !== 0 && reactionTo(topic.errorCode) === "refused") {
        this.#known.delete(name);
        throw brokerError(topic.errorCode, `look up topic ${name}`, { topic: name });
      }
      const leaders: number[] = [];
      for (const p of topic.partitions) leaders[p.partitionIndex] = p.leaderId;
      this.#topics.set(name, {
        topic: name,
        topicId: /^0*$/.test(topic.topicId) ? undefined : topic.topicId,
        leaders: Array.from(leaders, (leader) => leader ?? -1),
      });
    }
  }

  async #askAnyone(topics: readonly string[]): Promise<Answer<typeof API.Metadata>> {
    // Known brokers first: bootstrap addresses may have left the cluster long ago.
    const addresses = new Set([...this.#addresses.values(), ...this.options.brokers]);
    let failure: unknown;
    for (const address of addresses) {
      try {
        const connection = await this.connect(address, "control");
        const version = connection.version(API.Metadata, 4, 12);
        return await connection.send(API.Metadata, version, {
          topics: topics.map((name) => ({ name })),
          allowAutoTopicCreation: false,
        });
      } catch (error) {
        failure = error;
        if (!(error instanceof MillraceError) || error.faultClass !== "transient") throw error;
      }
    }
    throw new MillraceError(
      "BROKER_UNREACHABLE",
      `Cannot reach Kafka at ${[...addresses].join(", ")}`,
      { cause: failure },
    );
  }

  /** The connection of a lane to an address; opened on first use and after it was lost. */
  async connect(address: string, lane: Lane): Promise<Connection> {
    const key = `${lane} ${address}`;
    for (;;) {
      this.signal.throwIfAborted();
      let opening = this.#connections.get(key);
      if (opening === undefined) {
        opening = openConnection(address, this.options);
        this.#connections.set(key, opening);
        opening.catch(() => this.#forgetConnection(key, opening));
      }
      const connection = await opening;
      if (this.signal.aborted) connection.close();
      else if (connection.isOpen) return connection;
      connection.close();
      this.#forgetConnection(key, opening);
    }
  }

  #forgetConnection(key: string, opening: Promise<Connection> | undefined): void {
    if (this.#connections.get(key) === opening) this.#connections.delete(key);
  }

  /** @throws {MillraceError} BROKER_RETRIABLE when no such broker is known (any more) */
  async connectNode(nodeId: number, lane: Lane): Promise<Connection> {
    const address = this.#addresses.get(nodeId);
    if (address === undefined) {
      throw new MillraceError(
        "BROKER_RETRIABLE",
        `Cannot reach broker ${nodeId}: not in the cluster`,
      );
    }
    return await this.connect(address, lane);
  }

  /** @returns the coordinator's connection for a group; retries while there is none */
  async findCoordinator(group: string): Promise<Connection> {
    const connection = await this.anyConnection("control");
    const version = connection.version(API.FindCoordinator, 1, 3);
    const answer = await connection.send(API.FindCoordinator, version, { key: group, keyType: 0 });
    if (answer.errorCode !== 0) {
      throw brokerError(
        answer.errorCode,
        `find the coordinator of group ${group}`,
        {},
        answer.errorMessage,
      );
    }
    return await this.connect(`${answer.host}:${answer.port}`, "group");
  }

  /** A connection to some broker that can be reached. */
  async anyConnection(lane: Lane): Promise<Connection> {
    if (this.#addresses.size === 0) await this.refresh();
    let failure: unknown;
    for (const address of this.#addresses.values()) {
      try {
        return await this.connect(address, lane);
      } catch (error) {
        failure = error;
      }
    }
    // All known brokers are gone: the bootstrap addresses may know others.
    await this.refresh();
    throw failure;
  }

  /**
   * Repeats a call while it fails transiently, with fresh metadata each time.
   *
   * @throws the last error after `retryTimeoutMs`
   */
  async withRetry<T>(attempt: () => Promise<T>, signal: AbortSignal = this.signal): Promise<T> {
    const { clock, retryTimeoutMs } = this.options;
    return await retry({ clock, timeoutMs: retryTimeoutMs, signal }, async (count) => {
      if (count > 1) await this.refresh();
      return await attempt();
    });
  }

  /** Sends to any broker in the control lane. */
  async ask<K extends ApiKey>(
    apiKey: K,
    [lowest, highest]: VersionRange,
    body: Body<K>,
  ): Promise<Answer<K>> {
    const connection = await this.anyConnection("control");
    return await connection.send(apiKey, connection.version(apiKey, lowest, highest), body);
  }

  /** Cuts every connection; what is in flight fails. */
  async close(): Promise<void> {
    this.#closing.abort(
      new MillraceError("BROKER_UNREACHABLE", "Cannot go on: the client is closed"),
    );
    const opened = await Promise.allSettled(this.#connections.values());
    for (const result of opened) if (result.status === "fulfilled") result.value.close();
    this.#connections.clear();
  }
}
