import { ERROR } from "../errors.ts";
import type { Timer, Timers } from "../timers.ts";
import { CommittedOffsets } from "./committed_offsets.ts";
import {
  type JoinAnswer,
  type JoinRequest,
  joinFailed,
  MAX_MEMBER_BYTES,
  Member,
  NO_ASSIGNMENT,
  type SyncAnswer,
  syncFailed,
} from "./member.ts";
import { hasCommonProtocol, voteProtocol } from "./protocol_vote.ts";
import { Roster } from "./roster.ts";

/**
 *                  join                        all have joined,
 *                                              or the wait is over
 *     Empty ────────────────▶ PreparingRebalance ─────────────────▶ CompletingRebalance
 *       ▲                       ▲        │                             │      │
 *       └───────────────────────┼────────┘ nobody is left              │      │ the leader has
 *                               │                                      │      │ assigned
 *                               └──────────────────────────────────────┤      ▼
 *                                join, leave, expiry, new protocols    └── Stable
 *
 * A generation begins with `CompletingRebalance`. In `PreparingRebalance` the one before is still good
 * for heartbeats, which are answered REBALANCE_IN_PROGRESS, and for commits.
 */
export type GroupState = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable";

export interface GroupOptions {
  readonly timers: Timers;
  readonly monotonic: () => number;
  readonly newMemberId: (clientId: string) => string;
  readonly maxMembers: number;
}

/** Who says it is whom: on heartbeats, syncs and commits. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

/** One consumer group of the classic protocol: the barrier, generations, sessions, static members. */
export class Group {
  readonly id: string;
  readonly offsets = new CommittedOffsets();
  readonly #options: GroupOptions;
  readonly #roster: Roster;
  #state: GroupState = "Empty";
  #generation = 0;
  #protocolType: string | null = null;
  #protocolName: string | null = null;
  #leaderId: string | null = null;
  /** Of the barrier or of the wait for assignments. */
  #phaseTimer: Timer | undefined;

  constructor(id: string, options: GroupOptions) {
    this.id = id;
    this.#options = options;
    this.#roster = new Roster({
      ...options,
      onExpired: (member) => this.#remove(member),
      onNoShow: () => this.#maybeCompleteJoin(),
    });
  }

  get state(): GroupState {
    return this.#state;
  }

  get generation(): number {
    return this.#generation;
  }

  get protocolType(): string {
    return this.#protocolType ?? "";
  }

  get protocolName(): string | null {
    return this.#protocolName;
  }

  get members(): readonly Member[] {
    return this.#roster.all;
  }

  /** Nothing would be missed. */
  get isDisposable(): boolean {
    return this.#state === "Empty" && this.offsets.isEmpty && this.#roster.expectedCount === 0;
  }

  /** Resolves when the generation that this member is part of has begun. */
  join(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const { memberId, groupInstanceId } = request;
    const errorCode = this.#refuses(request);
    if (errorCode !== ERROR.NONE) return joinFailed(errorCode, memberId);
    if (memberId === "") return this.#joinAnew(request);
    if (this.#roster.takeExpected(memberId)) return this.#add(memberId, request);
    const unknown = this.#roster.check(memberId, groupInstanceId);
    if (unknown !== ERROR.NONE) return joinFailed(unknown, memberId);
    return this.#rejoin(this.#roster.get(memberId)!, request);
  }

  #refuses({ memberId, protocolType, protocols, groupInstanceId }: JoinRequest): number {
    const metadataBytes = protocols.reduce((sum, { metadata }) => sum + metadata.length, 0);
    if (metadataBytes > MAX_MEMBER_BYTES) return ERROR.POLICY_VIOLATION;
    const others = this.members.filter(
      ({ id, groupInstanceId: instance }) =>
        id !== memberId && (instance === null || instance !== groupInstanceId),
    );
    const fits =
      protocolType !== "" &&
      protocols.length > 0 &&
      (others.length === 0 ||
        (protocolType === this.#protocolType && hasCommonProtocol(protocols, others)));
    if (!fits) return ERROR.INCONSISTENT_GROUP_PROTOCOL;
    const isNew = this.#roster.get(memberId) === undefined && !this.#roster.isExpected(memberId);
    const isFull = others.length + this.#roster.expectedCount >= this.#options.maxMembers;
    return isNew && isFull ? ERROR.GROUP_MAX_SIZE_REACHED : ERROR.NONE;
  }

  #joinAnew(request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const { groupInstanceId, clientId } = request;
    const newId = this.#options.newMemberId(groupInstanceId ?? clientId);
    if (groupInstanceId !== null) {
      const old = this.#roster.byInstance(groupInstanceId);
      if (old !== undefined) return this.#replaceStatic(old, newId, request);
    } else if (request.needsMemberId) {
      this.#roster.expect(newId, request.sessionTimeoutMs);
      return joinFailed(ERROR.MEMBER_ID_REQUIRED, newId);
    }
    return this.#add(newId, request);
  }

  #add(memberId: string, request: JoinRequest): Promise<JoinAnswer> {
    const member = new Member(memberId, request.groupInstanceId);
    this.#roster.add(member);
    return this.#joinBarrier(member, request);
  }

  #rejoin(member: Member, request: JoinRequest): JoinAnswer | Promise<JoinAnswer> {
    const isUnchanged = member.hasSameProtocols(request.protocols);
    const mayKeep =
      this.#state === "CompletingRebalance" ||
      // A leader that joins again asks for a new assignment.
      (this.#state === "Stable" && member.id !== this.#leaderId);
    if (isUnchanged && mayKeep) {
      member.update(request);
      this.#roster.touch(member);
      return this.#generationFor(member);
    }
    return this.#joinBarrier(member, request);
  }

  #joinBarrier(member: Member, request: JoinRequest): Promise<JoinAnswer> {
    if (this.#roster.size === 1) this.#protocolType = request.protocolType;
    member.update(request);
    const joined = member.awaitJoin(ERROR.REBALANCE_IN_PROGRESS);
    this.#rebalance();
    return joined;
  }

  /**
   * A static member has restarted: it takes over its predecessor's place and assignment under a new
   * id, which fences the predecessor, and in a stable group nobody else notices.
   */
  #replaceStatic(
    member: Member,
    newId: string,
    request: JoinRequest,
  ): JoinAnswer | Promise<JoinAnswer> {
    const oldId = member.id;
    member.fail(ERROR.FENCED_INSTANCE_ID);
    const wasLeader = this.#leaderId === oldId;
    this.#roster.rename(member, newId);
    if (wasLeader) this.#leaderId = newId;
    if (this.#state !== "Stable") return this.#joinBarrier(member, request);
    member.update(request);
    if (voteProtocol(this.members) !== this.#protocolName) {
      return this.#joinBarrier(member, request);
    }
    this.#roster.touch(member);
    const answer = this.#generationFor(member);
    if (!wasLeader) return answer;
    // Who cannot be told to skip the assignment is told that someone else leads.
    return request.knowsSkipAssignment
      ? { ...answer, skipAssignment: true }
      : { ...answer, leader: oldId, members: [] };
  }

  #rebalance(): void {
    if (this.#state === "CompletingRebalance") {
      for (const member of this.members) {
        member.assignment = NO_ASSIGNMENT;
        if (member.isSyncing) this.#roster.touch(member);
        member.answerSync(syncFailed(ERROR.REBALANCE_IN_PROGRESS));
      }
    }
    if (this.#state !== "PreparingRebalance") {
      this.#state = "PreparingRebalance";
      this.#startPhase(() => this.#completeJoin());
    }
    this.#maybeCompleteJoin();
  }

  #startPhase(expired: () => void): void {
    this.#phaseTimer?.cancel();
    const waits = this.members.map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs);
    this.#phaseTimer = this.#options.timers.after(Math.max(0, ...waits), expired);
  }

  #maybeCompleteJoin(): void {
    if (this.#state !== "PreparingRebalance") return;
    const isComplete =
      this.#roster.size === 0 ||
      (this.#roster.expectedCount === 0 && this.members.every(({ isJoining }) => isJoining));
    if (isComplete) this.#completeJoin();
  }

  /** Ends the barrier. Who has not come is out; static members keep their place while sessions last. */
  #completeJoin(): void {
    const isAbsent = (member: Member) => !member.isJoining;
    for (const member of this.members.filter(isAbsent)) {
      if (member.groupInstanceId === null) this.#forget(member, ERROR.UNKNOWN_MEMBER_ID);
    }
    const members = this.members;
    if (members.length > 0 && members.every(isAbsent)) {
      this.#startPhase(() => this.#completeJoin());
      return;
    }
    this.#generation++;
    this.#phaseTimer?.cancel();
    if (members.length === 0) {
      this.#state = "Empty";
      this.#protocolName = this.#leaderId = null;
      return;
    }
    this.#state = "CompletingRebalance";
    this.#protocolName = voteProtocol(members);
    const leader = this.#leaderId === null ? undefined : this.#roster.get(this.#leaderId);
    if (leader?.isJoining !== true) {
      this.#leaderId = members.find(({ isJoining }) => isJoining)!.id;
    }
    this.#startPhase(() => this.#expelUnsynced());
    for (const member of members) {
      if (member.isJoining) this.#roster.touch(member);
      member.answerJoin(this.#generationFor(member));
    }
  }

  /** Who got its generation and then never asked for its assignment holds the others up. */
  #expelUnsynced(): void {
    for (const member of this.members) {
      if (!member.isSyncing) this.#forget(member, ERROR.UNKNOWN_MEMBER_ID);
    }
    this.#rebalance();
  }

  #generationFor(member: Member): JoinAnswer {
    return {
      errorCode: ERROR.NONE,
      generationId: this.#generation,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      leader: this.#leaderId ?? "",
      skipAssignment: false,
      memberId: member.id,
      members:
        member.id !== this.#leaderId
          ? []
          : this.members.map((each) => ({
              memberId: each.id,
              groupInstanceId: each.groupInstanceId,
              metadata: each.metadataFor(this.#protocolName),
            })),
    };
  }

  /** Resolves with the member's assignment once the leader has brought it. */
  sync(
    identity: MemberIdentity,
    protocol: { readonly type: string | null; readonly name: string | null },
    assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[],
  ): SyncAnswer | Promise<SyncAnswer> {
    const errorCode = this.#check(identity);
    if (errorCode !== ERROR.NONE) return syncFailed(errorCode);
    if (
      (protocol.type !== null && protocol.type !== this.#protocolType) ||
      (protocol.name !== null && protocol.name !== this.#protocolName)
    ) {
      return syncFailed(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    }
    if (assignments.some(({ assignment }) => assignment.length > MAX_MEMBER_BYTES)) {
      return syncFailed(ERROR.POLICY_VIOLATION);
    }
    const member = this.#roster.get(identity.memberId)!;
    this.#roster.touch(member);
    switch (this.#state) {
      case "Empty":
        return syncFailed(ERROR.UNKNOWN_MEMBER_ID);
      case "PreparingRebalance":
        return syncFailed(ERROR.REBALANCE_IN_PROGRESS);
      case "Stable":
        return this.#assignmentOf(member);
      case "CompletingRebalance": {
        const synced = member.awaitSync(ERROR.REBALANCE_IN_PROGRESS);
        if (member.id === this.#leaderId) this.#assign(assignments);
        return synced;
      }
    }
  }

  #assign(
    assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[],
  ): void {
    for (const { memberId, assignment } of assignments) {
      const member = this.#roster.get(memberId);
      if (member !== undefined) member.assignment = assignment.slice();
    }
    this.#state = "Stable";
    this.#phaseTimer?.cancel();
    for (const member of this.members) {
      if (member.isSyncing) this.#roster.touch(member);
      member.answerSync(this.#assignmentOf(member));
    }
  }

  #assignmentOf({ assignment }: Member): SyncAnswer {
    return {
      errorCode: ERROR.NONE,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      assignment,
    };
  }

  heartbeat(identity: MemberIdentity): number {
    const errorCode = this.#check(identity);
    if (errorCode !== ERROR.NONE) return errorCode;
    this.#roster.touch(this.#roster.get(identity.memberId)!);
    return this.#state === "PreparingRebalance" ? ERROR.REBALANCE_IN_PROGRESS : ERROR.NONE;
  }

  /** A member, or a static one by its instance id alone, goes. */
  leave(memberId: string, groupInstanceId: string | null): number {
    if (this.#roster.takeExpected(memberId)) {
      this.#maybeCompleteJoin();
      return ERROR.NONE;
    }
    const id =
      memberId === "" && groupInstanceId !== null
        ? (this.#roster.byInstance(groupInstanceId)?.id ?? "")
        : memberId;
    const errorCode = this.#roster.check(id, groupInstanceId);
    if (errorCode === ERROR.NONE) this.#remove(this.#roster.get(id)!);
    return errorCode;
  }

  /** Whether a commit is accepted; a member's counts as a sign of life. */
  mayCommit(identity: MemberIdentity): number {
    const { memberId, groupInstanceId, generationId } = identity;
    const isNonMember = generationId < 0 && memberId === "" && groupInstanceId === null;
    if (isNonMember && this.#state === "Empty") return ERROR.NONE;
    const errorCode = this.#check(identity);
    if (errorCode !== ERROR.NONE) return errorCode;
    if (this.#state === "CompletingRebalance") return ERROR.REBALANCE_IN_PROGRESS;
    this.#roster.touch(this.#roster.get(memberId)!);
    return ERROR.NONE;
  }

  #check({ memberId, groupInstanceId, generationId }: MemberIdentity): number {
    const errorCode = this.#roster.check(memberId, groupInstanceId);
    if (errorCode !== ERROR.NONE) return errorCode;
    return generationId === this.#generation ? ERROR.NONE : ERROR.ILLEGAL_GENERATION;
  }

  #remove(member: Member): void {
    this.#forget(member, ERROR.UNKNOWN_MEMBER_ID);
    if (this.#state === "PreparingRebalance") this.#maybeCompleteJoin();
    else this.#rebalance();
  }

  #forget(member: Member, errorCode: number): void {
    this.#roster.remove(member);
    member.fail(errorCode);
  }
}
