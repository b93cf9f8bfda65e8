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
 */
export function enforceRetention(log: PartitionLog, config: TopicConfig, nowMs: number): void {
  const { retentionMs, retentionBytes } = config;
  if (!config.deletes || (retentionMs < 0 && retentionBytes < 0)) return;
  let sizeBytes = log.sizeBytes;
  let startOffset = log.startOffset;
  for (const batch of log.batches()) {
    const isOld = retentionMs >= 0 && nowMs - batch.maxTimestamp > retentionMs;
    const isTooMuch = retentionBytes >= 0 && sizeBytes - batch.bytes.length >= retentionBytes;
    if (!isOld && !isTooMuch) break;
    sizeBytes -= batch.bytes.length;
    startOffset = batch.lastOffset + 1;
  }
  log.deleteBefore(startOffset);
}

/**
 * The part of it that cannot wait for the next check, run after every append. Time can: records may
 * arrive with old timestamps, and as from Kafka they can be read at least until then.
 */
export function enforceSize(log: PartitionLog, config: TopicConfig): void {
  if (log.sizeBytes > config.retentionBytes)
    enforceRetention(log, config, Number.NEGATIVE_INFINITY);
}
