/** Looks at a cluster without changing anything in it: what a diagnosis needs, not what work needs. */

import { API, type ApiName } from "../wire/mod.ts";
import { ClusterClient, type VersionRange } from "./cluster.ts";
import { Coordinator } from "./coordinator.ts";
import { ERROR, errorName } from "./errors.ts";
import { type ConnectionSettings, resolveOptions } from "./options.ts";

/** What this client sends, each with the lowest and highest version that will do. */
const NEEDED: Partial<Record<ApiName, VersionRange>> = {
  Produce: [3, 8],
  Fetch: [5, 11],
  ListOffsets: [2, 5],
  Metadata: [4, 12],
  OffsetCommit: [7, 7],
  OffsetFetch: [5, 7],
  FindCoordinator: [1, 3],
  JoinGroup: [5, 5],
  Heartbeat: [3, 3],
  LeaveGroup: [3, 3],
  SyncGroup: [3, 3],
  CreateTopics: [2, 4],
  DeleteTopics: [1, 4],
  DeleteRecords: [0, 1],
  InitProducerId: [0, 4],
  DeleteGroups: [0, 1],
};

export interface BrokerProbe {
  /** Until the connection stood and the login was through, ms. */
  readonly connectMs: number;
  /** One request and its answer, ms. */
  readonly roundTripMs: number;
  /** APIs that the broker offers in no version that this client knows. */
  readonly missingApis: readonly string[];
}

export interface ClusterNode {
  readonly id: number;
  /** What it tells clients to connect to: `host:port`. */
  readonly address: string;
}

export interface ClusterState {
  readonly clusterId: string | undefined;
  readonly nodes: readonly ClusterNode[];
}

export interface TopicDetails {
  readonly topic: string;
  /** The broker's name of an error, such as TOPIC_AUTHORIZATION_FAILED; nothing else is known then. */
  readonly error?: string;
  readonly partitions: number;
  /** Of its first partition. */
  readonly replication: number;
  /** Partitions that nobody can write to or read from now. */
  readonly leaderless: number;
  /** Partitions of which a replica lags. */
  readonly underReplicated: number;
  /** By Kafka's names; empty when they may not be looked at. */
  readonly configs: ReadonlyMap<string, string>;
  /** What this client may do with it; undefined where the broker does not say. */
  readonly allowed: ReadonlySet<Operation> | undefined;
}

export interface GroupDetails {
  /** As Kafka calls it; `Dead` is one that does not exist. */
  readonly state: string;
  readonly members: readonly { readonly clientId: string; readonly host: string }[];
  /** The broker's name of an error, such as GROUP_AUTHORIZATION_FAILED. */
  readonly error?: string;
  readonly allowed: ReadonlySet<Operation> | undefined;
}

/** Bits of Kafka's `authorizedOperations`. */
const OPERATIONS = { read: 3, write: 4, delete: 6, describe: 8 } as const;
export type Operation = keyof typeof OPERATIONS;

/** What a broker answers that was not asked, or cannot tell. */
const NO_OPERATIONS = -2_147_483_648;

const TOPIC_RESOURCE = 2;

export interface KafkaInspector {
  /** @throws {MillraceError} BROKER_UNREACHABLE; BROKER_REFUSED when the login fails */
  probe(address: string): Promise<BrokerProbe>;
  /** @throws {MillraceError} BROKER_UNREACHABLE */
  cluster(): Promise<ClusterState>;
  /** Those that exist, and those that may not be looked at. @throws transient */
  topics(names: readonly string[]): Promise<readonly TopicDetails[]>;
  /** @throws transient */
  group(name: string): Promise<GroupDetails>;
  close(): Promise<void>;
}

/** @throws {MillraceError} INVALID_OPTION */
export function createKafkaInspector(settings: ConnectionSettings): KafkaInspector {
  const options = resolveOptions(settings);
  const cluster = new ClusterClient(options);

  async function metadata(topics: readonly string[]) {
    return await cluster.ask(API.Metadata, [4, 12], {
      topics: topics.map((name) => ({ name })),
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: true,
    });
  }

  async function configsOf(topics: readonly string[]) {
    const found = new Map<string, ReadonlyMap<string, string>>();
    if (topics.length === 0) return found;
    const answer = await cluster.ask(API.DescribeConfigs, [1, 4], {
      resources: topics.map((resourceName) => ({
        resourceType: TOPIC_RESOURCE,
        resourceName,
        configurationKeys: null,
      })),
    });
    for (const { errorCode, resourceName, configs } of answer.results) {
      if (errorCode !== ERROR.NONE) continue;
      found.set(resourceName, new Map(configs.map(({ name, value }) => [name, value ?? ""])));
    }
    return found;
  }

  return {
    async probe(address) {
      const started = performance.now();
      const connection = await cluster.connect(address, "control");
      const connectMs = performance.now() - started;
      const version = connection.version(API.ApiVersions, 0, 2);
      await connection.send(API.ApiVersions, version, {});
      const roundTripMs = performance.now() - started - connectMs;
      const missingApis = Object.entries(NEEDED).flatMap(([name, [lowest, highest]]) => {
        try {
          connection.version(API[name as ApiName], lowest, highest);
          return [];
        } catch {
          return [`${name} ${lowest} to ${highest}`];
        }
      });
      return { connectMs, roundTripMs, missingApis };
    },

    async cluster() {
      // From the bootstrap addresses alone: where the cluster says it is may be what is wrong.
      const answer = await Promise.any(
        options.brokers.map(async (address) => {
          const connection = await cluster.connect(address, "control");
          const version = connection.version(API.Metadata, 4, 12);
          return await connection.send(API.Metadata, version, {
            topics: [],
            allowAutoTopicCreation: false,
          });
        }),
      ).catch((error: AggregateError) => {
        throw error.errors[0];
      });
      return {
        clusterId: answer.clusterId ?? undefined,
        nodes: answer.brokers.map(({ nodeId, host, port }) => ({
          id: nodeId,
          address: `${host}:${port}`,
        })),
      };
    },

    async topics(names) {
      return await cluster.withRetry(async () => {
        const { topics } = await metadata(names);
        const existing = topics.filter(
          ({ errorCode }) => errorCode !== ERROR.UNKNOWN_TOPIC_OR_PARTITION,
        );
        const readable = existing.flatMap(({ errorCode, name }) =>
          errorCode === ERROR.NONE ? [name ?? ""] : [],
        );
        const configs = await configsOf(readable);
        return existing.map(({ name, errorCode, partitions, topicAuthorizedOperations }) => ({
          topic: name ?? "",
          ...(errorCode !== ERROR.NONE && { error: errorName(errorCode) }),
          partitions: partitions.length,
          replication: partitions[0]?.replicaNodes.length ?? 0,
          leaderless: partitions.filter(({ leaderId }) => leaderId < 0).length,
          underReplicated: partitions.filter((p) => p.isrNodes.length < p.replicaNodes.length)
            .length,
          configs: configs.get(name ?? "") ?? new Map(),
          allowed: operationsOf(topicAuthorizedOperations),
        }));
      });
    },

    async group(name) {
      const coordinator = new Coordinator(cluster, name);
      return await cluster.withRetry(async () => {
        const { groups } = await coordinator.send(API.DescribeGroups, [0, 5], {
          groups: [name],
          includeAuthorizedOperations: true,
        });
        const { errorCode, groupState, members, authorizedOperations } = groups[0]!;
        // Newer brokers say of a group that does not exist that they did not find it.
        const isAbsent = errorCode === ERROR.GROUP_ID_NOT_FOUND;
        const failure = coordinator.failure(errorCode, `describe group ${name}`);
        if (errorCode !== ERROR.NONE && failure.faultClass === "transient") throw failure;
        return {
          state: isAbsent || groupState === "" ? "Dead" : groupState,
          members: members.map(({ clientId, clientHost: host }) => ({ clientId, host })),
          ...(errorCode !== ERROR.NONE && !isAbsent && { error: errorName(errorCode) }),
          allowed: operationsOf(authorizedOperations),
        };
      });
    },

    close: () => cluster.close(),
  };
}

function operationsOf(bits: number): ReadonlySet<Operation> | undefined {
  if (bits === NO_OPERATIONS) return undefined;
  const names = Object.keys(OPERATIONS) as Operation[];
  return new Set(names.filter((name) => (bits & (1 << OPERATIONS[name])) !== 0));
}
