import type { Decoded, Encodable } from "../codec/field.ts";
import { apiVersions } from "./api_versions.ts";
import { describeCluster } from "./cluster.ts";
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from "./configs.ts";
import { fetch } from "./fetch.ts";
import { deleteGroups, describeGroups, listGroups } from "./group_admin.ts";
import {
  findCoordinator,
  heartbeat,
  joinGroup,
  leaveGroup,
  syncGroup,
} from "./group_membership.ts";
import { offsetCommit, offsetFetch } from "./group_offsets.ts";
import { listOffsets } from "./list_offsets.ts";
import { metadata } from "./metadata.ts";
import { offsetForLeaderEpoch } from "./offset_for_leader_epoch.ts";
import { produce } from "./produce.ts";
import { createPartitions, createTopics, deleteRecords, deleteTopics } from "./topics.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from "./transactions.ts";

/** Every API that is spoken here, by the protocol's name. */
export const APIS = {
  Produce: produce,
  Fetch: fetch,
  ListOffsets: listOffsets,
  Metadata: metadata,
  OffsetCommit: offsetCommit,
  OffsetFetch: offsetFetch,
  FindCoordinator: findCoordinator,
  JoinGroup: joinGroup,
  Heartbeat: heartbeat,
  LeaveGroup: leaveGroup,
  SyncGroup: syncGroup,
  DescribeGroups: describeGroups,
  ListGroups: listGroups,
  ApiVersions: apiVersions,
  CreateTopics: createTopics,
  DeleteTopics: deleteTopics,
  DeleteRecords: deleteRecords,
  InitProducerId: initProducerId,
  OffsetForLeaderEpoch: offsetForLeaderEpoch,
  AddPartitionsToTxn: addPartitionsToTxn,
  AddOffsetsToTxn: addOffsetsToTxn,
  EndTxn: endTxn,
  TxnOffsetCommit: txnOffsetCommit,
  DescribeConfigs: describeConfigs,
  AlterConfigs: alterConfigs,
  CreatePartitions: createPartitions,
  DeleteGroups: deleteGroups,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  DescribeCluster: describeCluster,
} as const;

export type ApiName = keyof typeof APIS;
export type ApiKey = (typeof APIS)[ApiName]["key"];
/** The name that goes with a key. */
export type NameOf<K extends ApiKey> = {
  [N in ApiName]: (typeof APIS)[N]["key"] extends K ? N : never;
}[ApiName];

/** API keys by name: `API.Fetch` is 1. */
export const API = Object.freeze(
  Object.fromEntries(Object.entries(APIS).map(([name, table]) => [name, table.key])),
) as { readonly [N in ApiName]: (typeof APIS)[N]["key"] };

/** A request's body as decoded: every field is there. */
export type RequestOf<N extends ApiName> = Decoded<(typeof APIS)[N]["request"]>;
/** A request's body to encode: what is left out gets its default. */
export type RequestInput<N extends ApiName> = Encodable<(typeof APIS)[N]["request"]>;
/** A response's body as decoded: every field is there. */
export type ResponseOf<N extends ApiName> = Decoded<(typeof APIS)[N]["response"]>;
/** A response's body to encode: what is left out gets its default. */
export type ResponseInput<N extends ApiName> = Encodable<(typeof APIS)[N]["response"]>;
