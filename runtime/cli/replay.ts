/**
 * A bounded run: records of a file into a log in memory, the engine over it until it is drained, and
 * what it wrote.
 *
 * @module
 */

import { statSync } from "node:fs";
import type { Plan, StreamPlan } from "../../topology/language/mod.ts";
import { Engine, type Functions, type Ledger } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { systemClock } from "../kafka/mod.ts";
import {
  createRecordDecoder,
  createRecordEncoder,
  type RecordEncoder,
  recordsOf,
  toJson,
} from "../serde/mod.ts";
import { appendRecord, MemoryCluster, MemoryLog, MemorySchemas } from "../testing/mod.ts";
import { BatchBuilder, partitionFor } from "../wire/mod.ts";
import { Progress } from "./progress.ts";
import { type FileRecord, readRecords } from "./record_file.ts";
import { sourceStream } from "./words.ts";

export interface ReplayOptions {
  readonly plan: Plan;
  readonly functions: Functions;
  readonly file: string;
  readonly stream: string | undefined;
  /** Event time of the first row, Unix epoch ms, where the file does not say. */
  readonly startMs: number;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface FinalResult {
  readonly key: unknown;
  /** `[start, end)`, Unix epoch ms. */
  readonly window?: readonly [number, number];
  readonly value: unknown;
}

export interface ReplayResult {
  /** By written stream: the last value of each (key, window), in order of window, then key. */
  readonly results: Readonly<Record<string, readonly FinalResult[]>>;
  readonly ledger: Ledger;
  readonly seconds: number;
}

const BATCH_RECORDS = 1000;
const PROGRESS_MS = 250;
/** Between two rows of a file without times, ms: the tutorial's ten records a second. */
const ROW_MS = 100;

/** @throws {MillraceError} what keeps the topology from running */
export async function replayFile(options: ReplayOptions): Promise<ReplayResult> {
  const { plan, functions, signal } = options;
  const started = performance.now();
  const stream = sourceStream(plan, options.stream);
  const cluster = new MemoryCluster();
  const schemas = new MemorySchemas();
  const log = new MemoryLog({ cluster, clock: systemClock });
  cluster.createTopic({ topic: stream.topic, partitions: stream.create.partitions ?? 1 });
  const records = await appendFile(options, stream, cluster, schemas);
  const engine = await Engine.start({
    plan,
    functions,
    log,
    schemas,
    clock: systemClock,
    bounded: true,
    // The file can be read again: nothing has to survive this process.
    commitIntervalMs: Number.MAX_SAFE_INTEGER,
  });
  signal.addEventListener("abort", () => engine.stop(), { once: true });
  const progress = new Progress({ doing: "processing" });
  const drawing = setInterval(() => {
    const read = Math.max(
      0,
      ...Object.values(engine.ledger()).map((counts) => counts["read"] ?? 0),
    );
    progress.update(read, records === 0 ? undefined : read / records);
  }, PROGRESS_MS);
  try {
    await engine.run();
  } finally {
    clearInterval(drawing);
    progress.end();
  }
  const results: Record<string, readonly FinalResult[]> = {};
  for (const sink of Object.values(plan.streams)) {
    if (sink.written) results[sink.name] = await readResults(sink, log, cluster, schemas);
  }
  return { results, ledger: engine.ledger(), seconds: (performance.now() - started) / 1000 };
}

/** @returns how many records the file had */
async function appendFile(
  { file, startMs, note, signal }: ReplayOptions,
  stream: StreamPlan,
  cluster: MemoryCluster,
  schemas: MemorySchemas,
): Promise<number> {
  const partitions = cluster.partitionCount(stream.topic);
  const encoder = createRecordEncoder(stream, schemas);
  const builders = Array.from({ length: partitions }, () => new BatchBuilder());
  const flush = (partition: number): void => {
    const builder = builders[partition]!;
    if (builder.isEmpty) return;
    cluster.partition({ topic: stream.topic, partition }).append(builder.finish());
  };
  let row = 0;
  let faults = 0;
  const onFault = (line: number, message: string): void => {
    faults++;
    note(`${file}:${line} ${message}`);
  };
  const progress = new Progress({ doing: "reading" });
  let shareRead = (): number => 0;
  const records = readRecords(
    file,
    stream,
    (fault) => onFault(fault.line, fault.message),
    (input) => {
      const { size } = statSync(file);
      shareRead = () => input.bytesRead / size;
    },
  );
  for await (const record of records) {
    if (signal.aborted) break;
    const encoded = await encodeOr(encoder, record, (message) =>
      onFault(record.line ?? row + 1, message),
    );
    if (encoded === undefined) continue;
    const { key, baseKey, value } = encoded;
    const partition =
      baseKey === null ? row % partitions : partitionFor(baseKey, 0, baseKey.length, partitions);
    const builder = builders[partition]!;
    appendRecord(builder, record.atMs ?? startMs + row * ROW_MS, key, value);
    if (builder.count >= BATCH_RECORDS) flush(partition);
    row++;
    progress.update(row, shareRead());
  }
  progress.end();
  for (let partition = 0; partition < partitions; partition++) flush(partition);
  if (faults > 0) note(`${faults} lines of ${file} are no records and were left out`);
  return row;
}

/** A value that does not fit the stream's schema is a fault of its line. */
async function encodeOr(
  encoder: RecordEncoder,
  record: FileRecord,
  onFault: (message: string) => void,
) {
  try {
    return await encoder.encode(record);
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === "UNENCODABLE")) throw error;
    onFault(error.message);
    return undefined;
  }
}

/** The last value of each (key, window). */
async function readResults(
  sink: StreamPlan,
  log: MemoryLog,
  cluster: MemoryCluster,
  schemas: MemorySchemas,
): Promise<FinalResult[]> {
  const decoder = createRecordDecoder(sink, schemas);
  const last = new Map<string, FinalResult>();
  let keyless = 0;
  for (let partition = 0; partition < cluster.partitionCount(sink.topic); partition++) {
    const at = { topic: sink.topic, partition };
    const { startOffset, endOffset } = cluster.partition(at);
    for await (const { bytes } of log.read(at, startOffset, endOffset)) {
      for (const record of recordsOf(bytes)) {
        const { key, window, value } = await decoder.decode(record.key, record.value);
        const shown = toJson(key);
        const name =
          window === undefined ? `record ${keyless++}` : `${window[0]} ${JSON.stringify(shown)}`;
        last.set(name, {
          key: shown,
          ...(window === undefined ? {} : { window }),
          value: toJson(value),
        });
      }
    }
  }
  return [...last.values()].sort(
    (a, b) =>
      (a.window?.[0] ?? 0) - (b.window?.[0] ?? 0) ||
      (String(a.key) < String(b.key) ? -1 : Number(String(a.key) > String(b.key))),
  );
}
