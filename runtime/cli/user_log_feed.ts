/**
 * Feeds the user log to a topic: rows in, Avro records in batches out.
 *
 * @module
 */

import { createReadStream, type ReadStream } from "node:fs";
import { feed, generateUserLog, readUserLog, type UserLog } from "../../data/mod.ts";
import type { StreamPlan } from "../../topology/language/mod.ts";
import { DEFAULT_SOURCE_PARTITIONS, type SchemaSource, streamSpec } from "../engine/mod.ts";
import {
  accessOf,
  type ClusterAccess,
  createKafkaAdmin,
  createTopicWriter,
  systemClock,
} from "../kafka/mod.ts";
import { ByteSink, createEncoder, writeFrame } from "../serde/mod.ts";
import { appendRecord } from "../testing/mod.ts";
import { BatchBuilder } from "../wire/mod.ts";
import { UsageError } from "./command.ts";
import { takesUserLog } from "./record_file.ts";

export interface UserLogFeedOptions extends ClusterAccess {
  readonly stream: StreamPlan;
  readonly schemas: SchemaSource;
  readonly rows: Iterable<UserLog> | AsyncIterable<UserLog>;
  /** Records a second. */
  readonly rate: number | "max";
  readonly signal: AbortSignal;
  readonly onProgress?: (sent: number) => void;
}

/**
 * Feeds until the rows end or the signal aborts.
 * @returns how many records were written
 * @throws {UsageError} for a stream that does not take the user log
 */
export async function feedUserLog(options: UserLogFeedOptions): Promise<number> {
  const { stream, schemas, rows, rate, signal, onProgress } = options;
  if (!takesUserLog(stream) || stream.value.kind !== "avro") {
    throw new UsageError(`${stream.name} does not have the columns of the user log`);
  }
  const schemaId = await schemas.register(`${stream.topic}-value`, stream.value.schema);
  const encoder = createEncoder(stream.value.schema);
  const sink = new ByteSink();
  const writer = createTopicWriter(accessOf(options));
  try {
    const partitions = await partitionsOf(stream, options);
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

/** Of the stream's topic, which is created where it does not exist. */
async function partitionsOf(stream: StreamPlan, access: ClusterAccess): Promise<number> {
  const admin = createKafkaAdmin(accessOf(access));
  try {
    const wanted = stream.create.partitions ?? DEFAULT_SOURCE_PARTITIONS;
    await admin.createTopics([streamSpec(stream, wanted)]);
    return (await admin.partitionCounts([stream.topic])).get(stream.topic) ?? wanted;
  } finally {
    await admin.close();
  }
}

/** Rows of a file, then, endless, of the generator. */
export async function* rowsOf(
  file: string | undefined,
  endless: boolean,
  seed: number | undefined,
  onFault: (line: number, message: string) => void,
  onOpen?: (input: ReadStream) => void,
): AsyncGenerator<UserLog, void> {
  if (file !== undefined) {
    const input = createReadStream(file);
    onOpen?.(input);
    yield* readUserLog(input, (fault) => onFault(fault.line, fault.message));
  }
  if (endless) yield* generateUserLog(seed);
}
