import { ERROR } from "./errors.ts";
import { LEADER_EPOCH } from "./log/partition_log.ts";

/** Whether a client's idea of the leader epoch is right; negative: it has none. */
export function checkLeaderEpoch(currentLeaderEpoch: number): number {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === LEADER_EPOCH) return ERROR.NONE;
  return currentLeaderEpoch > LEADER_EPOCH ? ERROR.UNKNOWN_LEADER_EPOCH : ERROR.FENCED_LEADER_EPOCH;
}
