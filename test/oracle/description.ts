/**
 * What a topology is, in words of its own: neither a definition nor a plan. The oracle works it out,
 * `definition.ts` spells it for the engine.
 *
 * A raw value is `{ id, n, tag, t }`; every reduce makes `{ id, n, tag, x }`, so that any stage can
 * stand behind any other.
 */

/** A value of a record: fields by name. */
export type Value = Readonly<Record<string, unknown>>;

/** What a stage may make the key of. */
export type Key = "tag" | "remainder" | "quotient" | "all";

/** What a stage may make of `n`: `n + by`, or `by / n`, which fails for 0. */
export interface Change {
  readonly op: "plus" | "over";
  readonly by: number;
}

/** Lets pass what `n % modulus` differs from `remainder` for. */
export interface Predicate {
  readonly modulus: number;
  readonly remainder: number;
}

export interface Emit {
  readonly when?: Predicate | undefined;
  /** One record for each of 0 … loops − 1, which is added to `n`. */
  readonly loops: number;
  readonly key?: Key | undefined;
}

export type Aggregate =
  | { readonly fn: "count" }
  | { readonly fn: "countIf"; readonly when: Predicate }
  | { readonly fn: "sum" | "min" | "max" | "avg" | "distinct"; readonly of: "id" | "n" }
  | { readonly fn: "first" | "last" | "maxBy" | "minBy"; readonly of: "id" | "tag" }
  | { readonly fn: "collect"; readonly of: "id" }
  | { readonly fn: "largest"; readonly of: "n"; readonly limit: number }
  /** A reducer that is written out: the sum of `n` plus the number of records. */
  | { readonly fn: "own" }
  /** The sum of `12 / n`: a record with 0 cannot be reduced. */
  | { readonly fn: "sumOfQuotients" };

/** Whole milliseconds. */
export type Window =
  | {
      readonly kind: "hopping";
      readonly sizeMs: number;
      readonly advanceMs: number;
      readonly offsetMs: number;
      readonly graceMs: number;
    }
  /** That of the results that come in. */
  | { readonly kind: "same" }
  /** Both ends inclusive, `differenceMs` apart. */
  | { readonly kind: "sliding"; readonly differenceMs: number; readonly graceMs: number }
  /** From a first to a last record, none of them more than `gapMs` behind the one before. */
  | { readonly kind: "session"; readonly gapMs: number; readonly graceMs: number }
  | {
      readonly kind: "calendar";
      readonly unit: CalendarUnit;
      /** IANA name. */
      readonly zone: string;
      readonly graceMs: number;
    };

export type CalendarUnit = "hour" | "day" | "week" | "month";

export interface Reduce {
  readonly kind: "reduce";
  readonly id: string;
  readonly key?: Key | undefined;
  /** Absent: one result for ever. */
  readonly window?: Window | undefined;
  readonly fields: Readonly<Record<string, Aggregate>>;
  readonly emit: "final" | "updates" | { readonly everyMs: number };
  /** Stream of the records that come too late. */
  readonly late?: string | undefined;
}

export type Stage =
  | { readonly kind: "filter"; readonly id: string; readonly when: Predicate }
  | {
      readonly kind: "map";
      readonly id: string;
      readonly key?: Key | undefined;
      readonly n?: Change | undefined;
    }
  /** Leaves `{ id, n, tag }`, so that results of different stages can be merged. */
  | { readonly kind: "narrow"; readonly id: string }
  | { readonly kind: "flatMap"; readonly id: string; readonly emits: readonly Emit[] }
  | Reduce
  | { readonly kind: "sink"; readonly id: string; readonly stream: string };

export interface Source {
  readonly name: string;
  readonly partitions: number;
  /** Event time is the value's field `t`, not the record's timestamp. */
  readonly timed: boolean;
  /** Records with the same key stand in the same partition, and the stages may rely on it. */
  readonly partitionedByKey: boolean;
  /** A partition silent for so long is idle; null: never. */
  readonly idleMs: number | null;
}

export interface Pipeline {
  readonly name: string;
  /** Sources, or pipelines that stand before this one. */
  readonly from: readonly string[];
  readonly stages: readonly Stage[];
}

export interface Topology {
  readonly sources: readonly Source[];
  readonly pipelines: readonly Pipeline[];
}

/** A record of a source; its offset is its place among those of its partition. */
export interface InputRecord {
  readonly source: string;
  readonly partition: number;
  readonly timestampMs: number;
  readonly key: string | null;
  /** `poison`: bytes that cannot be decoded. */
  readonly value: Value | null | "poison";
}
