/**
 * What goes wrong at run time: one error class, a closed set of codes, and for each the class of
 * `semantics` that decides the reaction. A leaf: everything in `runtime/` and `web/` may import it.
 *
 * @module
 */

/** The reaction, named: see the README's "When something goes wrong". */
export type FaultClass =
  /** Wrong definition or configuration: nothing is started. */
  | "definition"
  /** This record cannot be processed: dead letter, skip or fail. */
  | "record"
  /** Unreachable, loading, moving: wait and try again. Never a dead letter. */
  | "transient"
  /** Someone else owns this now: give the task up, rejoin. */
  | "fenced"
  /** Stored state does not fit: wipe it and restore. */
  | "state"
  /** An invariant is violated: stop, commit nothing. */
  | "bug";

/** Every run-time code with its class. Each has a row in the README and a test that provokes it. */
export const FAULTS = {
  BROKER_UNREACHABLE: "transient",
  REGISTRY_UNREACHABLE: "transient",
  BROKER_RETRIABLE: "transient",
  FENCED: "fenced",
  BROKER_REFUSED: "definition",
  REGISTRY_REFUSED: "definition",
  TOPIC_MISSING: "definition",
  TOPIC_MISMATCH: "definition",
  OFFSET_OUT_OF_RANGE: "definition",
  INVALID_OPTION: "definition",
  PORT_IN_USE: "definition",
  STATE_MISMATCH: "definition",
  STATE_BUDGET: "definition",
  STATE_LOCKED: "definition",
  UNDECODABLE: "record",
  UNENCODABLE: "record",
  UNKNOWN_SCHEMA_ID: "record",
  LONG_UNSAFE: "record",
  INVALID_TIME: "record",
  SUM_OVERFLOW: "record",
  AGGREGATE_LIMIT: "record",
  RECORD_TOO_LARGE: "record",
  PARTITION_OUT_OF_RANGE: "record",
  FUNCTION_FAILED: "record",
  /** A bad record where the policy is `onError: fail`. */
  RECORD_REFUSED: "bug",
  CORRUPT_BATCH: "bug",
  STATE_CORRUPT: "state",
  INVARIANT: "bug",
} as const satisfies Record<string, FaultClass>;

export type FaultCode = keyof typeof FAULTS;

/** Where it happened; the task boundary fills in what the thrower could not know. */
export interface Where {
  readonly task?: string;
  readonly stage?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

/** The one error that the runtime throws on purpose. */
export class MillraceError extends Error {
  override readonly name = "MillraceError";
  readonly code: FaultCode;
  readonly where: Where;

  /**
   * @param code what happened; decides the reaction
   * @param message `Cannot <do what>: <why>`, capital first, no full stop at the end
   */
  constructor(
    code: FaultCode,
    message: string,
    options: { readonly cause?: unknown; readonly where?: Where } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where ?? {};
  }

  get faultClass(): FaultClass {
    return FAULTS[this.code];
  }
}
