/**
 * Feeds the user log to a topic: rows in, Avro records in batches out.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { feed, generateUserLog, readUserLog, type UserLog } from "../../data/mod.ts";
import type { StreamPlan } from "../../topology/language/mod.ts";
import type { SchemaSource } from "../engine/mod.ts";
import { createTopicWriter, systemClock } from "../kafka/mod.ts";
import { ByteSink, createEncoder, writeFrame } from "../serde/mod.ts";
import { appendRecord } from "../testing/mod.ts";
import { BatchBuilder } from "../wire/mod.ts";
import { UsageError } from "./command.ts";
import { takesUserLog } from "./record_file.ts";

export interface UserLogFeedOptions {
  readonly stream: StreamPlan;
  readonly brokers: readonly string[];
  readonly schemas: SchemaSource;
  readonly rows: Iterable<UserLog> | AsyncIterable<UserLog>;
  /** Records a second. */
  readonly rate: number | "max";
  readonly signal: AbortSignal;
  readonly onProgress?: (sent: number) => void;
}

/**
 * Feeds until the rows end or the signal aborts. The topic must exist.
 * @returns how many records were written
 * @throws {UsageError} for a stream that does not take the user log
 */
export async function feedUserLog(options: UserLogFeedOptions): Promise<number> {
  const { stream, brokers, schemas, rows, rate, signal, onProgress } = options;
  if (!takesUserLog(stream) || stream.value.kind !== "avro") {
    throw new UsageError(`${stream.name} does not have the columns of the user log`);
  }
  const schemaId = await schemas.register(`${stream.topic}-value`, stream.value.schema);
  const encoder = createEncoder(stream.value.schema);
  const sink = new ByteSink();
  const writer = createTopicWriter({ brokers });
  try {
    const counts = await writer.partitionCounts([stream.topic]);
    const partitions = counts.get(stream.topic);
    if (partitions === undefined) {
      throw new UsageError(
        `there is no topic ${stream.topic} on ${brokers.join(", ")} yet; start the topology first`,
      );
    }
    return await feed<UserLog>({
      rows,
      rate,
      partitions,
      clock: systemClock,
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
      encode(row) {
        sink.position = 0;
        writeFrame(schemaId, sink);
        encoder.encode(row, sink);
        return sink.bytes.slice(0, sink.position);
      },
      async write(records) {
        const builders = new Map<number, BatchBuilder>();
        for (const { partition, timestampMs, value } of records) {
          const builder = builders.get(partition) ?? new BatchBuilder();
          builders.set(partition, builder);
          appendRecord(builder, timestampMs, null, value);
        }
        await writer.append(
          [...builders].map(([partition, builder]) => ({
            topic: stream.topic,
            partition,
            batches: [builder.finish()],
          })),
        );
      },
    });
  } finally {
    await writer.close();
  }
}

/** Rows of a file, then, endless, of the generator. */
export async function* rowsOf(
  file: string | undefined,
  endless: boolean,
  seed: number | undefined,
  onFault: (line: number, message: string) => void,
): AsyncGenerator<UserLog, void> {
  if (file !== undefined) {
    yield* readUserLog(createReadStream(file), (fault) => onFault(fault.line, fault.message));
  }
  if (endless) yield* generateUserLog(seed);
}
