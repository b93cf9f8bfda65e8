import type { Clock } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { Intercept } from "./intercept.ts";
import { systemClock } from "./system_clock.ts";
import { checkTopicSettings } from "./topic_config.ts";

/** What the state machine can be told; everything has a default. */
export interface ClusterOptions {
  /** @default the system's clock */
  readonly clock?: Clock;
  /** @default a new random one */
  readonly clusterId?: string;
  /** Makes topic, member and cluster ids: inject one for runs that can be repeated. @default `crypto.randomUUID` */
  readonly uuid?: () => string;
  /** Partitions of a topic that does not say. @default 1 */
  readonly defaultPartitions?: number;
  /** Whether Metadata creates a missing topic for a client that wants it. @default true */
  readonly autoCreateTopics?: boolean;
  /** Settings of topics that do not set them, by Kafka's names. @default Kafka's */
  readonly topicDefaults?: Readonly<Record<string, string>>;
  /** Record bytes in all logs together; appends beyond are refused. @default 1 GiB */
  readonly maxLogBytes?: number;
  /** Partitions of all topics together. @default 10_000 */
  readonly maxPartitions?: number;
  /** Groups, those without members included. @default 10_000 */
  readonly maxGroups?: number;
  /** Members of one group. @default 1_000 */
  readonly maxGroupMembers?: number;
  /** Idempotent producers remembered per partition; the one that was quiet longest goes. @default 1_000 */
  readonly maxProducersPerPartition?: number;
  /** Least session timeout a member may ask for, ms (Kafka: 6_000; tests like it short). @default 100 */
  readonly minSessionTimeoutMs?: number;
  /** @default 1_800_000, as Kafka */
  readonly maxSessionTimeoutMs?: number;
  /** Most record bytes of one Fetch answer, the first batch aside. @default 57_671_680, as Kafka */
  readonly maxFetchBytes?: number;
  /** How often old records are looked for, ms. @default 300_000, as Kafka */
  readonly retentionCheckMs?: number;
  /** Sees every request first and may delay, drop, alter or answer it. */
  readonly intercept?: Intercept;
  /** Hears of defects: a handler or timer that threw. @default they are only counted */
  readonly onError?: (error: unknown) => void;
}

/** The broker on TCP. */
export interface BrokerOptions extends ClusterOptions {
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** 0: a free one. @default 0 */
  readonly port?: number;
  /** What clients are told to connect to. @default the host, or the address they came to if that is a wildcard */
  readonly advertisedHost?: string;
  /** Largest request, bytes; a connection that announces more is closed. @default 104_857_600, as Kafka */
  readonly maxRequestBytes?: number;
  /** Connections at a time; more are closed at once. @default 1_000 */
  readonly maxConnections?: number;
  /** A connection on which nothing happens is closed after this, ms. @default 600_000, as Kafka */
  readonly idleTimeoutMs?: number;
}

export type ResolvedClusterOptions = Required<Omit<ClusterOptions, "clusterId" | "intercept">> & {
  readonly clusterId: string;
  readonly intercept: Intercept | undefined;
};

export interface ResolvedBrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly advertisedHost: string | undefined;
  readonly maxRequestBytes: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
}

export const CLUSTER_DEFAULTS = Object.freeze({
  defaultPartitions: 1,
  maxLogBytes: 1024 ** 3,
  maxPartitions: 10_000,
  maxGroups: 10_000,
  maxGroupMembers: 1_000,
  maxProducersPerPartition: 1_000,
  minSessionTimeoutMs: 100,
  maxSessionTimeoutMs: 1_800_000,
  maxFetchBytes: 57_671_680,
  retentionCheckMs: 300_000,
});

export const SERVER_DEFAULTS = Object.freeze({
  maxRequestBytes: 104_857_600,
  maxConnections: 1_000,
  idleTimeoutMs: 600_000,
});

/** @throws {MillraceError} INVALID_OPTION */
export function resolveClusterOptions(given: ClusterOptions): ResolvedClusterOptions {
  const uuid = given.uuid ?? (() => crypto.randomUUID());
  const numbers = resolveNumbers(CLUSTER_DEFAULTS, given);
  if (numbers.minSessionTimeoutMs > numbers.maxSessionTimeoutMs) {
    throw invalid("minSessionTimeoutMs", "must not be over maxSessionTimeoutMs");
  }
  if (numbers.defaultPartitions > numbers.maxPartitions) {
    throw invalid("defaultPartitions", "must not be over maxPartitions");
  }
  const topicDefaults = given.topicDefaults ?? {};
  const wrong = checkTopicSettings(Object.entries(topicDefaults));
  if (wrong !== undefined) throw invalid("topicDefaults", wrong);
  return {
    ...numbers,
    uuid,
    clock: given.clock ?? systemClock,
    clusterId: given.clusterId ?? uuid().replaceAll("-", "").slice(0, 22),
    autoCreateTopics: given.autoCreateTopics ?? true,
    topicDefaults,
    intercept: given.intercept,
    onError: given.onError ?? (() => {}),
  };
}

/** @throws {MillraceError} INVALID_OPTION */
export function resolveServerOptions(given: BrokerOptions): ResolvedBrokerOptions {
  const port = given.port ?? 0;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid("port", `must be a whole number from 0 to 65535, got ${port}`);
  }
  return {
    ...resolveNumbers(SERVER_DEFAULTS, given),
    host: given.host ?? "127.0.0.1",
    port,
    advertisedHost: given.advertisedHost,
  };
}

type Numbers<T> = { readonly [K in keyof T]: number };

function resolveNumbers<T extends Readonly<Record<string, number>>>(
  defaults: T,
  given: { readonly [K in keyof T]?: unknown },
): Numbers<T> {
  const resolved: Record<string, number> = { ...defaults };
  for (const name of Object.keys(defaults)) {
    const value = given[name] ?? defaults[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
      throw invalid(name, `must be a whole number, at least 1, got ${String(value)}`);
    }
    resolved[name] = value;
  }
  return resolved as Numbers<T>;
}

function invalid(name: string, why: string): MillraceError {
  return new MillraceError("INVALID_OPTION", `Cannot use broker option ${name}: ${why}`);
}
