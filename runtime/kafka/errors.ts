/**
 * Kafka's error codes: name, what to do about them, and the `MillraceError` they become.
 *
 * kafkajs' own table ends at 88 and loses the number of everything above; answers are decoded here
 * from the bytes, so no code gets lost.
 */

import { type FaultCode, MillraceError, type Where } from "../fault/mod.ts";

/**
 * How the client reacts.
 * - `retry`: the same request again after a pause
 * - `metadata`: leaders moved: refresh, then retry
 * - `coordinator`: the coordinator moved or loads: find it again, then retry
 * - `fenced`: the group or the producer gave this member up
 * - `refused`: asking again does not help
 */
export type Reaction = "retry" | "metadata" | "coordinator" | "fenced" | "refused";

interface Row {
  readonly name: string;
  readonly reaction: Reaction;
  readonly fault: FaultCode;
}

const row = (name: string, reaction: Reaction, fault?: FaultCode): Row => ({
  name,
  reaction,
  fault:
    fault ??
    (reaction === "fenced"
      ? "FENCED"
      : reaction === "refused"
        ? "BROKER_REFUSED"
        : "BROKER_RETRIABLE"),
});

/** Codes with a meaning of their own in the client's code. */
export const ERROR = {
  NONE: 0,
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  MESSAGE_TOO_LARGE: 10,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  COORDINATOR_NOT_AVAILABLE: 15,
  NOT_COORDINATOR: 16,
  RECORD_LIST_TOO_LARGE: 18,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_ALREADY_EXISTS: 36,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  DUPLICATE_SEQUENCE_NUMBER: 46,
  UNKNOWN_PRODUCER_ID: 59,
  GROUP_ID_NOT_FOUND: 69,
  MEMBER_ID_REQUIRED: 79,
} as const;

const TABLE: Readonly<Record<number, Row>> = {
  [-1]: row("UNKNOWN_SERVER_ERROR", "retry"),
  1: row("OFFSET_OUT_OF_RANGE", "refused", "OFFSET_OUT_OF_RANGE"),
  2: row("CORRUPT_MESSAGE", "retry"),
  3: row("UNKNOWN_TOPIC_OR_PARTITION", "metadata"),
  4: row("INVALID_FETCH_SIZE", "refused"),
  5: row("LEADER_NOT_AVAILABLE", "metadata"),
  6: row("NOT_LEADER_OR_FOLLOWER", "metadata"),
  7: row("REQUEST_TIMED_OUT", "retry"),
  8: row("BROKER_NOT_AVAILABLE", "metadata"),
  9: row("REPLICA_NOT_AVAILABLE", "metadata"),
  10: row("MESSAGE_TOO_LARGE", "refused", "RECORD_TOO_LARGE"),
  12: row("OFFSET_METADATA_TOO_LARGE", "refused", "INVARIANT"),
  13: row("NETWORK_EXCEPTION", "metadata"),
  14: row("COORDINATOR_LOAD_IN_PROGRESS", "coordinator"),
  15: row("COORDINATOR_NOT_AVAILABLE", "coordinator"),
  16: row("NOT_COORDINATOR", "coordinator"),
  17: row("INVALID_TOPIC_EXCEPTION", "refused"),
  18: row("RECORD_LIST_TOO_LARGE", "refused", "RECORD_TOO_LARGE"),
  19: row("NOT_ENOUGH_REPLICAS", "retry"),
  20: row("NOT_ENOUGH_REPLICAS_AFTER_APPEND", "retry"),
  21: row("INVALID_REQUIRED_ACKS", "refused"),
  22: row("ILLEGAL_GENERATION", "fenced"),
  23: row("INCONSISTENT_GROUP_PROTOCOL", "refused"),
  24: row("INVALID_GROUP_ID", "refused"),
  25: row("UNKNOWN_MEMBER_ID", "fenced"),
  26: row("INVALID_SESSION_TIMEOUT", "refused"),
  // Only a commit or a confirmation meets it here: joining and heart-beating handle it themselves.
  27: row("REBALANCE_IN_PROGRESS", "fenced"),
  29: row("TOPIC_AUTHORIZATION_FAILED", "refused"),
  30: row("GROUP_AUTHORIZATION_FAILED", "refused"),
  31: row("CLUSTER_AUTHORIZATION_FAILED", "refused"),
  32: row("INVALID_TIMESTAMP", "refused", "INVALID_TIME"),
  33: row("UNSUPPORTED_SASL_MECHANISM", "refused"),
  34: row("ILLEGAL_SASL_STATE", "retry"),
  35: row("UNSUPPORTED_VERSION", "refused"),
  36: row("TOPIC_ALREADY_EXISTS", "refused"),
  37: row("INVALID_PARTITIONS", "refused"),
  38: row("INVALID_REPLICATION_FACTOR", "refused"),
  39: row("INVALID_REPLICA_ASSIGNMENT", "refused"),
  40: row("INVALID_CONFIG", "refused"),
  41: row("NOT_CONTROLLER", "metadata"),
  42: row("INVALID_REQUEST", "refused"),
  43: row("UNSUPPORTED_FOR_MESSAGE_FORMAT", "refused"),
  44: row("POLICY_VIOLATION", "refused"),
  45: row("OUT_OF_ORDER_SEQUENCE_NUMBER", "refused", "BROKER_RETRIABLE"),
  46: row("DUPLICATE_SEQUENCE_NUMBER", "refused", "BROKER_RETRIABLE"),
  47: row("INVALID_PRODUCER_EPOCH", "fenced"),
  51: row("CONCURRENT_TRANSACTIONS", "retry"),
  53: row("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "refused"),
  56: row("KAFKA_STORAGE_ERROR", "metadata"),
  58: row("SASL_AUTHENTICATION_FAILED", "refused"),
  59: row("UNKNOWN_PRODUCER_ID", "refused", "BROKER_RETRIABLE"),
  60: row("REASSIGNMENT_IN_PROGRESS", "retry"),
  68: row("NON_EMPTY_GROUP", "refused"),
  69: row("GROUP_ID_NOT_FOUND", "refused"),
  70: row("FETCH_SESSION_ID_NOT_FOUND", "retry"),
  71: row("INVALID_FETCH_SESSION_EPOCH", "retry"),
  72: row("LISTENER_NOT_FOUND", "metadata"),
  73: row("TOPIC_DELETION_DISABLED", "refused"),
  74: row("FENCED_LEADER_EPOCH", "metadata"),
  75: row("UNKNOWN_LEADER_EPOCH", "metadata"),
  76: row("UNSUPPORTED_COMPRESSION_TYPE", "refused"),
  77: row("STALE_BROKER_EPOCH", "metadata"),
  78: row("OFFSET_NOT_AVAILABLE", "metadata"),
  79: row("MEMBER_ID_REQUIRED", "retry"),
  80: row("PREFERRED_LEADER_NOT_AVAILABLE", "metadata"),
  81: row("GROUP_MAX_SIZE_REACHED", "refused"),
  82: row("FENCED_INSTANCE_ID", "fenced"),
  83: row("ELIGIBLE_LEADERS_NOT_AVAILABLE", "metadata"),
  87: row("INVALID_RECORD", "refused"),
  88: row("UNSTABLE_OFFSET_COMMIT", "retry"),
  89: row("THROTTLING_QUOTA_EXCEEDED", "retry"),
  90: row("PRODUCER_FENCED", "fenced"),
  100: row("UNKNOWN_TOPIC_ID", "metadata"),
  103: row("INCONSISTENT_TOPIC_ID", "metadata"),
  110: row("FENCED_MEMBER_EPOCH", "fenced"),
  113: row("STALE_MEMBER_EPOCH", "fenced"),
};

/** What the client does when an answer carries this code. A code we do not know is not repeated. */
export function reactionTo(code: number): Reaction {
  return TABLE[code]?.reaction ?? "refused";
}

export function errorName(code: number): string {
  return TABLE[code]?.name ?? `error code ${code}`;
}

/**
 * The run-time error of a code.
 *
 * @param cannot what was tried, lower case, to follow "Cannot"
 * @param detail what the broker said about it, if it said anything
 */
export function brokerError(
  code: number,
  cannot: string,
  where: Where = {},
  detail?: string | null,
): MillraceError {
  const fault = TABLE[code]?.fault ?? "BROKER_REFUSED";
  const said = detail === undefined || detail === null || detail === "" ? "" : `: ${detail}`;
  return new MillraceError(fault, `Cannot ${cannot}: ${errorName(code)}${said}`, { where });
}

/** An error of the connection layer: unreachable, cut, timed out, or the login was refused. */
export function connectionError(error: unknown, cannot: string): MillraceError {
  if (error instanceof MillraceError) return error;
  const named = error as { readonly name?: string; readonly message?: string };
  const refused =
    named.name === "KafkaJSSASLAuthenticationError" ||
    named.name === "KafkaJSUnsupportedMagicByteInMessageSet";
  return new MillraceError(
    refused ? "BROKER_REFUSED" : "BROKER_UNREACHABLE",
    `Cannot ${cannot}: ${named.message ?? String(error)}`,
    { cause: error },
  );
}

/** True when waiting and asking again may help. */
export function isTransient(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.faultClass === "transient";
}
