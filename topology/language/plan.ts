/**
 * The plan: everything that is decided before anything runs. Pure data, made by `planTopology` from
 * a checked definition, executed by `runtime/engine`.
 *
 * A plan is a list of subtopologies. Each starts at topics (source streams or one repartition topic)
 * and ends at topics (sinks, repartition topics); one task runs one subtopology for one partition.
 *
 * @module
 */

import type { AvroType } from "./avro.ts";
import type { Expression, ExpressionType } from "./expression/tree.ts";
import type { TestPlan } from "./test_plan.ts";
import type { WindowExtent, WindowPlan } from "./window_plan.ts";

export type * from "./test_plan.ts";
export type * from "./window_plan.ts";

export interface Plan {
  /** Application id: consumer group, prefix of internal topics. */
  readonly application: string;
  readonly description?: Text;
  /** By stream name; every stream a stage reads or writes, the dead letter stream included. */
  readonly streams: Readonly<Record<string, StreamPlan>>;
  readonly subtopologies: readonly Subtopology[];
  readonly dashboard: DashboardPlan;
  readonly tests: readonly TestPlan[];
}

/** One text, or one per language (`{ zh, en }`). */
export type Text = string | Readonly<Record<string, string>>;

/** How bytes become values. Primitive forms are Kafka's own serialisers (string = UTF-8, long = 8 bytes big-endian, …). */
export type Format =
  | { readonly kind: "string" | "int" | "long" | "double" | "boolean" | "bytes" }
  /** JSON text; with a schema its values are those of the schema, without one they have no types. */
  | { readonly kind: "json"; readonly schema?: AvroType }
  /** Confluent framing: 0x00, int32 schema id, Avro binary. `schema` is the schema we read with or write. */
  | { readonly kind: "avro"; readonly schema: AvroType };

export interface KeyFormat {
  readonly format: Format;
  /** Present on results of a window stage. */
  readonly window?: WindowKeyFormat;
}

export type WindowKeyFormat =
  /** Serialised key ++ int64BE(window start); of a session ++ int64BE(end) ++ int64BE(start). */
  | { readonly as: "binary"; readonly extent: WindowExtent }
  /** A framed Avro record of `key`, `windowStart` and `windowEnd`, ms; `schema` is the whole record's. */
  | { readonly as: "record"; readonly extent: WindowExtent; readonly schema: AvroType };

export interface StreamPlan {
  readonly name: string;
  readonly topic: string;
  readonly key: KeyFormat;
  readonly value: Format;
  /** True when some pipeline writes it: its schemas are derived and registered at start. */
  readonly written: boolean;
  /** Its records are the newest values of their keys. */
  readonly table?: true;
  /** Event time in Unix epoch ms; absent = the Kafka record's timestamp. Scope: value, key. */
  readonly eventTime?: Expression;
  /** Silence after which a caught-up partition is idle, ms; null = never. @default 5000 */
  readonly idleMs: number | null;
  /** Furthest a record may be ahead of the wall clock, ms; null = unlimited. @default 3600000 */
  readonly maxFutureMs: number | null;
  /** Furthest a partition may be ahead of the lowest one before it waits, ms; absent = it never waits. */
  readonly maxSkewMs?: number;
  readonly start: "earliest" | "latest";
  readonly onError: ErrorPolicy;
  readonly create: CreatePlan;
}

export type ErrorPolicy = "deadLetter" | "skip" | "fail";

export interface CreatePlan {
  /** Absent: a source gets 1, a sink the partitions of the subtopology that writes it. */
  readonly partitions?: number;
  readonly replication?: number;
  readonly cleanup: "delete" | "compact" | "compact,delete";
  /** null = for ever (`retention.ms=-1`), the default for topics that carry event time. */
  readonly retentionMs: number | null;
}

export interface Subtopology {
  /** Stable name: the id of its stateful stage, else the pipeline's name. Unique; names its changelog. */
  readonly name: string;
  readonly inputs: readonly InputPlan[];
  /** `<app>-<name>-changelog`: state entries (if any), ledger, highest seen. */
  readonly changelogTopic: string;
  /** Every stage with state in it; at most one for now. */
  readonly stores: readonly StorePlan[];
}

export interface InputPlan {
  /** A source stream of the definition, or the repartition topic of the stage it leads to. */
  readonly from:
    | {
        readonly kind: "stream";
        readonly stream: string;
        /** A table: each record replaces the row of its key, which is kept in the store of that name. */
        readonly rows?: string;
      }
    | {
        readonly kind: "repartition";
        readonly topic: string;
        /** Subtopologies whose tasks write it, and send markers. */
        readonly writers: readonly WriterPlan[];
        /** Key bytes carry no schema id. */
        readonly key: Format;
        readonly value: Format;
        /** True: the original bytes travel, schema id and all; else Avro values carry no schema id. */
        readonly valueUnchanged?: boolean;
        /** Format of the key that a record had before the reduce re-keyed it, where that one looks at it. */
        readonly carriedKey?: Format;
        /** Set for results of windows. */
        readonly windowed?: true;
      };
  readonly nodes: readonly Node[];
}

export interface WriterPlan {
  readonly subtopology: string;
  /** Names the writer in its records and markers. The same whatever other writers there are. */
  readonly id: number;
  /** How far what it writes may lie behind the watermark of its task, ms. */
  readonly delayMs: number;
}

export interface StorePlan {
  /** Stage id, or the name of a table whose rows it keeps. */
  readonly stage: string;
  readonly window: WindowPlan;
}

/** A running step, in a tree: every record a node passes goes to each of `next`. */
export type Node =
  | FilterNode
  | EmitNode
  | BranchNode
  | PeekNode
  | RepartitionNode
  | ReduceNode
  | SinkNode;

interface Stage {
  /** Ledger name: the stage's id, else `<pipeline>.<index>` with the index in the pipeline, from 0. */
  readonly stage: string;
  readonly onError: ErrorPolicy;
  /** Where it stands: `pipelines.shoppers_by_gender[1]`. */
  readonly path: string;
}

export interface FilterNode extends Stage {
  readonly kind: "filter";
  readonly predicate: Expression;
  readonly next: readonly Node[];
}

/** map and flatMap: zero, one or many records out of each one in. */
export interface EmitNode extends Stage {
  readonly kind: "emit";
  readonly emits: readonly EmitPlan[];
  /** Types of what goes out; all emits agree. */
  readonly key: ExpressionType;
  readonly value: ExpressionType;
  readonly next: readonly Node[];
}

/** The first branch whose condition holds takes the record; where none does it is filtered. */
export interface BranchNode extends Stage {
  readonly kind: "branch";
  readonly branches: readonly BranchPlan[];
}

/** Shows a sample of what passes, and passes everything on. */
export interface PeekNode extends Stage {
  readonly kind: "peek";
  /** Absent: key and value. */
  readonly value?: Expression;
  /** One record is shown in so long at most, ms. */
  readonly everyMs: number;
  readonly next: readonly Node[];
}

export interface BranchPlan {
  /** Absent: the rest; only in the last one. */
  readonly when?: Expression;
  readonly next: readonly Node[];
}

export interface EmitPlan {
  /** One record per element; of several lists, per combination, the first being the outermost. */
  readonly for?: readonly LoopPlan[];
  /** Sees the names of the loops. */
  readonly when?: Expression;
  /** Absent: the key as it came. */
  readonly key?: Made;
  /** Absent: the value as it came, byte for byte. Null for a tombstone. */
  readonly value?: Made;
  /** These go out instead of those of the same names, text as UTF-8; the others as they came. */
  readonly headers?: readonly { readonly name: string; readonly value: Expression }[];
}

export interface LoopPlan {
  /** What the element is called, in the emit and in the lists of the loops inside. */
  readonly name: string;
  readonly list: Expression | CallPlan;
}

/** A list that a function of the user's module makes of the record. */
export interface CallPlan {
  readonly op: "function";
  readonly fn: string;
  /** It returns the elements; else the one element. */
  readonly each: boolean;
  /** Changes with the module; empty where it was not looked at. */
  readonly version: string;
  /** Schema of an element; null for untyped json. */
  readonly result: AvroType | null;
}

/** A value made by a stage: one expression, or a record field by field. */
export type Made =
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
      readonly kind: "record";
      readonly fields: readonly { readonly name: string; readonly made: Made }[];
    };

/** End of a subtopology: the record goes on in another one, partitioned by its new key. */
export interface RepartitionNode extends Stage {
  readonly kind: "repartition";
  readonly topic: string;
  readonly key: Format;
  /** Format of the value when it was made by a stage; `unchanged` = the original bytes travel. */
  readonly value: Format | "unchanged";
  /** The key before the last one was made travels, too. */
  readonly carriedKey?: Format;
}

export interface ReduceNode extends Stage {
  readonly kind: "reduce" | "windowedReduce";
  readonly store: string;
  /** Format of the key in state: no schema id. */
  readonly key: Format;
  readonly aggregators: readonly { readonly name: string; readonly aggregator: AggregatorPlan }[];
  /** `key` in the aggregators is not the key that is reduced by: it is the one that travels beside it. */
  readonly readsCarriedKey?: true;
  readonly emit: EmitMode;
  /** What comes are rows of tables: those that are gone are taken back. */
  readonly takesBack?: true;
  /** Results may be null, for a key that was deleted. */
  readonly tombstones?: true;
  /** Stream that gets late records as they came into the stage. */
  readonly late?: string;
  /** Type of the result record. */
  readonly value: ExpressionType;
  /** Scope of the stages after it: `key`, `value` (the result) and, of a window, `window.start`, `window.end`. */
  readonly next: readonly Node[];
}

/**
 * When results go out: once, when their window closes; after each record; or the newest one of each
 * changed key at most once per interval of the wall clock.
 */
export type EmitMode = "final" | "updates" | { readonly everyMs: number };

/** Aggregators. Arguments are typed over `key`, `value`, … of the record that is reduced. */
export type AggregatorPlan = NumericAggregatorPlan | ObjectAggregatorPlan;

/** Those that keep a few numbers. */
export type NumericAggregatorPlan =
  | { readonly name: "count"; readonly predicate?: Expression }
  | { readonly name: "sum" | "min" | "max" | "avg"; readonly argument: Expression };

/** Those that keep values, lists or tables. */
export type ObjectAggregatorPlan =
  | { readonly name: "first" | "last" | "countBy" | "distinct"; readonly argument: Expression }
  | {
      readonly name: "maxBy" | "minBy";
      readonly argument: Expression;
      readonly by: Expression;
    }
  | {
      readonly name: "largest" | "mostFrequent" | "collect";
      readonly argument: Expression;
      /** Length of the list that it makes, at most. */
      readonly limit: number;
    }
  | ReducerPlan
  | FunctionReducerPlan;

/** A reducer that the user's module exports: `{ lift, combine, inverse?, lower? }`. */
export interface FunctionReducerPlan {
  readonly name: "function";
  readonly fn: string;
  /** Changes with the module; empty where it was not looked at. */
  readonly version: string;
  /** Schema of the result; null for untyped json. */
  readonly result: AvroType | null;
  /** As it says itself; see `ReducerPlan`. */
  readonly ordered?: true;
}

/** A reducer of one's own. */
export interface ReducerPlan {
  readonly name: "reducer";
  /** Makes a partial result of the record. */
  readonly lift: Made;
  /** Scope: `a` and `b`, partial results; so is what it makes. */
  readonly combine: Made;
  /** Scope: `a` and `b`. `inverse(combine(a, b), b) = a`. */
  readonly inverse?: Made;
  /** Makes the result of the partial result `a`. Absent: that is the result. */
  readonly lower?: Made;
  /** Type of partial results. */
  readonly partial: ExpressionType;
  /**
   * Records are combined in the order of their one source partition. A partial result that becomes
   * null deletes the key.
   */
  readonly ordered?: true;
}

export interface SinkNode extends Stage {
  readonly kind: "sink";
  readonly stream: string;
  /** `unchanged`: value bytes are written as they came (only straight from a source stream). */
  readonly value: "made" | "unchanged";
  /** Values may be null: tombstones. */
  readonly tombstones?: true;
  /** Partition to write to. Absent: by key. */
  readonly partition?: Expression;
  readonly next: readonly Node[];
}

export interface DashboardPlan {
  readonly title: Text;
  readonly charts: readonly ChartPlan[];
  readonly counters: readonly SeriesPlan[];
}

export interface SeriesPlan {
  readonly stream: string;
  /** Scope: key, value, window. A number. */
  readonly y: Expression;
  /** Splits into several curves; absent = one. Scope as `y`; a string, number or enum. */
  readonly series?: Expression;
  /** Only these series are drawn, in this order; absent = all. */
  readonly only?: readonly string[];
  readonly labels: Readonly<Record<string, Text>>;
}

export interface ChartPlan extends SeriesPlan {
  readonly title?: Text;
  /** Windows shown. @default 20 */
  readonly points: number;
  readonly missing: "zero" | "gap";
  readonly as: "line" | "spline" | "step" | "bar";
  /** Distance between two points: the window's advance, ms; absent when the stream has no window. */
  readonly stepMs?: number;
}
