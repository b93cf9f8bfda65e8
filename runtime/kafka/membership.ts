/**
 * One member of a consumer group (the classic protocol), with revocation that is awaited.
 *
 *                  join                       SyncGroup answered
 *     (outside) ─────────► joining ─────────────────────────────► owning ◄──┐ heartbeat: fine
 *         ▲                   ▲                                     │ └─────┘
 *         │ leave             │ after `revoked`   REBALANCE_IN_PROGRESS
 *         │                   ├─────────────────────────────────────┤
 *         │                   │ after `lost`    UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
 *         └───────────────────┴──────────────── or no heartbeat for a session timeout
 *
 * Heartbeats run on a timer, during polls and between them, so a long piece of work does not cost the
 * membership. They only note what happened; the listener is called from `rebalance`, which the log
 * calls from `join`, `poll` and `leave`. Brokers keep accepting commits of the old generation until
 * the rebalance is through, which is what makes the final commit in `revoked` possible.
 */

import type { AssignmentListener, Subscription, TopicPartition } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { assignRanges } from "./assignor.ts";
import type { ClusterClient } from "./cluster.ts";
import { Coordinator } from "./coordinator.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment } from "./envelope.ts";
import { ERROR, isTransient, reactionTo } from "./errors.ts";
import {
  type Assigned,
  type JoinAnswer,
  sendHeartbeat,
  sendJoin,
  sendLeave,
  sendSync,
} from "./group_requests.ts";
import { retry } from "./retry.ts";

type Pending = "none" | "rebalance" | "lost";

export class Membership {
  readonly #cluster: ClusterClient;
  readonly #subscription: Subscription;
  readonly #listener: AssignmentListener;
  readonly #onPending: () => void;
  readonly #coordinator: Coordinator;
  #memberId = "";
  #generation = -1;
  #owned: readonly TopicPartition[] = [];
  #previous: readonly TopicPartition[] = [];
  #isOwning = false;
  /** The listener has taken what is owned; false again while it could not. */
  #isHandedOver = false;
  /** Aborted when the member leaves or is dropped. */
  readonly #left = new AbortController();
  /** A call of the listener that is not over. */
  #calling: Promise<void> | undefined;
  #pending: Pending = "none";
  #lastHeardMs = 0;
  #heartbeat: AbortController | undefined;
  /** Partition counts the leader assigned by; undefined for the others. */
  #assignedBy: ReadonlyMap<string, number> | undefined;

  /** @param onPending called when a heartbeat finds out that a rebalance is needed */
  constructor(
    cluster: ClusterClient,
    subscription: Subscription,
    listener: AssignmentListener,
    onPending: () => void,
  ) {
    this.#cluster = cluster;
    this.#subscription = subscription;
    this.#listener = listener;
    this.#onPending = onPending;
    this.#coordinator = new Coordinator(cluster, subscription.group);
  }

  get coordinator(): Coordinator {
    return this.#coordinator;
  }

  get generation(): number {
    return this.#generation;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get needsRebalance(): boolean {
    this.#checkSession();
    if (this.#left.signal.aborted) return false;
    return !this.#isHandedOver || this.#pending !== "none";
  }

  /**
   * Gives up what is owned, joins the group again and takes what it is given; all listener calls are
   * awaited. Does nothing when there is no need. After a transient error it can be called again and
   * goes on where it was.
   */
  async rebalance(): Promise<void> {
    const { signal } = this.#left;
    while (this.needsRebalance && !signal.aborted) {
      if (!this.#isOwning || this.#pending !== "none") {
        await this.#giveUp();
        try {
          await this.#join(signal);
        } catch (error) {
          if (signal.aborted) return;
          throw error;
        }
      }
      await this.#call(() => this.#listener.assigned(this.#owned));
      this.#isHandedOver = true;
    }
  }

  /**
   * Gives up what is owned and tells the group, so that it need not wait for the session to end. May
   * be called while `rebalance` waits for the other members, which can take long, and ends it.
   */
  async leave(): Promise<void> {
    if (this.#left.signal.aborted) return;
    await this.#calling?.catch(() => {});
    const isWaiting = !this.#isOwning;
    try {
      await this.#giveUp();
    } finally {
      this.close();
      // A waiting JoinGroup holds up everything behind it on its connection.
      if (isWaiting) this.#coordinator.disconnect();
      if (this.#memberId !== "") await this.#sendLeave();
    }
  }

  /** Drops everything without a word, as a crash would. */
  close(): void {
    this.#left.abort(new MillraceError("FENCED", "Cannot go on: the member has left its group"));
    this.#stopHeartbeat();
  }

  /** @throws {MillraceError} FENCED when what was assigned is not owned (any more) */
  async confirm(): Promise<void> {
    this.requireOwnership();
    const startMs = this.#cluster.options.clock.monotonic();
    const code = await this.#sendHeartbeat();
    this.#note(code, startMs);
    this.requireOwnership();
  }

  /** The same, from what is known here, without asking. */
  requireOwnership(): void {
    this.#checkSession();
    if (this.#isOwning && this.#pending !== "lost") return;
    throw new MillraceError(
      "FENCED",
      `Cannot act for group ${this.#subscription.group}: the assignment is gone`,
    );
  }

  /** A commit was refused for the generation: the next `rebalance` begins with `lost`. */
  fence(): void {
    this.#pending = "lost";
    this.#onPending();
  }

  async #giveUp(): Promise<void> {
    this.#checkSession();
    if (!this.#isOwning) return;
    if (this.#pending !== "lost") {
      try {
        await this.#call(() => this.#listener.revoked());
      } catch (error) {
        // The final commit came too late. Anything else is the caller's to see, and to repeat.
        if (!(error instanceof MillraceError) || error.faultClass !== "fenced") throw error;
        this.#pending = "lost";
      }
    }
    const isLost = this.#pending === "lost";
    this.#stopHeartbeat();
    this.#isOwning = false;
    this.#isHandedOver = false;
    this.#pending = "none";
    this.#previous = isLost ? [] : this.#owned;
    this.#owned = [];
    if (isLost) await this.#call(() => this.#listener.lost());
  }

  async #call(listen: () => Promise<void>): Promise<void> {
    const calling = listen();
    this.#calling = calling;
    try {
      await calling;
    } finally {
      this.#calling = undefined;
    }
  }

  #checkSession(): void {
    const { clock, sessionTimeoutMs } = this.#cluster.options;
    if (!this.#isOwning || this.#pending === "lost") return;
    if (clock.monotonic() - this.#lastHeardMs > sessionTimeoutMs) this.#pending = "lost";
  }

  async #join(left: AbortSignal): Promise<void> {
    const { clock, retryTimeoutMs } = this.#cluster.options;
    const signal = AbortSignal.any([left, this.#cluster.signal]);
    this.#owned = await retry({ clock, timeoutMs: retryTimeoutMs, signal }, async () => {
      for (;;) {
        signal.throwIfAborted();
        const joined = await this.#sendJoin();
        if (joined === undefined) continue;
        const sentMs = clock.monotonic();
        const assignment = await this.#sendSync(joined);
        if (assignment === undefined) continue;
        this.#lastHeardMs = sentMs;
        return decodeAssignment(assignment);
      }
    });
    signal.throwIfAborted();
    this.#pending = "none";
    this.#isOwning = true;
    this.#startHeartbeat();
  }

  /** @returns undefined when the answer says to ask again at once */
  async #sendJoin(): Promise<JoinAnswer | undefined> {
    const { group } = this.#subscription;
    const answer = await sendJoin(
      this.#coordinator,
      this.#cluster.options,
      this.#subscription,
      this.#memberId,
      { previous: this.#previous, generation: this.#generation },
    );
    switch (answer.errorCode) {
      case ERROR.NONE:
        this.#memberId = answer.memberId;
        this.#generation = answer.generationId;
        return answer;
      case ERROR.MEMBER_ID_REQUIRED:
        this.#memberId = answer.memberId;
        return undefined;
      case ERROR.UNKNOWN_MEMBER_ID:
        this.#memberId = "";
        return undefined;
      case ERROR.REBALANCE_IN_PROGRESS:
        return undefined;
      default:
        throw this.#coordinator.failure(answer.errorCode, `join group ${group}`);
    }
  }

  /** @returns undefined when a new round of joining is needed */
  async #sendSync(joined: JoinAnswer): Promise<Uint8Array | undefined> {
    const { group } = this.#subscription;
    const assignments = joined.leader === joined.memberId ? await this.#assign(joined) : [];
    if (joined.leader !== joined.memberId) this.#assignedBy = undefined;
    const answer = await sendSync(
      this.#coordinator,
      this.#cluster.options,
      group,
      joined,
      assignments,
    );
    switch (answer.errorCode) {
      case ERROR.NONE:
        return answer.assignment;
      case ERROR.UNKNOWN_MEMBER_ID:
        this.#memberId = "";
        return undefined;
      case ERROR.REBALANCE_IN_PROGRESS:
      case ERROR.ILLEGAL_GENERATION:
        return undefined;
      default:
        throw this.#coordinator.failure(answer.errorCode, `synchronise group ${group}`);
    }
  }

  async #assign(joined: JoinAnswer): Promise<Assigned[]> {
    const members = joined.members.map(({ memberId, metadata }) => ({
      memberId,
      ...decodeSubscription(metadata),
    }));
    const topics = new Set(members.flatMap((member) => member.coPartitioned.flat()));
    await this.#cluster.refresh(topics);
    this.#assignedBy = this.#partitionCounts(topics);
    return Array.from(assignRanges(members, this.#assignedBy), ([memberId, partitions]) => ({
      memberId,
      assignment: encodeAssignment(partitions),
    }));
  }

  #partitionCounts(topics: Iterable<string>): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const topic of topics) counts.set(topic, this.#cluster.topic(topic)?.leaders.length ?? 0);
    return counts;
  }

  #startHeartbeat(): void {
    this.#stopHeartbeat();
    const stop = new AbortController();
    this.#heartbeat = stop;
    void this.#beat(AbortSignal.any([stop.signal, this.#cluster.signal]));
  }

  #stopHeartbeat(): void {
    this.#heartbeat?.abort();
    this.#heartbeat = undefined;
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock, heartbeatMs, onEvent } = this.#cluster.options;
    let pauseMs = heartbeatMs;
    while (!signal.aborted && this.#pending !== "lost") {
      await clock.sleep(pauseMs, signal).catch(() => {});
      if (signal.aborted) return;
      const startMs = clock.monotonic();
      try {
        const code = await this.#sendHeartbeat();
        if (signal.aborted) return;
        this.#note(code, startMs);
        pauseMs = heartbeatMs;
        await this.#watchPartitions();
      } catch (error) {
        if (signal.aborted) return;
        onEvent({ level: "warn", message: "Heartbeat failed", cause: error });
        if (!isTransient(error)) this.#pending = "lost";
        // More often than usual: the session runs on.
        pauseMs = Math.min(heartbeatMs, 500);
      }
      this.#checkSession();
      if (this.#pending !== "none") this.#onPending();
    }
  }

  /** The leader notices new partitions of the group's topics, at the pace of its heartbeats. */
  async #watchPartitions(): Promise<void> {
    const before = this.#assignedBy;
    if (before === undefined || this.#pending !== "none") return;
    await this.#cluster.refresh(before.keys());
    const after = this.#partitionCounts(before.keys());
    const hasGrown = [...before].some(([topic, count]) => (after.get(topic) ?? 0) > count);
    if (hasGrown) this.#pending = "rebalance";
  }

  #sendHeartbeat(): Promise<number> {
    const { group } = this.#subscription;
    return sendHeartbeat(this.#coordinator, group, this.#generation, this.#memberId);
  }

  /** @throws {MillraceError} for codes that say nothing about the membership */
  #note(code: number, sentMs: number): void {
    if (code === ERROR.NONE || code === ERROR.REBALANCE_IN_PROGRESS) {
      this.#lastHeardMs = sentMs;
      if (code !== ERROR.NONE && this.#pending === "none") this.#pending = "rebalance";
      return;
    }
    if (reactionTo(code) === "fenced") {
      // An unknown member has to join as a new one.
      if (code === ERROR.UNKNOWN_MEMBER_ID) this.#memberId = "";
      this.#pending = "lost";
      return;
    }
    throw this.#coordinator.failure(code, `keep the membership in ${this.#subscription.group}`);
  }

  async #sendLeave(): Promise<void> {
    const { onEvent } = this.#cluster.options;
    try {
      await sendLeave(this.#coordinator, this.#subscription.group, this.#memberId);
    } catch (error) {
      // The session ends by itself; the others only wait longer.
      onEvent({ level: "warn", message: "Leaving the group was not confirmed", cause: error });
    }
  }
}
