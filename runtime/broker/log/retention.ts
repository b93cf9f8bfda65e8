import type { TopicConfig } from "../topic_config.ts";
import type { PartitionLog } from "./partition_log.ts";

/**
 * Deletes what a topic's settings no longer keep, oldest batches first and whole ones only.
 *
 * - by time: while the oldest batch's newest record is older than `retention.ms`
 * - by size: while the log without its oldest batch would still hold `retention.bytes`
 *
 * The same rules as Kafka's with batches in place of segments, so less is kept beyond the limits. A
 * topic that is only compacted keeps everything.
 *
 * @param nowMs Unix epoch ms
 * @param keepLast leaves the newest batch alone, so that what was just appended can be read
 */
export function enforceRetention(
  log: PartitionLog,
  config: TopicConfig,
  nowMs: number,
  keepLast: boolean,
): void {
  if (!config.deletes || log.batchCount === 0) return;
  const { retentionMs, retentionBytes } = config;
  let left = log.batchCount - (keepLast ? 1 : 0);
  let sizeBytes = log.sizeBytes;
  let startOffset = log.startOffset;
  for (const batch of log.batches()) {
    if (left-- === 0) break;
    const isOld = retentionMs >= 0 && nowMs - batch.maxTimestamp > retentionMs;
    const isTooMuch = retentionBytes >= 0 && sizeBytes - batch.bytes.length >= retentionBytes;
    if (!isOld && !isTooMuch) break;
    sizeBytes -= batch.bytes.length;
    startOffset = batch.lastOffset + 1;
  }
  log.deleteBefore(startOffset);
}
