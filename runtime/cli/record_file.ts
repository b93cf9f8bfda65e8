/**
 * Records from a file: the user log as CSV, any stream as `.jsonl` of `{ at, key, window, value }`.
 *
 * @module
 */

import { createReadStream, type ReadStream } from "node:fs";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { readUserLog, USER_LOG_COLUMNS } from "../../data/mod.ts";
import { parseInstant, type StreamPlan } from "../../topology/language/mod.ts";
import { UsageError } from "./command.ts";

export interface FileRecord {
  /** Where it begins in the file, from 1; absent for rows of a CSV. */
  readonly line?: number;
  /** Event time, Unix epoch ms; absent where the file does not say. */
  readonly atMs?: number;
  readonly key?: unknown;
  /** Of a windowed key: start and end, Unix epoch ms. */
  readonly window?: readonly [startMs: number, endMs: number];
  readonly value: unknown;
}

/** Called for each line that is no record; the rest goes on. */
export type OnFault = (fault: { readonly line: number; readonly message: string }) => void;

/** Can rows of the user log be records of this stream? */
export function takesUserLog({ value }: StreamPlan): boolean {
  if (value.kind !== "avro" || value.schema.kind !== "record") return false;
  const names = new Set(value.schema.fields.map(({ name }) => name));
  return USER_LOG_COLUMNS.every((column) => names.has(column));
}

/** @throws {UsageError} for a file that this stream cannot be read from */
export function readRecords(
  file: string,
  stream: StreamPlan,
  onFault: OnFault,
  onOpen: (input: ReadStream) => void = () => undefined,
): AsyncIterable<FileRecord> {
  switch (extname(file).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return readJsonLines(open(file), onFault);
    case ".csv":
      if (!takesUserLog(stream)) {
        throw new UsageError(
          `${stream.name} does not have the columns of the user log (${USER_LOG_COLUMNS.join(", ")}); use .jsonl`,
        );
      }
      return readUserLogRecords(open(file), onFault);
    default:
      throw new UsageError(`${file} is neither .csv nor .jsonl`);
  }

  function open(path: string): ReadStream {
    const input = createReadStream(path);
    onOpen(input);
    return input;
  }
}

async function* readUserLogRecords(
  input: ReadStream,
  onFault: OnFault,
): AsyncGenerator<FileRecord, void> {
  for await (const value of readUserLog(input, onFault)) yield { value };
}

async function* readJsonLines(
  input: ReadStream,
  onFault: OnFault,
): AsyncGenerator<FileRecord, void> {
  let line = 0;
  for await (const text of createInterface({
    input,
    crlfDelay: Infinity,
  })) {
    line++;
    if (text.trim() === "") continue;
    const record = parseLine(text);
    if (typeof record === "string") onFault({ line, message: record });
    else yield { ...record, line };
  }
}

/** @returns what is wrong, where it is no record */
function parseLine(text: string): FileRecord | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    return "not an object of at, key, window, value";
  }
  const { at, key, window, value, ...rest } = parsed as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    return `unknown field ${JSON.stringify(unknown)}; there is at, key, window, value`;
  if (value === undefined) return "there is no value";
  const range = window === undefined ? undefined : windowOf(window);
  if (window !== undefined && range === undefined) {
    return `window must be [start, end], each as at, is ${JSON.stringify(window)}`;
  }
  const record = { key, ...(range !== undefined && { window: range }), value };
  if (at === undefined) return record;
  const atMs = timeOf(at);
  if (atMs === undefined) {
    return `at must be ms since 1970, a duration or an ISO 8601 instant, is ${JSON.stringify(at)}`;
  }
  return { atMs, ...record };
}

function windowOf(window: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(window) || window.length !== 2) return undefined;
  const [start, end] = window.map(timeOf);
  return start === undefined || end === undefined ? undefined : [start, end];
}

function timeOf(at: unknown): number | undefined {
  const timeMs = typeof at === "string" ? parseInstant(at) : at;
  return typeof timeMs === "number" && Number.isFinite(timeMs) ? timeMs : undefined;
}
