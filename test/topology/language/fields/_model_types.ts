/** Made by json_schema_test.ts from the field specs: `tsc` compares them with the types of the object form. */

import type * as M from "../../../../topology/language/definition.ts";

/** Assignable both ways. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Keys<T> = T extends unknown ? keyof T : never;
type Field<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;
type Optional<T, K> = T extends unknown ? (K extends keyof T ? (Record<never, never> extends Pick<T, K> ? true : false) : true) : never;

export const Topology: readonly [
  Same<Keys<M.Topology>, "topology" | "description" | "functions" | "streams" | "tables" | "pipelines" | "dashboard" | "tests" | "$schema">,
  Same<Field<M.Topology, "topology">, string>,
  Same<Optional<M.Topology, "topology">, false>,
  Same<Field<M.Topology, "description">, M.Text>,
  Optional<M.Topology, "description">,
  Same<Field<M.Topology, "functions">, string>,
  Optional<M.Topology, "functions">,
  Same<Field<M.Topology, "streams">, M.Fields<M.Stream>>,
  Optional<M.Topology, "streams">,
  Same<Field<M.Topology, "tables">, M.Fields<M.Stream>>,
  Optional<M.Topology, "tables">,
  Same<Field<M.Topology, "pipelines">, M.Fields<readonly (M.Stage)[]>>,
  Same<Optional<M.Topology, "pipelines">, false>,
  Same<Field<M.Topology, "dashboard">, M.Dashboard>,
  Optional<M.Topology, "dashboard">,
  Same<Field<M.Topology, "tests">, readonly (M.Test)[]>,
  Optional<M.Topology, "tests">,
  Same<Field<M.Topology, "$schema">, string>,
  Optional<M.Topology, "$schema">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export const Stream: readonly [
  Same<Keys<M.Stream>, "topic" | "key" | "value" | "partitionedBy" | "eventTime" | "idle" | "maxFuture" | "maxSkew" | "start" | "onError" | "create">,
  Same<Field<M.Stream, "topic">, string>,
  Optional<M.Stream, "topic">,
  Same<Field<M.Stream, "key">, "string" | "int" | "long" | "double" | "boolean" | "bytes" | "json" | "avro" | Extract<M.ValueType, { avro: string }> | Extract<M.ValueType, { subject: string }> | Extract<M.ValueType, { json: string }> | Extract<M.KeyType, { window: unknown }>>,
  Optional<M.Stream, "key">,
  Same<Field<M.Stream, "value">, "string" | "int" | "long" | "double" | "boolean" | "bytes" | "json" | "avro" | Extract<M.ValueType, { avro: string }> | Extract<M.ValueType, { subject: string }> | Extract<M.ValueType, { json: string }>>,
  Optional<M.Stream, "value">,
  Same<Field<M.Stream, "partitionedBy">, "key">,
  Optional<M.Stream, "partitionedBy">,
  Same<Field<M.Stream, "eventTime">, M.Expression>,
  Optional<M.Stream, "eventTime">,
  Same<Field<M.Stream, "idle">, M.Duration | "never">,
  Optional<M.Stream, "idle">,
  Same<Field<M.Stream, "maxFuture">, M.Duration | "unlimited">,
  Optional<M.Stream, "maxFuture">,
  Same<Field<M.Stream, "maxSkew">, M.Duration>,
  Optional<M.Stream, "maxSkew">,
  Same<Field<M.Stream, "start">, "earliest" | "latest">,
  Optional<M.Stream, "start">,
  Same<Field<M.Stream, "onError">, "deadLetter" | "skip" | "fail">,
  Optional<M.Stream, "onError">,
  Same<Field<M.Stream, "create">, M.Create>,
  Optional<M.Stream, "create">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export const Create: readonly [
  Same<Keys<M.Create>, "partitions" | "replication" | "cleanup" | "retention">,
  Same<Field<M.Create, "partitions">, number>,
  Optional<M.Create, "partitions">,
  Same<Field<M.Create, "replication">, number>,
  Optional<M.Create, "replication">,
  Same<Field<M.Create, "cleanup">, "delete" | "compact" | "compact,delete">,
  Optional<M.Create, "cleanup">,
  Same<Field<M.Create, "retention">, M.Duration | "forever">,
  Optional<M.Create, "retention">,
] = [true, true, true, true, true, true, true, true, true];

export const AvroFile: readonly [
  Same<Keys<Extract<M.ValueType, { avro: string }>>, "avro">,
  Same<Field<Extract<M.ValueType, { avro: string }>, "avro">, string>,
  Same<Optional<Extract<M.ValueType, { avro: string }>, "avro">, false>,
] = [true, true, true];

export const Subject: readonly [
  Same<Keys<Extract<M.ValueType, { subject: string }>>, "subject" | "version">,
  Same<Field<Extract<M.ValueType, { subject: string }>, "subject">, string>,
  Same<Optional<Extract<M.ValueType, { subject: string }>, "subject">, false>,
  Same<Field<Extract<M.ValueType, { subject: string }>, "version">, number>,
  Optional<Extract<M.ValueType, { subject: string }>, "version">,
] = [true, true, true, true, true];

export const JsonFile: readonly [
  Same<Keys<Extract<M.ValueType, { json: string }>>, "json">,
  Same<Field<Extract<M.ValueType, { json: string }>, "json">, string>,
  Same<Optional<Extract<M.ValueType, { json: string }>, "json">, false>,
] = [true, true, true];

export const WindowedKey: readonly [
  Same<Keys<Extract<M.KeyType, { window: unknown }>>, "window" | "as" | "size">,
  Same<Field<Extract<M.KeyType, { window: unknown }>, "window">, "string" | "int" | "long" | "double" | "boolean" | "bytes" | "json" | "avro" | Extract<M.ValueType, { avro: string }> | Extract<M.ValueType, { subject: string }> | Extract<M.ValueType, { json: string }>>,
  Same<Optional<Extract<M.KeyType, { window: unknown }>, "window">, false>,
  Same<Field<Extract<M.KeyType, { window: unknown }>, "as">, "binary" | "record">,
  Optional<Extract<M.KeyType, { window: unknown }>, "as">,
  Same<Field<Extract<M.KeyType, { window: unknown }>, "size">, M.Duration | "session">,
  Optional<Extract<M.KeyType, { window: unknown }>, "size">,
] = [true, true, true, true, true, true, true];

export const Stage: readonly [
  Same<Keys<M.Stage>, "id" | "description" | "onError" | "source" | "filter" | "map" | "flatMap" | "branch" | "reduce" | "windowedReduce" | "peek" | "sink">,
  Same<Field<M.Stage, "id">, string>,
  Same<Field<M.Stage, "description">, M.Text>,
  Same<Field<M.Stage, "onError">, "deadLetter" | "skip" | "fail">,
  Same<Field<M.Stage, "source">, M.OneOrMany<string>>,
  Same<Field<M.Stage, "filter">, M.Expression>,
  Same<Field<M.Stage, "map">, M.Emit | M.Call>,
  Same<Field<M.Stage, "flatMap">, M.OneOrMany<M.LoopedEmit | M.Call>>,
  Same<Field<M.Stage, "branch">, readonly (M.StageBodies["branch"][number])[]>,
  Same<Field<M.Stage, "reduce">, M.StageBodies["reduce"]>,
  Same<Field<M.Stage, "windowedReduce">, M.WindowedReduce>,
  Same<Field<M.Stage, "peek">, M.StageBodies["peek"]>,
  Same<Field<M.Stage, "sink">, string | Exclude<M.StageBodies["sink"], string>>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];

export const Emit: readonly [
  Same<Keys<M.Emit>, "key" | "value" | "set" | "drop" | "tombstone" | "headers">,
  Same<Field<M.Emit, "key">, M.Made>,
  Optional<M.Emit, "key">,
  Same<Field<M.Emit, "value">, M.Made>,
  Optional<M.Emit, "value">,
  Same<Field<M.Emit, "set">, M.Fields<M.Made>>,
  Optional<M.Emit, "set">,
  Same<Field<M.Emit, "drop">, readonly (string)[]>,
  Optional<M.Emit, "drop">,
  Same<Field<M.Emit, "tombstone">, true>,
  Optional<M.Emit, "tombstone">,
  Same<Field<M.Emit, "headers">, M.Fields<M.Expression>>,
  Optional<M.Emit, "headers">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];

export const LoopedEmit: readonly [
  Same<Keys<M.LoopedEmit>, "key" | "value" | "set" | "drop" | "tombstone" | "headers" | "for" | "when">,
  Same<Field<M.LoopedEmit, "key">, M.Made>,
  Optional<M.LoopedEmit, "key">,
  Same<Field<M.LoopedEmit, "value">, M.Made>,
  Optional<M.LoopedEmit, "value">,
  Same<Field<M.LoopedEmit, "set">, M.Fields<M.Made>>,
  Optional<M.LoopedEmit, "set">,
  Same<Field<M.LoopedEmit, "drop">, readonly (string)[]>,
  Optional<M.LoopedEmit, "drop">,
  Same<Field<M.LoopedEmit, "tombstone">, true>,
  Optional<M.LoopedEmit, "tombstone">,
  Same<Field<M.LoopedEmit, "headers">, M.Fields<M.Expression>>,
  Optional<M.LoopedEmit, "headers">,
  Same<Field<M.LoopedEmit, "for">, M.Fields<M.Expression>>,
  Optional<M.LoopedEmit, "for">,
  Same<Field<M.LoopedEmit, "when">, M.Expression>,
  Optional<M.LoopedEmit, "when">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export const Call: readonly [
  Same<Keys<M.Call>, "fn" | "returns">,
  Same<Field<M.Call, "fn">, string>,
  Same<Optional<M.Call, "fn">, false>,
  Same<Field<M.Call, "returns">, "string" | "int" | "long" | "double" | "boolean" | "bytes" | "json" | "avro" | Extract<M.ValueType, { avro: string }> | Extract<M.ValueType, { subject: string }> | Extract<M.ValueType, { json: string }>>,
  Optional<M.Call, "returns">,
] = [true, true, true, true, true];

export const Branch: readonly [
  Same<Keys<M.StageBodies["branch"][number]>, "when" | "stages">,
  Same<Field<M.StageBodies["branch"][number], "when">, M.Expression>,
  Optional<M.StageBodies["branch"][number], "when">,
  Same<Field<M.StageBodies["branch"][number], "stages">, readonly (M.Stage)[]>,
  Same<Optional<M.StageBodies["branch"][number], "stages">, false>,
] = [true, true, true, true, true];

export const Reduce: readonly [
  Same<Keys<M.StageBodies["reduce"]>, "key" | "value" | "emit" | "retention">,
  Same<Field<M.StageBodies["reduce"], "key">, M.Made>,
  Optional<M.StageBodies["reduce"], "key">,
  Same<Field<M.StageBodies["reduce"], "value">, M.Fields<string | M.Call | M.Reducer>>,
  Same<Optional<M.StageBodies["reduce"], "value">, false>,
  Same<Field<M.StageBodies["reduce"], "emit">, "updates" | M.Every>,
  Same<Optional<M.StageBodies["reduce"], "emit">, false>,
  Same<Field<M.StageBodies["reduce"], "retention">, M.Duration | "forever">,
  Optional<M.StageBodies["reduce"], "retention">,
] = [true, true, true, true, true, true, true, true, true];

export const WindowedReduce: readonly [
  Same<Keys<M.WindowedReduce>, "window" | "key" | "value" | "emit" | "late">,
  Same<Field<M.WindowedReduce, "window">, "same" | Exclude<M.Window, "same">>,
  Same<Optional<M.WindowedReduce, "window">, false>,
  Same<Field<M.WindowedReduce, "key">, M.Made>,
  Optional<M.WindowedReduce, "key">,
  Same<Field<M.WindowedReduce, "value">, M.Fields<string | M.Call | M.Reducer>>,
  Same<Optional<M.WindowedReduce, "value">, false>,
  Same<Field<M.WindowedReduce, "emit">, "final" | "updates" | M.Every>,
  Same<Optional<M.WindowedReduce, "emit">, false>,
  Same<Field<M.WindowedReduce, "late">, string>,
  Optional<M.WindowedReduce, "late">,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const Every: readonly [
  Same<Keys<M.Every>, "every">,
  Same<Field<M.Every, "every">, M.Duration>,
  Same<Optional<M.Every, "every">, false>,
] = [true, true, true];

export const Reducer: readonly [
  Same<Keys<M.Reducer>, "lift" | "combine" | "inverse" | "lower" | "ordered">,
  Same<Field<M.Reducer, "lift">, M.Made>,
  Same<Optional<M.Reducer, "lift">, false>,
  Same<Field<M.Reducer, "combine">, M.Made>,
  Same<Optional<M.Reducer, "combine">, false>,
  Same<Field<M.Reducer, "inverse">, M.Made>,
  Optional<M.Reducer, "inverse">,
  Same<Field<M.Reducer, "lower">, M.Made>,
  Optional<M.Reducer, "lower">,
  Same<Field<M.Reducer, "ordered">, true>,
  Optional<M.Reducer, "ordered">,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const Window: readonly [
  Same<Keys<Exclude<M.Window, "same">>, "tumbling" | "hopping" | "every" | "sliding" | "session" | "calendar" | "zone" | "offset" | "grace">,
  Same<Field<Exclude<M.Window, "same">, "tumbling">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "hopping">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "every">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "sliding">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "session">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "calendar">, "hour" | "day" | "week" | "month">,
  Same<Field<Exclude<M.Window, "same">, "zone">, string>,
  Same<Field<Exclude<M.Window, "same">, "offset">, M.Duration>,
  Same<Field<Exclude<M.Window, "same">, "grace">, M.Duration>,
  Same<Optional<Exclude<M.Window, "same">, "grace">, false>,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const Peek: readonly [
  Same<Keys<M.StageBodies["peek"]>, "value" | "every">,
  Same<Field<M.StageBodies["peek"], "value">, M.Expression>,
  Optional<M.StageBodies["peek"], "value">,
  Same<Field<M.StageBodies["peek"], "every">, M.Duration>,
  Optional<M.StageBodies["peek"], "every">,
] = [true, true, true, true, true];

export const Sink: readonly [
  Same<Keys<Exclude<M.StageBodies["sink"], string>>, "stream" | "partition">,
  Same<Field<Exclude<M.StageBodies["sink"], string>, "stream">, string>,
  Same<Optional<Exclude<M.StageBodies["sink"], string>, "stream">, false>,
  Same<Field<Exclude<M.StageBodies["sink"], string>, "partition">, M.Expression>,
  Optional<Exclude<M.StageBodies["sink"], string>, "partition">,
] = [true, true, true, true, true];

export const Dashboard: readonly [
  Same<Keys<M.Dashboard>, "title" | "charts" | "counters">,
  Same<Field<M.Dashboard, "title">, M.Text>,
  Optional<M.Dashboard, "title">,
  Same<Field<M.Dashboard, "charts">, readonly (M.Chart)[]>,
  Optional<M.Dashboard, "charts">,
  Same<Field<M.Dashboard, "counters">, readonly (M.Series)[]>,
  Optional<M.Dashboard, "counters">,
] = [true, true, true, true, true, true, true];

export const Series: readonly [
  Same<Keys<M.Series>, "stream" | "y" | "series" | "only" | "labels">,
  Same<Field<M.Series, "stream">, string>,
  Same<Optional<M.Series, "stream">, false>,
  Same<Field<M.Series, "y">, M.Expression>,
  Same<Optional<M.Series, "y">, false>,
  Same<Field<M.Series, "series">, M.Expression>,
  Optional<M.Series, "series">,
  Same<Field<M.Series, "only">, readonly (string)[]>,
  Optional<M.Series, "only">,
  Same<Field<M.Series, "labels">, M.Fields<M.Text>>,
  Optional<M.Series, "labels">,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const Chart: readonly [
  Same<Keys<M.Chart>, "stream" | "y" | "series" | "only" | "labels" | "title" | "x" | "points" | "missing" | "as">,
  Same<Field<M.Chart, "stream">, string>,
  Same<Optional<M.Chart, "stream">, false>,
  Same<Field<M.Chart, "y">, M.Expression>,
  Same<Optional<M.Chart, "y">, false>,
  Same<Field<M.Chart, "series">, M.Expression>,
  Optional<M.Chart, "series">,
  Same<Field<M.Chart, "only">, readonly (string)[]>,
  Optional<M.Chart, "only">,
  Same<Field<M.Chart, "labels">, M.Fields<M.Text>>,
  Optional<M.Chart, "labels">,
  Same<Field<M.Chart, "title">, M.Text>,
  Optional<M.Chart, "title">,
  Same<Field<M.Chart, "x">, M.Expression>,
  Optional<M.Chart, "x">,
  Same<Field<M.Chart, "points">, number>,
  Optional<M.Chart, "points">,
  Same<Field<M.Chart, "missing">, "zero" | "gap">,
  Optional<M.Chart, "missing">,
  Same<Field<M.Chart, "as">, "line" | "spline" | "step" | "bar">,
  Optional<M.Chart, "as">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export const TestFile: readonly [
  Same<Keys<M.TestFile>, "definition" | "tests" | "$schema">,
  Same<Field<M.TestFile, "definition">, string>,
  Same<Optional<M.TestFile, "definition">, false>,
  Same<Field<M.TestFile, "tests">, readonly (M.Test)[]>,
  Same<Optional<M.TestFile, "tests">, false>,
  Same<Field<M.TestFile, "$schema">, string>,
  Optional<M.TestFile, "$schema">,
] = [true, true, true, true, true, true, true];

export const Test: readonly [
  Same<Keys<M.Test>, "name" | "partitions" | "steps">,
  Same<Field<M.Test, "name">, string>,
  Same<Optional<M.Test, "name">, false>,
  Same<Field<M.Test, "partitions">, number>,
  Optional<M.Test, "partitions">,
  Same<Field<M.Test, "steps">, readonly (M.Step)[]>,
  Same<Optional<M.Test, "steps">, false>,
] = [true, true, true, true, true, true, true];

export const Step: readonly [
  Same<Keys<M.Step>, "send" | "records" | "wait" | "restart" | "instances" | "leaving" | "expect" | "contain" | "ledger">,
  Same<Field<M.Step, "send">, string>,
  Same<Field<M.Step, "records">, readonly (M.Sent)[]>,
  Same<Field<M.Step, "wait">, M.Duration>,
  Same<Field<M.Step, "restart">, "clean" | "crash">,
  Same<Field<M.Step, "instances">, number>,
  Same<Field<M.Step, "leaving">, "clean" | "crash">,
  Same<Field<M.Step, "expect">, M.Fields<readonly (M.Expected[string][number])[]>>,
  Same<Field<M.Step, "contain">, M.Fields<readonly (M.Expected[string][number])[]>>,
  Same<Field<M.Step, "ledger">, M.Fields<M.Fields<number>>>,
] = [true, true, true, true, true, true, true, true, true, true];

export const SentRecord: readonly [
  Same<Keys<M.Sent>, "at" | "partition" | "key" | "window" | "value" | "headers">,
  Same<Field<M.Sent, "at">, M.Instant>,
  Optional<M.Sent, "at">,
  Same<Field<M.Sent, "partition">, number>,
  Optional<M.Sent, "partition">,
  Same<Field<M.Sent, "key">, unknown>,
  Optional<M.Sent, "key">,
  Same<Field<M.Sent, "window">, readonly [M.Instant, M.Instant]>,
  Optional<M.Sent, "window">,
  Same<Field<M.Sent, "value">, unknown>,
  Same<Optional<M.Sent, "value">, false>,
  Same<Field<M.Sent, "headers">, M.Fields<string>>,
  Optional<M.Sent, "headers">,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];

export const ExpectedRecord: readonly [
  Same<Keys<M.Expected[string][number]>, "key" | "window" | "value" | "headers">,
  Same<Field<M.Expected[string][number], "key">, unknown>,
  Optional<M.Expected[string][number], "key">,
  Same<Field<M.Expected[string][number], "window">, readonly [M.Instant, M.Instant]>,
  Optional<M.Expected[string][number], "window">,
  Same<Field<M.Expected[string][number], "value">, unknown>,
  Optional<M.Expected[string][number], "value">,
  Same<Field<M.Expected[string][number], "headers">, M.Fields<string>>,
  Optional<M.Expected[string][number], "headers">,
] = [true, true, true, true, true, true, true, true, true];
