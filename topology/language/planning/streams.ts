/**
 * Streams: who reads and writes them, and what is on them.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import { parseDuration } from "../duration.ts";
import type { Expression } from "../expression/mod.ts";
import type { CheckedTopology } from "../fields/mod.ts";
import type { CreatePlan, Format, StreamPlan } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import type { Planning, StreamDraft, StreamShape } from "./context.ts";
import { checkText, eventTimeScope } from "./expressions.ts";
import { DEAD_LETTERS, deadLetterTopic, isTopicName } from "./names.ts";
import { many } from "./one_or_many.ts";
import { showType } from "./types.ts";
import { walkStages } from "./walk_stages.ts";

const DEFAULT_IDLE_MS = 5_000;
const DEFAULT_MAX_FUTURE_MS = 3_600_000;

/** Drafts of the declared streams, each with its readers and writers. */
export function draftStreams(
  topology: CheckedTopology,
  report: Report,
): ReadonlyMap<string, StreamDraft> {
  const drafts = new Map<string, StreamDraft>();
  const topics = new Map<string, string>();
  const declarations = (["streams", "tables"] as const).flatMap((section) =>
    Object.entries(topology[section] ?? {}).map(([name, declared]) => ({
      section,
      name,
      declared,
    })),
  );
  for (const { section, name, declared } of declarations) {
    const path = [section, name];
    const topic = declared?.topic ?? name;
    if (drafts.has(name)) {
      const message = `"${name}" is already the name of a stream`;
      report.error("DUPLICATE_NAME", path, message, { on: "key" });
      continue;
    }
    drafts.set(name, {
      name,
      path,
      topic,
      declared: declared ?? {},
      isTable: section === "tables",
      readers: new Set(),
      writers: new Set(),
      broken: declared === undefined || name === DEAD_LETTERS,
      takesDeadLetters: false,
    });
    if (name === DEAD_LETTERS) {
      const message = `${DEAD_LETTERS} is always there, on topic ${deadLetterTopic(topology.topology)}`;
      report.error("RESERVED_NAME", path, message, { on: "key", hint: "leave it out" });
    }
    checkTopic(topic, name, topology.topology, topics, [...path, "topic"], report);
  }
  for (const [pipeline, stages] of Object.entries(topology.pipelines)) {
    for (const { stage } of walkStages(stages ?? [], [])) {
      for (const name of written(stage)) drafts.get(name)?.writers.add(pipeline);
      if (stage.source !== undefined) {
        for (const { item } of many(stage.source, [])) drafts.get(item)?.readers.add(pipeline);
      }
    }
  }
  return drafts;
}

function checkTopic(
  topic: string,
  stream: string,
  application: string,
  topics: Map<string, string>,
  path: Path,
  report: Report,
): void {
  const other = topics.get(topic);
  if (!isTopicName(topic)) {
    const hint = "1 to 249 of a-z, A-Z, 0-9, dot, underscore and hyphen";
    report.error("BAD_NAME", path, `"${topic}" is not a topic name`, { hint });
  } else if (other !== undefined) {
    report.error("DUPLICATE_NAME", path, `topic ${topic} is already the stream "${other}"`);
  } else if (topic.startsWith(`${application}-`)) {
    const message = `topics that begin with "${application}-" belong to the application itself`;
    report.error("RESERVED_NAME", path, message);
  }
  topics.set(topic, other ?? stream);
}

/** The stream that a sink names, and where it does; undefined for any other stage. */
export function sinkStream(
  stage: Pick<Stage, "sink"> | undefined,
  path: Path,
): { readonly stream: string; readonly path: Path } | undefined {
  if (stage?.sink === undefined) return undefined;
  if (typeof stage.sink === "string") return { stream: stage.sink, path: [...path, "sink"] };
  return { stream: stage.sink.stream, path: [...path, "sink", "stream"] };
}

/** Streams a stage writes to. */
export function written(stage: Stage): readonly string[] {
  const sink = sinkStream(stage, []);
  if (sink !== undefined) return [sink.stream];
  const late = stage.windowedReduce?.late;
  return late === undefined ? [] : [late];
}

/** The stream of that name, or a diagnostic. */
export function findStream(
  name: string,
  path: Path,
  planning: Planning,
  orPipeline = false,
): StreamDraft | undefined {
  const found = planning.streams.get(name);
  if (found !== undefined || planning.topology.streamsUnknown) return found;
  const what = orPipeline ? "stream or pipeline" : "stream";
  const guess = planning.report.full ? "" : didYouMean(name, knownNames(planning, orPipeline));
  const message = `there is no ${what} "${name}"${guess}`;
  const isPipeline = Object.hasOwn(planning.topology.pipelines, name);
  const hint = isPipeline
    ? `"${name}" is a pipeline: name a stream that it writes, or read it by - source: ${name}`
    : `declare it: streams: { ${name}: ${orPipeline ? "{ value: <type> }" : "{}"} }`;
  planning.report.error("UNKNOWN_STREAM", path, message, guess === "" ? { hint } : {});
  return undefined;
}

function knownNames({ streams, topology }: Planning, orPipeline: boolean): readonly string[] {
  return orPipeline ? [...streams.keys(), ...Object.keys(topology.pipelines)] : [...streams.keys()];
}

/** @returns undefined while something about the stream is wrong */
export function planStream(draft: StreamDraft, planning: Planning): StreamPlan | undefined {
  const { declared, shape, name, topic } = draft;
  if (shape === undefined) return undefined;
  const eventTime = planEventTime(draft, shape, planning);
  checkSkew(draft, planning);
  checkTable(draft, planning);
  return {
    name,
    topic,
    key: shape.key,
    value: shape.value,
    written: draft.writers.size > 0,
    ...(draft.isTable && { table: true }),
    ...(eventTime !== undefined && { eventTime }),
    idleMs: declared.idle === "never" ? null : durationMs(declared.idle, DEFAULT_IDLE_MS),
    maxFutureMs:
      declared.maxFuture === "unlimited"
        ? null
        : durationMs(declared.maxFuture, DEFAULT_MAX_FUTURE_MS),
    ...(declared.maxSkew !== undefined && { maxSkewMs: durationMs(declared.maxSkew, 0) }),
    start: declared.start ?? "earliest",
    onError: declared.onError ?? "deadLetter",
    create: planCreate(draft),
  };
}

/** Whoever is waited for has to come on, or to be idle some time. */
function checkSkew({ declared, path, writers }: StreamDraft, { report }: Planning): void {
  if (declared.maxSkew === undefined) return;
  const at = [...path, "maxSkew"];
  if (declared.idle === "never") {
    const message =
      "a partition that is never idle would keep the others waiting when it is silent";
    report.error("BAD_SKEW", at, message, { hint: "give idle a duration, or leave maxSkew out" });
  } else if (writers.size > 0) {
    const message = "results follow what they are made of: what is read must not wait for them";
    report.error("BAD_SKEW", at, message, {
      hint: "leave it out: it is for streams that are only read",
    });
  }
}

/** A row stands until another record of its key comes: all of them have to be read. */
function checkTable(
  { isTable, declared, path, name, shape }: StreamDraft,
  { report }: Planning,
): void {
  if (!isTable) return;
  if (declared.start === "latest") {
    const message = `"${name}" is a table: rows that are not read again would be missing`;
    report.error("BAD_TABLE", [...path, "start"], message, { hint: "leave start out" });
  }
  const { cleanup = "compact" } = declared.create ?? {};
  if (cleanup !== "compact") {
    const message = `"${name}" is a table: its topic would lose rows that stand`;
    report.error("BAD_TABLE", [...path, "create", "cleanup"], message, {
      hint: "cleanup: compact, or leave it out",
    });
  }
  if (shape?.key.window !== undefined) {
    const message = `"${name}" is a table: rows of windows would stand for ever`;
    report.error("BAD_TABLE", declared.key === undefined ? path : [...path, "key"], message, {
      on: declared.key === undefined ? "key" : "value",
      hint: "declare it under streams, or a plain key: the window is left off then",
    });
  }
}

function planEventTime(
  draft: StreamDraft,
  shape: StreamShape,
  { report }: Planning,
): Expression | undefined {
  if (draft.declared.eventTime === undefined) return undefined;
  const path = [...draft.path, "eventTime"];
  const scope = eventTimeScope(shape);
  const expression = checkText(draft.declared.eventTime, scope, path, report, {
    valueName: draft.name,
  });
  if (expression === undefined || expression.type.kind === "int") return expression;
  const message = `an event time must be int (Unix epoch ms), this is ${showType(expression.type)}`;
  report.error("TYPE_MISMATCH", path, message, { span: expression.span });
  return undefined;
}

function planCreate({ declared: { create = {} }, isTable }: StreamDraft): CreatePlan {
  const { partitions, replication, retention = "forever" } = create;
  const { cleanup = isTable ? "compact" : "delete" } = create;
  return {
    ...(partitions !== undefined && { partitions }),
    ...(replication !== undefined && { replication }),
    cleanup,
    retentionMs: retention === "forever" ? null : durationMs(retention, 0),
  };
}

/** The field specs have refused what is not a duration. */
export function durationMs(text: string | undefined, defaultMs: number): number {
  return text === undefined ? defaultMs : (parseDuration(text) ?? defaultMs);
}

const BYTES: Format = { kind: "bytes" };

/** The stream that takes what could not be processed: bytes, as they came. */
export function deadLetterStream(application: string): StreamPlan {
  return {
    name: DEAD_LETTERS,
    topic: deadLetterTopic(application),
    key: { format: BYTES },
    value: BYTES,
    written: true,
    idleMs: DEFAULT_IDLE_MS,
    maxFutureMs: null,
    start: "earliest",
    // What somebody has put there with an impossible time stays there.
    onError: "skip",
    create: { cleanup: "delete", retentionMs: null },
  };
}
