import { ERROR } from "../errors.ts";
import type { Timer, Timers } from "../timers.ts";
import type { Member } from "./member.ts";

export interface RosterOptions {
  readonly timers: Timers;
  readonly monotonic: () => number;
  /** A member has not been heard of for its session timeout. */
  readonly onExpired: (member: Member) => void;
  /** A member that was given an id has not come back with it. */
  readonly onNoShow: () => void;
}

/** Who belongs to a group: members, their instance ids, their sessions, and ids that were given out. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #members = new Map<string, Member>();
  /** Member ids of the static members, by instance id. */
  readonly #statics = new Map<string, string>();
  /** Ids given out with MEMBER_ID_REQUIRED, not yet used. */
  readonly #expected = new Map<string, Timer>();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  get expectedCount(): number {
    return this.#expected.size;
  }

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  byInstance(groupInstanceId: string): Member | undefined {
    return this.#members.get(this.#statics.get(groupInstanceId) ?? "");
  }

  isExpected(memberId: string): boolean {
    return this.#expected.has(memberId);
  }

  /** NONE when this member exists and, if it is static, has not been replaced. */
  check(memberId: string, groupInstanceId: string | null): number {
    if (groupInstanceId !== null) {
      const current = this.#statics.get(groupInstanceId);
      if (current === undefined) return ERROR.UNKNOWN_MEMBER_ID;
      if (current !== memberId) return ERROR.FENCED_INSTANCE_ID;
    }
    return this.#members.has(memberId) ? ERROR.NONE : ERROR.UNKNOWN_MEMBER_ID;
  }

  add(member: Member): void {
    this.#members.set(member.id, member);
    if (member.groupInstanceId !== null) this.#statics.set(member.groupInstanceId, member.id);
  }

  rename(member: Member, newId: string): void {
    this.#members.delete(member.id);
    member.id = newId;
    this.add(member);
  }

  remove(member: Member): void {
    this.#members.delete(member.id);
    if (member.groupInstanceId !== null) this.#statics.delete(member.groupInstanceId);
    member.sessionTimer?.cancel();
  }

  expect(memberId: string, waitMs: number): void {
    const timer = this.#options.timers.after(waitMs, () => {
      this.#expected.delete(memberId);
      this.#options.onNoShow();
    });
    this.#expected.set(memberId, timer);
  }

  /** @returns whether the id had been given out and not used */
  takeExpected(memberId: string): boolean {
    this.#expected.get(memberId)?.cancel();
    return this.#expected.delete(memberId);
  }

  /** Begins the member's session anew. A member that waits for the others does not expire. */
  touch(member: Member): void {
    const { monotonic, timers, onExpired } = this.#options;
    member.expiresAtMs = monotonic() + member.sessionTimeoutMs;
    if (member.sessionTimer !== undefined) return;
    const watch = (waitMs: number): void => {
      member.sessionTimer = timers.after(waitMs, () => {
        const leftMs = member.expiresAtMs - monotonic();
        if (member.isJoining || member.isSyncing) watch(member.sessionTimeoutMs);
        else if (leftMs > 0) watch(leftMs);
        else onExpired(member);
      });
    };
    watch(member.sessionTimeoutMs);
  }
}
