/** What a client of a Kafka cluster can be told, with defaults and checks. */

import type { ConnectionOptions } from "node:tls";
import type { ISocketFactory, SASLOptions } from "kafkajs";
import type { Clock } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { systemClock } from "./system_clock.ts";

/** Something worth knowing that is no error of a call: for logs and status displays. */
export interface KafkaEvent {
  readonly level: "debug" | "info" | "warn";
  /** One line, no full stop. */
  readonly message: string;
  readonly cause?: unknown;
}

/** How to reach a cluster. */
export interface ConnectionSettings {
  /** `host:port` each, IPv6 addresses in brackets; one that answers is enough. */
  readonly brokers: readonly string[];
  /** Shows up in the brokers' logs and quotas. @default "millrace" */
  readonly clientId?: string;
  /** TLS; `true` for the system's certificates. @default false */
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: SASLOptions;
  /** How long one connection attempt may take, ms. @default 3_000 */
  readonly connectTimeoutMs?: number;
  /** How long a request may wait for its answer, on top of what it asks the broker to wait, ms. @default 10_000 */
  readonly requestTimeoutMs?: number;
  /** How long a call retries transient errors before it throws the last one, ms. @default 30_000 */
  readonly retryTimeoutMs?: number;
  readonly onEvent?: (event: KafkaEvent) => void;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** Creates the sockets instead; may return any Duplex that looks like one. */
  readonly socketFactory?: ISocketFactory;
}

/** Where a cluster is, and who we are to it. */
export type ClusterAccess = Pick<ConnectionSettings, "brokers" | "ssl" | "sasl">;

/** The part of some settings that is about access. */
export function accessOf({ brokers, ssl, sasl }: ClusterAccess): ClusterAccess {
  return { brokers, ...(ssl !== undefined && { ssl }), ...(sasl !== undefined && { sasl }) };
}

/** How records are fetched ahead. */
export interface FetchSettings {
  /** Most bytes one answer should hold (one batch larger than that still comes whole). @default 8 MiB */
  readonly maxFetchBytes?: number;
  /** The same per partition. @default 1 MiB */
  readonly maxPartitionFetchBytes?: number;
  /** No further fetch is sent while this much waits for `poll`, bytes. @default 16 MiB */
  readonly maxBufferedBytes?: number;
  /** How long the broker may hold a fetch with nothing to say, ms: how soon a quiet partition shows as caught up. @default 100 */
  readonly fetchWaitMs?: number;
}

/** How a group member lives. */
export interface GroupSettings {
  /** Without a heartbeat for so long a member is out, ms. @default 10_000 */
  readonly sessionTimeoutMs?: number;
  /** @default 3_000 */
  readonly heartbeatMs?: number;
  /** How long the others wait for a member's `revoked` in a rebalance, ms. @default 60_000 */
  readonly rebalanceTimeoutMs?: number;
}

/** How records are appended. */
export interface ProduceSettings {
  /** Most bytes of one request. @default 8 MiB */
  readonly maxProduceBytes?: number;
  /** How long `append` tries before it gives up, ms. @default 60_000 */
  readonly deliveryTimeoutMs?: number;
}

export type KafkaSettings = ConnectionSettings & FetchSettings & GroupSettings & ProduceSettings;

/** Every option, with a value where there is a default. */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean | ConnectionOptions;
  readonly sasl: SASLOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retryTimeoutMs: number;
  readonly onEvent: (event: KafkaEvent) => void;
  readonly clock: Clock;
  readonly socketFactory: ISocketFactory | undefined;
  readonly maxFetchBytes: number;
  readonly maxPartitionFetchBytes: number;
  readonly maxBufferedBytes: number;
  readonly fetchWaitMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly maxProduceBytes: number;
  readonly deliveryTimeoutMs: number;
}

const MIB = 1024 * 1024;

/** Kafka's own defaults where it has them, smaller waits where results should be seen at once. */
export const KAFKA_DEFAULTS = Object.freeze({
  clientId: "millrace",
  ssl: false,
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 10_000,
  retryTimeoutMs: 30_000,
  maxFetchBytes: 8 * MIB,
  maxPartitionFetchBytes: MIB,
  maxBufferedBytes: 16 * MIB,
  fetchWaitMs: 100,
  sessionTimeoutMs: 10_000,
  heartbeatMs: 3_000,
  rebalanceTimeoutMs: 60_000,
  maxProduceBytes: 8 * MIB,
  deliveryTimeoutMs: 60_000,
});

/** @throws {MillraceError} INVALID_OPTION */
export function resolveOptions(settings: KafkaSettings): KafkaOptions {
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as KafkaSettings;
  const options: KafkaOptions = {
    ...KAFKA_DEFAULTS,
    sasl: undefined,
    socketFactory: undefined,
    onEvent: () => {},
    clock: systemClock,
    ...given,
  };
  if (options.brokers.length === 0) throw invalid("brokers", "needs at least one host:port");
  for (const broker of options.brokers) {
    if (!/^([^\s:]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(broker))
      throw invalid("brokers", `"${broker}" is not host:port`);
  }
  for (const name of [
    "connectTimeoutMs",
    "requestTimeoutMs",
    "retryTimeoutMs",
    "maxFetchBytes",
    "maxPartitionFetchBytes",
    "maxBufferedBytes",
    "fetchWaitMs",
    "sessionTimeoutMs",
    "heartbeatMs",
    "rebalanceTimeoutMs",
    "maxProduceBytes",
    "deliveryTimeoutMs",
  ] as const) {
    const value = options[name];
    if (!Number.isSafeInteger(value) || value <= 0 || value > 0x7fffffff) {
      throw invalid(name, `must be a whole number from 1 to 2147483647, got ${value}`);
    }
  }
  if (options.heartbeatMs * 2 > options.sessionTimeoutMs) {
    throw invalid(
      "heartbeatMs",
      `must be at most half of sessionTimeoutMs (${options.sessionTimeoutMs}), got ${options.heartbeatMs}`,
    );
  }
  return options;
}

function invalid(name: string, why: string): MillraceError {
  return new MillraceError("INVALID_OPTION", `Cannot use Kafka option ${name}: ${why}`);
}
