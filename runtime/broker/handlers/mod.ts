/**
 * Every API that the broker speaks, one file each. What is not here, and why, is in `../README.md`.
 *
 * @module
 */

import { API, type ApiName } from "../../wire/mod.ts";
import { alterConfigs } from "./alter_configs.ts";
import { apiVersions } from "./api_versions.ts";
import { createPartitions } from "./create_partitions.ts";
import { createTopics } from "./create_topics.ts";
import { deleteGroups } from "./delete_groups.ts";
import { deleteRecords } from "./delete_records.ts";
import { deleteTopics } from "./delete_topics.ts";
import { describeCluster } from "./describe_cluster.ts";
import { describeConfigs } from "./describe_configs.ts";
import { describeGroups } from "./describe_groups.ts";
import { fetch } from "./fetch.ts";
import { findCoordinator } from "./find_coordinator.ts";
import type { AnyHandler, Handler } from "./handler.ts";
import { heartbeat } from "./heartbeat.ts";
import { incrementalAlterConfigs } from "./incremental_alter_configs.ts";
import { initProducerId } from "./init_producer_id.ts";
import { joinGroup } from "./join_group.ts";
import { leaveGroup } from "./leave_group.ts";
import { listGroups } from "./list_groups.ts";
import { listOffsets } from "./list_offsets.ts";
import { metadata } from "./metadata.ts";
import { offsetCommit } from "./offset_commit.ts";
import { offsetFetch } from "./offset_fetch.ts";
import { offsetForLeaderEpoch } from "./offset_for_leader_epoch.ts";
import { produce } from "./produce.ts";
import { syncGroup } from "./sync_group.ts";

const BY_NAME: { readonly [N in ApiName]?: Handler<N> } = {
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
  DescribeConfigs: describeConfigs,
  AlterConfigs: alterConfigs,
  CreatePartitions: createPartitions,
  DeleteGroups: deleteGroups,
  IncrementalAlterConfigs: incrementalAlterConfigs,
  DescribeCluster: describeCluster,
};

/** By API key. */
export const HANDLERS: ReadonlyMap<number, AnyHandler> = new Map(
  Object.entries(BY_NAME).map(([name, handler]) => [API[name as ApiName], handler as AnyHandler]),
);
