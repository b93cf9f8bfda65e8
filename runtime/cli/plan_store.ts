/**
 * What an application last ran, kept where its state is: a snapshot of its plan, the only record of
 * the compacted topic `<application>-topology`.
 *
 * @module
 */

import {
  comparePlans,
  type Plan,
  type PlanComparison,
  type PlanSnapshot,
  parseSnapshot,
  snapshotPlan,
  snapshotTopic,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { accessOf, type ClusterAccess, createKafkaLog, type KafkaLog } from "../kafka/mod.ts";
import { BatchBuilder, RecordCursor } from "../wire/mod.ts";

const KEY = new TextEncoder().encode("plan");
/** Before compression. A file of 256 kB cannot hold stages for more. */
const MAX_SNAPSHOT_BYTES = 16 * 1_048_576;

export class PlanStore {
  readonly #log: KafkaLog;

  /** Nothing is sent before the first call. */
  constructor(access: ClusterAccess) {
    this.#log = createKafkaLog(accessOf(access));
  }

  /**
   * @returns undefined when the application has left nothing
   * @throws {MillraceError} STATE_MISMATCH for what another version of Millrace left
   */
  async load(application: string): Promise<PlanSnapshot | undefined> {
    const topic = snapshotTopic(application);
    if (!(await this.#log.partitionCounts([topic])).has(topic)) return undefined;
    const text = await this.#last(topic);
    if (text === undefined) return undefined;
    const snapshot = parseSnapshot(text);
    if (snapshot !== undefined) return snapshot;
    throw new MillraceError(
      "STATE_MISMATCH",
      `Cannot read ${topic}: another version of Millrace wrote it; run that one, or start over with --reset`,
      { where: { topic } },
    );
  }

  /** The same, for who deletes it: what another version left need not be understood for that. */
  async loadAny(application: string): Promise<PlanSnapshot | undefined> {
    try {
      return await this.load(application);
    } catch (error) {
      if (error instanceof MillraceError && error.code === "STATE_MISMATCH") return undefined;
      throw error;
    }
  }

  /** Keeps a snapshot, unless it is the one that is kept already. */
  async save(snapshot: PlanSnapshot): Promise<void> {
    const topic = snapshotTopic(snapshot.application);
    const text = JSON.stringify(snapshot);
    const configs = { "cleanup.policy": "compact" };
    await this.#log.createTopics([{ topic, partitions: 1, configs }]);
    if ((await this.#last(topic)) === text) return;
    const value = new TextEncoder().encode(text);
    const builder = new BatchBuilder({ maxBytes: MAX_SNAPSHOT_BYTES });
    builder.append(Date.now(), KEY, 0, KEY.length, value, 0, value.length);
    const batches = [builder.finish({ compression: "gzip" })];
    await this.#log.append([{ topic, partition: 0, batches }]);
  }

  /** A snapshot of the plan on the topics as they are now. */
  async snapshot(plan: Plan): Promise<PlanSnapshot> {
    const { sources } = snapshotPlan(plan).topics;
    return snapshotPlan(plan, await this.#log.partitionCounts(sources));
  }

  /** Compares with the topics as they are now. */
  async compare(before: PlanSnapshot | undefined, plan: Plan): Promise<PlanComparison> {
    const after = await this.snapshot(plan);
    const topics = [before, after].flatMap((snapshot) =>
      snapshot === undefined ? [] : Object.values(snapshot.topics).flat(),
    );
    const existing = await this.#log.partitionCounts([...new Set(topics)]);
    return comparePlans(before, after, new Set(existing.keys()));
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  async #last(topic: string): Promise<string | undefined> {
    const at = { topic, partition: 0 };
    const [start] = await this.#log.startOffsets([at]);
    const [end] = await this.#log.endOffsets([at]);
    const cursor = new RecordCursor();
    let last: string | undefined;
    if (start! >= end!) return last;
    for await (const { bytes } of this.#log.read(at, start!, end!)) {
      cursor.reset(bytes);
      while (cursor.nextBatch()) {
        while (!cursor.isControl && cursor.nextRecord()) {
          const { buffer, valueStart, valueEnd } = cursor;
          if (valueStart < 0) last = undefined;
          else last = new TextDecoder().decode(buffer.subarray(valueStart, valueEnd));
        }
      }
    }
    return last;
  }
}
