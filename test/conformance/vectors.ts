/**
 * Conformance vectors: what Kafka Streams gave for an input, one JSON object a line in `.jsonl` files,
 * one file a kind.
 *
 * All times are Unix epoch ms. Key bytes are hexadecimal.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export type Value = string | number | null;

export interface InputRecord {
  /** `stateless` only. */
  readonly topic?: string;
  readonly key: string | null;
  readonly value: Value;
  readonly ts: number;
}

export interface OutputRecord {
  /** Index of the input record whose processing produced it. */
  readonly i: number;
  readonly topic?: string;
  readonly key: string | null;
  readonly windowStart?: number;
  /** Exclusive for tumbling and hopping windows, inclusive for sliding ones and sessions. */
  readonly windowEnd?: number;
  /** Null is a tombstone. */
  readonly value: Value;
  readonly ts: number;
  /** The whole windowed key, as written. */
  readonly keyHex?: string;
}

/** What comes of an input. */
export interface Outcome {
  /** In the order of the output topic. */
  readonly output: readonly OutputRecord[];
  /** Input index of each record (and window) that was refused or dropped. */
  readonly droppedAt: readonly number[];
}

export type ReduceName = "count" | "sum" | "min" | "max" | "concat" | "trace" | "traceDel";
export type EmitName = "update" | "close" | "suppress";

export type WindowsParams =
  | {
      readonly windows: "tumbling" | "hopping";
      readonly sizeMs: number;
      readonly advanceMs: number;
      readonly graceMs: number;
    }
  | { readonly windows: "sliding"; readonly differenceMs: number; readonly graceMs: number }
  | { readonly windows: "session"; readonly gapMs: number; readonly graceMs: number };

export type ReduceParams = WindowsParams & {
  readonly emit: EmitName;
  readonly reduce: ReduceName;
};

export type Predicate =
  | { readonly valueMod: readonly [number, number] }
  | { readonly valueGt: number }
  | { readonly valueNull: true }
  | { readonly keyIn: readonly string[] };

export interface Arm {
  readonly pred: Predicate;
  readonly ops: readonly Op[];
  /** A topic, or `merge`: on in the chain. */
  readonly to: string;
}

export type Op =
  | { readonly op: "filter" | "filterNot"; readonly pred: Predicate }
  | {
      readonly op: "add" | "mul" | "selectKeyMod" | "flatMapValues" | "flatMap";
      readonly n: number;
    }
  | { readonly op: "map" | "mergeInput" }
  | { readonly op: "fork"; readonly arms: readonly (readonly Op[])[] }
  | {
      readonly op: "branch";
      readonly arms: readonly Arm[];
      readonly default: Omit<Arm, "pred"> | null;
    };

interface Case<Kind extends string, Params> extends Outcome {
  readonly id: string;
  readonly kind: Kind;
  readonly params: Params;
  readonly input: readonly InputRecord[];
}

export type WindowedVector = Case<
  "tumbling" | "hopping" | "sliding" | "session" | "suppress" | "wordcount",
  ReduceParams
>;
export type UnwindowedVector = Case<"unwindowed", { readonly reduce: ReduceName }>;
export type StatelessVector = Case<"stateless", { readonly chain: readonly Op[] }>;
/** Those that a topology is run for. */
export type TopologyVector = WindowedVector | UnwindowedVector | StatelessVector;

export type PartitionInput = { readonly partitions: number } & (
  | { readonly keyHex: string }
  | {
      readonly windowed: "time" | "session";
      readonly key: string;
      readonly windowStart: number;
      readonly windowEnd: number;
    }
);

export interface PartitionOutput {
  readonly partition: number;
  /** Signed 32 bits. */
  readonly murmur2?: number;
  readonly keyHex?: string;
}

export interface PartitionVector {
  readonly id: string;
  readonly kind: "partition";
  readonly input: readonly PartitionInput[];
  readonly output: readonly PartitionOutput[];
}

export interface JoinVector {
  readonly id: string;
  readonly kind: "join-stream-table" | "join-stream-stream" | "join-table-table";
}

export type Vector = TopologyVector | PartitionVector | JoinVector;

export interface VectorFile {
  /** The file's name, without `.jsonl`. */
  readonly name: string;
  readonly vectors: readonly Vector[];
}

/** @throws {SyntaxError} for a line that is not JSON */
export function readVectors(folder: string): readonly VectorFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .sort()
    .map((file) => ({
      name: basename(file, ".jsonl"),
      vectors: parseVectors(readFileSync(join(folder, file), "utf8")),
    }));
}

export function parseVectors(text: string): readonly Vector[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => withWindows(JSON.parse(line)));
}

/** Only `suppress` says in its parameters which windows are meant. */
function withWindows(vector: {
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
}): Vector {
  const windows = ["tumbling", "hopping", "sliding", "session"].includes(vector.kind)
    ? vector.kind
    : "tumbling";
  return { ...vector, params: { windows, ...vector.params } } as unknown as Vector;
}
