/** The requests of a group's member, one function each; what their codes mean is the caller's. */

import type { Subscription, TopicPartition } from "../engine/mod.ts";
import { API } from "../wire/mod.ts";
import type { Answer } from "./connection.ts";
import type { Coordinator } from "./coordinator.ts";
import { encodeSubscription } from "./envelope.ts";
import { brokerError, ERROR } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

/** Name of the assignment strategy; members of a group agree on one. */
const PROTOCOL = "millrace-range";

export type JoinAnswer = Answer<typeof API.JoinGroup>;

export interface Assigned {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

/** The broker answers when all members have joined, or the rebalance timeout is over. */
export function sendJoin(
  coordinator: Coordinator,
  { sessionTimeoutMs, rebalanceTimeoutMs }: KafkaOptions,
  { group, coPartitioned }: Subscription,
  memberId: string,
  hint: { readonly previous: readonly TopicPartition[]; readonly generation: number },
): Promise<JoinAnswer> {
  const metadata = encodeSubscription({ coPartitioned, ...hint });
  return coordinator.send(
    API.JoinGroup,
    [5, 5],
    {
      groupId: group,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId,
      groupInstanceId: null,
      protocolType: "consumer",
      protocols: [{ name: PROTOCOL, metadata }],
    },
    rebalanceTimeoutMs,
  );
}

/** The broker answers when the leader has assigned. @param assignments empty unless this is the leader */
export function sendSync(
  coordinator: Coordinator,
  { rebalanceTimeoutMs }: KafkaOptions,
  groupId: string,
  { generationId, memberId }: JoinAnswer,
  assignments: readonly Assigned[],
): Promise<Answer<typeof API.SyncGroup>> {
  return coordinator.send(
    API.SyncGroup,
    [3, 3],
    { groupId, generationId, memberId, groupInstanceId: null, assignments },
    rebalanceTimeoutMs,
  );
}

/** @returns the error code */
export async function sendHeartbeat(
  coordinator: Coordinator,
  groupId: string,
  generationId: number,
  memberId: string,
): Promise<number> {
  const body = { groupId, generationId, memberId, groupInstanceId: null };
  return (await coordinator.send(API.Heartbeat, [3, 3], body)).errorCode;
}

export async function sendLeave(
  coordinator: Coordinator,
  groupId: string,
  memberId: string,
): Promise<void> {
  const { errorCode, members } = await coordinator.send(API.LeaveGroup, [3, 3], {
    groupId,
    members: [{ memberId, groupInstanceId: null }],
  });
  const code = errorCode === ERROR.NONE ? (members[0]?.errorCode ?? ERROR.NONE) : errorCode;
  if (code !== ERROR.NONE) throw brokerError(code, `leave group ${groupId}`);
}
