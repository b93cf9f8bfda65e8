import { ERROR, type Refusal, refusal } from "./errors.ts";
import { NODE_ID } from "./node.ts";

/** Why partitions cannot be placed like that: there is only one node. */
export function assignmentsRefused(
  assignments: readonly { readonly brokerIds: readonly number[] }[],
): Refusal | undefined {
  const isHere = (ids: readonly number[]) => ids.length === 1 && ids[0] === NODE_ID;
  if (assignments.every(({ brokerIds }) => isHere(brokerIds))) return undefined;
  return refusal(
    ERROR.INVALID_REPLICA_ASSIGNMENT,
    `Every partition's one replica is on node ${NODE_ID}`,
  );
}
