/**
 * The model of a definition: what users write, in YAML, JSON or TypeScript.
 *
 * @module
 */

/** A string is CEL, text is "'all'"; a bare number or boolean is itself. */
export type Expression = string | number | boolean;
export type Duration = `${number}${"ms" | "s" | "m" | "h" | "d"}`;
/** Since 1970, or ISO 8601 with an offset. */
export type Instant = Duration | `${number}-${string}T${string}`;
/** One text, or one per language. */
export type Text = string | Fields<string>;
/** One stands for a list of one, everywhere. */
export type OneOrMany<T> = T | readonly T[];
export type Fields<T> = { readonly [name: string]: T };

export type Topology = Readonly<{
  $schema?: string;
  topology: string;
  description?: Text;
  functions?: string;
  streams?: Fields<Stream>;
  tables?: Fields<Stream>;
  pipelines: Fields<readonly Stage[]>;
  dashboard?: Dashboard;
  tests?: readonly Test[];
}>;

export type ValueType =
  | "string"
  | "int"
  | "long"
  | "double"
  | "boolean"
  | "bytes"
  | "json"
  | "avro"
  | Readonly<{ avro: string }>
  | Readonly<{ subject: string; version?: number }>
  | Readonly<{ json: string }>;
export type KeyType =
  | ValueType
  | Readonly<{ window: ValueType; as?: "binary" | "record"; size?: Duration | "session" }>;

export type Stream = Readonly<{
  topic?: string;
  key?: KeyType;
  value?: ValueType;
  partitionedBy?: "key";
  eventTime?: Expression;
  idle?: Duration | "never";
  maxFuture?: Duration | "unlimited";
  maxSkew?: Duration;
  start?: "earliest" | "latest";
  onError?: OnError;
  create?: Create;
}>;
export type Create = Readonly<{
  partitions?: number;
  replication?: number;
  cleanup?: "delete" | "compact" | "compact,delete";
  retention?: Duration | "forever";
}>;
export type OnError = "deadLetter" | "skip" | "fail";

export interface StageBodies {
  source: OneOrMany<string>;
  filter: Expression;
  map: Emit | Call;
  flatMap: OneOrMany<LoopedEmit | Call>;
  branch: readonly Readonly<{ when?: Expression; stages: readonly Stage[] }>[];
  reduce: Reduce & Readonly<{ emit: "updates" | Every; retention?: Duration | "forever" }>;
  windowedReduce: WindowedReduce;
  peek: Readonly<{ value?: Expression; every?: Duration }>;
  sink: string | Readonly<{ stream: string; partition?: Expression }>;
}
export type StageKind = keyof StageBodies;
type Common = Readonly<{ id?: string; description?: Text; onError?: OnError }>;
/** A stage has exactly one of the keys of `StageBodies`. */
export type StageOf<K extends StageKind> = Common & { readonly [P in K]: StageBodies[P] } & {
  readonly [P in Exclude<StageKind, K>]?: never;
};
export type Stage = { [K in StageKind]: StageOf<K> }[StageKind];

/** Whole, or field by field, nested like the record. */
export type Made = Expression | { readonly [field: string]: Made };
export type Emit = Readonly<{
  key?: Made;
  value?: Made;
  set?: Fields<Made>;
  drop?: readonly string[];
  tombstone?: true;
  headers?: Fields<Expression>;
}>;
export type LoopedEmit = Emit & Readonly<{ for?: Fields<Expression>; when?: Expression }>;
export type Call = Readonly<{ fn: string; returns?: ValueType }>;
export type Every = Readonly<{ every: Duration }>;
export type Reduce = Readonly<{
  key?: Made;
  value: Fields<Aggregator>;
}>;
export type WindowedReduce = Reduce &
  Readonly<{ window: Window; emit: "final" | "updates" | Every; late?: string }>;
export type Aggregator = string | Call | Reducer;
export type Reducer = Readonly<{
  lift: Made;
  combine: Made;
  inverse?: Made;
  lower?: Made;
  ordered?: true;
}>;
export type Window =
  | "same"
  | (Readonly<{ grace: Duration }> &
      Readonly<
        | { tumbling: Duration; offset?: Duration }
        | { hopping: Duration; every: Duration; offset?: Duration }
        | { sliding: Duration }
        | { session: Duration }
        | { calendar: "hour" | "day" | "week" | "month"; zone: string }
      >);

export type Dashboard = Readonly<{
  title?: Text;
  charts?: readonly Chart[];
  counters?: readonly Series[];
}>;
export type Series = Readonly<{
  stream: string;
  y: Expression;
  series?: Expression;
  only?: readonly string[];
  labels?: Fields<Text>;
}>;
export type Chart = Series &
  Readonly<{
    title?: Text;
    x?: Expression;
    points?: number;
    missing?: "zero" | "gap";
    as?: "line" | "spline" | "step" | "bar";
  }>;

/** A file of its own beside the definition: `<name>.test.yaml`. */
export type TestFile = Readonly<{ $schema?: string; definition: string; tests: readonly Test[] }>;
export type Test = Readonly<{ name: string; partitions?: number; steps: readonly Step[] }>;
export type Step = Readonly<
  | { send: string; records: readonly Sent[] }
  | { wait: Duration }
  | { restart: "clean" | "crash" }
  | { instances: number; leaving?: "clean" | "crash" }
  | { expect: Expected }
  | { contain: Expected }
  | { ledger: Fields<Fields<number>> }
>;
export type Expected = Fields<
  readonly Readonly<{
    key?: unknown;
    window?: readonly [Instant, Instant];
    value?: unknown;
    headers?: Fields<string>;
  }>[]
>;
export type Sent = Readonly<{
  at?: Instant;
  partition?: number;
  key?: unknown;
  window?: readonly [Instant, Instant];
  value: unknown;
  headers?: Fields<string>;
}>;
