/**
 * Appends batches with acks=all, idempotently: however often a request has to be repeated, the log
 * holds each batch once and in the order of the calls.
 *
 * - One request is in flight per broker, with the head batch of every partition that broker leads.
 * - A batch gets its sequence when it is first sent and keeps it over all repetitions.
 * - Producer id, epoch and next sequence are kept per partition. When a broker has forgotten a
 *   producer (its records are all deleted), only that partition starts anew, under a new id, and only
 *   if the refused batch cannot be in the log: that is, when it was never sent before.
 */

import type { Appended, TopicPartition } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { API, batchInfo, stampProducer } from "../wire/mod.ts";
import type { ClusterClient } from "./cluster.ts";
import { brokerError, connectionError, ERROR, reactionTo } from "./errors.ts";
import { type PartitionAck, produceBatches } from "./produce_request.ts";
import { backoffMs } from "./retry.ts";

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

interface Queued {
  readonly batch: Uint8Array;
  readonly recordCount: number;
  readonly deadlineMs: number;
  /** Requests it was in. After the first its outcome may be unknown. */
  attempts: number;
  resolve(): void;
  reject(error: MillraceError): void;
}

interface PartitionQueue extends TopicPartition {
  readonly batches: Queued[];
  identity: Identity | undefined;
  nextSequence: number;
  isInFlight: boolean;
  failures: number;
  retryAtMs: number;
}

/** Sequences are int32 and go on from 0 after the last. */
const SEQUENCES = 2 ** 31;

export class Producer {
  readonly #cluster: ClusterClient;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #busyNodes = new Set<number>();
  #identity: Promise<Identity> | undefined;
  #isRefreshing = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(cluster: ClusterClient) {
    this.#cluster = cluster;
    cluster.signal.addEventListener("abort", () => this.#rejectAll(cluster.signal.reason));
  }

  /** See `Log.append`. Batches are stamped in place and must not be changed afterwards. */
  async append(appended: readonly Appended[]): Promise<void> {
    this.#cluster.signal.throwIfAborted();
    const { clock, deliveryTimeoutMs } = this.#cluster.options;
    const deadlineMs = clock.monotonic() + deliveryTimeoutMs;
    const acknowledged: Promise<void>[] = [];
    for (const { topic, partition, batches } of appended) {
      const queue = this.#queueOf(topic, partition);
      for (const batch of batches) {
        const { recordCount } = batchInfo(batch);
        acknowledged.push(
          new Promise((resolve, reject) => {
            queue.batches.push({ batch, recordCount, deadlineMs, attempts: 0, resolve, reject });
          }),
        );
      }
    }
    this.#pump();
    // All of them are awaited, also after a failure: nothing of this call is sent after it returned.
    for (const result of await Promise.allSettled(acknowledged)) {
      if (result.status === "rejected") throw result.reason;
    }
  }

  #queueOf(topic: string, partition: number): PartitionQueue {
    const key = `${partition}/${topic}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = {
        topic,
        partition,
        batches: [],
        identity: undefined,
        nextSequence: 0,
        isInFlight: false,
        failures: 0,
        retryAtMs: 0,
      };
      this.#queues.set(key, queue);
    }
    return queue;
  }

  #pump(): void {
    const { clock, maxProduceBytes } = this.#cluster.options;
    const nowMs = clock.monotonic();
    const byNode = new Map<number, PartitionQueue[]>();
    const sizes = new Map<number, number>();
    let nextRetryMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues.values()) {
      const head = queue.batches[0];
      if (head === undefined || queue.isInFlight) continue;
      if (queue.retryAtMs > nowMs) {
        nextRetryMs = Math.min(nextRetryMs, queue.retryAtMs - nowMs);
        continue;
      }
      const leader = this.#cluster.leaderOf(queue.topic, queue.partition);
      if (leader < 0) {
        this.#refresh();
        continue;
      }
      if (this.#busyNodes.has(leader)) continue;
      const size = sizes.get(leader) ?? 0;
      if (size > 0 && size + head.batch.length > maxProduceBytes) continue;
      sizes.set(leader, size + head.batch.length);
      const queues = byNode.get(leader);
      if (queues === undefined) byNode.set(leader, [queue]);
      else queues.push(queue);
    }
    for (const [node, queues] of byNode) void this.#send(node, queues);
    clearTimeout(this.#retryTimer);
    if (nextRetryMs < Number.POSITIVE_INFINITY) {
      this.#retryTimer = setTimeout(() => this.#pump(), nextRetryMs);
    }
  }

  async #send(node: number, queues: readonly PartitionQueue[]): Promise<void> {
    this.#busyNodes.add(node);
    for (const queue of queues) queue.isInFlight = true;
    try {
      for (const queue of queues) queue.identity ??= await this.#identify();
      const connection = await this.#cluster.connectNode(node, "produce");
      for (const queue of queues) {
        const head = queue.batches[0]!;
        const { producerId, producerEpoch } = queue.identity!;
        stampProducer(head.batch, producerId, producerEpoch, queue.nextSequence, false);
        head.attempts++;
      }
      const acks = await produceBatches(
        connection,
        queues.map(({ topic, partition, batches }) => ({
          topic,
          partition,
          batch: batches[0]!.batch,
        })),
        this.#cluster.options.requestTimeoutMs,
      );
      for (const queue of queues) {
        const ack = acks.find((a) => a.topic === queue.topic && a.partition === queue.partition);
        if (ack === undefined) throw new MillraceError("INVARIANT", "Cannot append: no answer");
        this.#accept(queue, ack);
      }
    } catch (error) {
      if (this.#cluster.signal.aborted) return;
      const failure = connectionError(error, `append at broker ${node}`);
      for (const queue of queues) {
        if (failure.faultClass === "transient") this.#fail(queue, failure, true);
        else this.#reject(queue, failure);
      }
    }
    for (const queue of queues) queue.isInFlight = false;
    // Those just served go to the end, so that a size limit cannot starve the others.
    for (const queue of queues) this.#moveToEnd(queue);
    this.#busyNodes.delete(node);
    if (!this.#cluster.signal.aborted) this.#pump();
  }

  #accept(queue: PartitionQueue, ack: PartitionAck): void {
    const head = queue.batches[0]!;
    const { topic, partition } = queue;
    switch (ack.errorCode) {
      case ERROR.NONE:
      // The answer to an earlier attempt got lost: the batch is in the log.
      case ERROR.DUPLICATE_SEQUENCE_NUMBER:
        queue.batches.shift();
        queue.nextSequence = (queue.nextSequence + head.recordCount) % SEQUENCES;
        queue.failures = 0;
        head.resolve();
        return;
      case ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER:
      case ERROR.UNKNOWN_PRODUCER_ID:
        // Refused at its first attempt it is certainly not in the log: send it under a new id. Under
        // an id that is new already there is nothing that the broker could have forgotten.
        if (head.attempts === 1 && queue.nextSequence > 0) {
          this.#renew(queue);
          head.attempts = 0;
          return;
        }
        this.#renew(queue);
        break;
    }
    const failure = brokerError(
      ack.errorCode,
      `append to ${topic}/${partition}`,
      { topic, partition },
      ack.errorMessage,
    );
    const reaction = reactionTo(ack.errorCode);
    if (reaction === "refused" || reaction === "fenced") this.#reject(queue, failure);
    else this.#fail(queue, failure, reaction === "metadata");
  }

  /** The partition goes on under a new producer id, whose sequences begin at 0. */
  #renew(queue: PartitionQueue): void {
    this.#identity = undefined;
    queue.identity = undefined;
    queue.nextSequence = 0;
  }

  /** A transient failure: the head stays and is sent again, until its time is up. */
  #fail(queue: PartitionQueue, failure: MillraceError, needsRefresh: boolean): void {
    const { clock, onEvent } = this.#cluster.options;
    const nowMs = clock.monotonic();
    const head = queue.batches[0];
    if (head === undefined) return;
    if (nowMs > head.deadlineMs) {
      this.#reject(queue, failure);
      return;
    }
    queue.failures++;
    queue.retryAtMs = nowMs + backoffMs(queue.failures);
    if (queue.failures === 1) onEvent({ level: "warn", message: failure.message, cause: failure });
    if (needsRefresh) this.#refresh();
  }

  /**
   * Gives up on the head. Where an attempt may have reached the log its sequence may or may not be
   * used up, so the batches behind it go on under a new id.
   */
  #reject(queue: PartitionQueue, failure: MillraceError): void {
    const head = queue.batches.shift();
    if (head === undefined) return;
    if (head.attempts > 1 || failure.code === "BROKER_UNREACHABLE") this.#renew(queue);
    queue.failures = 0;
    queue.retryAtMs = 0;
    head.reject(failure);
  }

  #rejectAll(reason: MillraceError): void {
    clearTimeout(this.#retryTimer);
    for (const queue of this.#queues.values()) {
      for (const { reject } of queue.batches.splice(0)) reject(reason);
    }
  }

  #moveToEnd(queue: PartitionQueue): void {
    const key = `${queue.partition}/${queue.topic}`;
    if (this.#queues.delete(key)) this.#queues.set(key, queue);
  }

  #identify(): Promise<Identity> {
    if (this.#identity === undefined) {
      const identity = this.#initProducerId();
      this.#identity = identity;
      identity.catch(() => {
        if (this.#identity === identity) this.#identity = undefined;
      });
    }
    return this.#identity;
  }

  async #initProducerId(): Promise<Identity> {
    const answer = await this.#cluster.ask(API.InitProducerId, [0, 4], {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    if (answer.errorCode !== ERROR.NONE) throw brokerError(answer.errorCode, "get a producer id");
    return answer;
  }

  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const waiting = [...this.#queues.values()].filter(({ batches }) => batches.length > 0);
    this.#cluster
      .refresh(new Set(waiting.map(({ topic }) => topic)))
      .catch((error: unknown) => connectionError(error, "look up partition leaders"))
      .then((failure) => {
        for (const queue of waiting) {
          const { topic, partition, isInFlight } = queue;
          if (isInFlight || this.#cluster.leaderOf(topic, partition) >= 0) continue;
          const code = this.#cluster.topic(topic) === undefined ? 3 : 5;
          const why =
            failure ?? brokerError(code, `append to ${topic}/${partition}`, { topic, partition });
          if (why.faultClass === "transient") this.#fail(queue, why, false);
          else this.#reject(queue, why);
        }
        this.#isRefreshing = false;
        if (!this.#cluster.signal.aborted) this.#pump();
      });
  }
}
