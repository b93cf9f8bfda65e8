import type { Timer } from "../timers.ts";

export interface Protocol {
  readonly name: string;
  /** Opaque to the broker, as are assignments. */
  readonly metadata: Uint8Array;
}

/** A wish to join, independent of its version. */
export interface JoinRequest {
  /** Empty for who has none yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** Version 4 and up: a new member first gets its id, and joins with it. */
  readonly needsMemberId: boolean;
  /** Version 9 and up: a leader can be told that nobody has to be assigned anew. */
  readonly knowsSkipAssignment: boolean;
}

export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly metadata: Uint8Array;
}

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** For the leader, who assigns; empty for the others. */
  readonly members: readonly JoinedMember[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Uint8Array;
}

/** Of the metadata of one member, and of its assignment. */
export const MAX_MEMBER_BYTES = 1024 * 1024;

export const NO_ASSIGNMENT = new Uint8Array(0);

export function joinFailed(errorCode: number, memberId: string): JoinAnswer {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: "",
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncFailed(errorCode: number): SyncAnswer {
  return { errorCode, protocolType: null, protocolName: null, assignment: NO_ASSIGNMENT };
}

/** One member of a group, and what it waits for. */
export class Member {
  id: string;
  readonly groupInstanceId: string | null;
  clientId = "";
  clientHost = "";
  sessionTimeoutMs = 0;
  rebalanceTimeoutMs = 0;
  protocols: readonly Protocol[] = [];
  assignment: Uint8Array = NO_ASSIGNMENT;
  /** Monotonic ms after which it is out, unless it waits for the others. */
  expiresAtMs = 0;
  sessionTimer: Timer | undefined;
  #answerJoin: ((answer: JoinAnswer) => void) | undefined;
  #answerSync: ((answer: SyncAnswer) => void) | undefined;

  constructor(id: string, groupInstanceId: string | null) {
    this.id = id;
    this.groupInstanceId = groupInstanceId;
  }

  /** Copies what it holds on to, for the request's bytes are the connection's. */
  update(request: JoinRequest): void {
    this.clientId = request.clientId;
    this.clientHost = request.clientHost;
    this.sessionTimeoutMs = request.sessionTimeoutMs;
    this.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    this.protocols = request.protocols.map(({ name, metadata }) => ({
      name,
      metadata: metadata.slice(),
    }));
  }

  get isJoining(): boolean {
    return this.#answerJoin !== undefined;
  }

  get isSyncing(): boolean {
    return this.#answerSync !== undefined;
  }

  /** Resolves at the end of the barrier. An earlier wait of the same member ends with `errorCode`. */
  awaitJoin(errorCode: number): Promise<JoinAnswer> {
    this.answerJoin(joinFailed(errorCode, this.id));
    return new Promise((resolve) => {
      this.#answerJoin = resolve;
    });
  }

  awaitSync(errorCode: number): Promise<SyncAnswer> {
    this.answerSync(syncFailed(errorCode));
    return new Promise((resolve) => {
      this.#answerSync = resolve;
    });
  }

  answerJoin(answer: JoinAnswer): void {
    const resolve = this.#answerJoin;
    this.#answerJoin = undefined;
    resolve?.(answer);
  }

  answerSync(answer: SyncAnswer): void {
    const resolve = this.#answerSync;
    this.#answerSync = undefined;
    resolve?.(answer);
  }

  /** Ends whatever it waits for. */
  fail(errorCode: number): void {
    this.answerJoin(joinFailed(errorCode, this.id));
    this.answerSync(syncFailed(errorCode));
  }

  supports(protocolName: string): boolean {
    return this.protocols.some(({ name }) => name === protocolName);
  }

  metadataFor(protocolName: string | null): Uint8Array {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? NO_ASSIGNMENT;
  }

  hasSameProtocols(protocols: readonly Protocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const own = this.protocols[index]!;
        return own.name === name && sameBytes(own.metadata, metadata);
      })
    );
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
