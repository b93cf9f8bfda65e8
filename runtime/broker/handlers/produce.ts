/**
 * Produce 3-9: appends one v2 batch per partition, as the bytes it came in.
 *
 * - acks 1 and -1 are the same with one replica. acks 0 is never answered: a failure closes the
 *   connection, so that the producer notices and asks for metadata again. Others: INVALID_REQUIRED_ACKS
 * - only the base offset and the leader epoch are written into a batch; under
 *   `message.timestamp.type=LogAppendTime` also the time and, with it, the CRC
 * - header and CRC are checked (`../log/check_batch.ts`), records are not looked at
 * - sequences of idempotent producers (`../log/producer_sequences.ts`): a repeated batch is answered
 *   with its first offset and not appended again
 * - records of transactions are refused as in `find_coordinator.ts`
 * - memory for all logs at its bound: POLICY_VIOLATION, which no client retries
 * - `retention.bytes` is enforced after each append, `retention.ms` at the broker's intervals
 */

import { type RequestOf, type ResponseInput, setLogAppendTime } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import { ConnectionEnd } from "../connection.ts";
import { ERROR, type Refusal, refusal } from "../errors.ts";
import { checkBatch, isRefusal } from "../log/check_batch.ts";
import { BATCH_OVERHEAD_BYTES } from "../log/partition_log.ts";
import { enforceSize } from "../log/retention.ts";
import { NO_TRANSACTIONS } from "../no_transactions.ts";
import type { Handler } from "./handler.ts";

type Topics = NonNullable<ResponseInput<"Produce">["responses"]>;
type PartitionAnswer = NonNullable<Topics[number]["partitionResponses"]>[number];

export const produce: Handler<"Produce"> = {
  versions: [3, 9],
  handle({ cluster, body }) {
    const { acks, transactionalId } = body;
    let failed: number | undefined;
    const responses = body.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }): PartitionAnswer => {
        const answer =
          refuseRequest(acks, transactionalId) ?? append(cluster, name, index, records);
        if (answer.errorCode !== ERROR.NONE) failed = answer.errorCode;
        return { baseOffset: -1, ...answer, index };
      }),
    }));
    if (acks !== 0) return { responses };
    if (failed !== undefined) throw new ConnectionEnd(`Produce without answer failed: ${failed}`);
    return undefined;
  },
};

function refuseRequest(
  acks: RequestOf<"Produce">["acks"],
  transactionalId: string | null,
): Refusal | undefined {
  if (acks < -1 || acks > 1) {
    return refusal(ERROR.INVALID_REQUIRED_ACKS, `acks is -1, 0 or 1, not ${acks}`);
  }
  if (transactionalId !== null) return NO_TRANSACTIONS;
  return undefined;
}

type Appended = Omit<PartitionAnswer, "index">;

function append(
  cluster: Cluster,
  name: string,
  index: number,
  records: Uint8Array | null,
): Appended {
  const topic = cluster.topics.get(name);
  const partition = topic?.partitions[index];
  if (topic === undefined || partition === undefined) {
    return refusal(ERROR.UNKNOWN_TOPIC_OR_PARTITION, `There is no partition ${name}/${index}`);
  }
  const nowMs = cluster.options.clock.now();
  const checked = checkBatch(records, topic.config, nowMs);
  if (isRefusal(checked)) return checked;
  if (checked.isTransactional) return NO_TRANSACTIONS;
  const { log, sequences } = partition;
  const { isLogAppendTime } = topic.config;
  const isIdempotent = checked.producerId >= 0;
  if (isIdempotent) {
    const verdict = sequences.check(checked);
    if (verdict.kind === "refused") {
      return refusal(
        verdict.errorCode,
        `Producer ${checked.producerId} at epoch ${checked.producerEpoch} sent sequence ${checked.baseSequence}`,
      );
    }
    if (verdict.kind === "duplicate") {
      return {
        errorCode: ERROR.NONE,
        baseOffset: verdict.baseOffset,
        logAppendTimeMs: isLogAppendTime ? verdict.appendTimeMs : -1,
        logStartOffset: log.startOffset,
      };
    }
  }
  const { budget } = cluster.topics;
  const neededBytes = checked.sizeBytes + BATCH_OVERHEAD_BYTES;
  if (!budget.holds(neededBytes)) cluster.topics.enforceRetention(nowMs);
  if (!budget.holds(neededBytes)) {
    return refusal(
      ERROR.POLICY_VIOLATION,
      `The broker's memory for records is full: ${budget.usedBytes} of ${budget.maxBytes} bytes`,
    );
  }
  // The request's memory is the connection's.
  const batch = records!.slice();
  if (isLogAppendTime) setLogAppendTime(batch, 0, nowMs);
  const { recordCount } = checked;
  const baseOffset = log.append(batch, recordCount, isLogAppendTime ? nowMs : checked.maxTimestamp);
  if (isIdempotent) sequences.appended(checked, baseOffset, nowMs);
  enforceSize(log, topic.config);
  return {
    errorCode: ERROR.NONE,
    baseOffset,
    logAppendTimeMs: isLogAppendTime ? nowMs : -1,
    logStartOffset: log.startOffset,
  };
}
