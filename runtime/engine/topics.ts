/**
 * The topics of an application: which exist, how many partitions each has, what has to be created.
 *
 * @module
 */

import {
  type InputPlan,
  isReduce,
  nodesBehind,
  type Plan,
  type StreamPlan,
  type Subtopology,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import type { Log, TopicSpec } from "./ports.ts";

/** Partition counts of everything the application touches, by topic; and tasks by subtopology name. */
export interface Layout {
  readonly partitions: ReadonlyMap<string, number>;
  readonly tasks: ReadonlyMap<string, number>;
}

/** What it takes of a log: one that creates nothing tells what would be created. */
export type TopicLog = Pick<Log, "partitionCounts" | "createTopics">;

/**
 * How long a changelog keeps tombstones: Kafka's own default. Who has read it up to some point, and
 * comes back later than that, may never hear what was deleted since.
 */
export const TOMBSTONE_RETENTION_MS = 86_400_000;

/** @default 1 */
export const DEFAULT_SOURCE_PARTITIONS = 1;

/**
 * Creates what is missing and returns the layout. Existing topics are left as they are.
 * @throws {MillraceError} TOPIC_MISMATCH when an internal topic has another partition count than its tasks
 */
export async function prepareTopics(log: TopicLog, plan: Plan): Promise<Layout> {
  const sources = new Set<string>();
  for (const subtopology of plan.subtopologies) {
    for (const { from } of subtopology.inputs) if (from.kind === "stream") sources.add(from.stream);
  }
  const sourceStreams = [...sources].map((name) => plan.streams[name]!);
  const existing = await log.partitionCounts(sourceStreams.map(({ topic }) => topic));
  const missing = sourceStreams.filter(({ topic }) => !existing.has(topic));
  await log.createTopics(
    missing.map((stream) =>
      streamSpec(stream, stream.create.partitions ?? DEFAULT_SOURCE_PARTITIONS),
    ),
  );
  const partitions = new Map(existing);
  for (const { topic, create } of missing) {
    partitions.set(topic, create.partitions ?? DEFAULT_SOURCE_PARTITIONS);
  }
  const tasks = new Map<string, number>();
  const specs: TopicSpec[] = [];
  // Subtopologies stand behind those that write their inputs.
  for (const subtopology of plan.subtopologies) {
    const count = Math.max(...subtopology.inputs.map(({ from }) => inputPartitions(from)));
    tasks.set(subtopology.name, count);
    specs.push(changelogSpec(subtopology, count));
  }
  for (const spec of [...specs, ...writtenSpecs(plan, tasks)])
    partitions.set(spec.topic, spec.partitions);
  await log.createTopics([
    ...specs,
    ...repartitionSpecs(plan, tasks),
    ...writtenSpecs(plan, tasks),
  ]);
  await verify(log, partitions, specs);
  return { partitions, tasks };

  function inputPartitions(from: Subtopology["inputs"][number]["from"]): number {
    if (from.kind === "stream") return partitions.get(plan.streams[from.stream]!.topic)!;
    const width = widthOf(from, tasks);
    partitions.set(from.topic, width);
    return width;
  }
}

/** A repartition topic is as wide as the widest subtopology that writes it. */
function widthOf(
  { writers }: Extract<InputPlan["from"], { kind: "repartition" }>,
  tasks: ReadonlyMap<string, number>,
): number {
  return Math.max(
    ...writers.map(({ subtopology }) => {
      const count = tasks.get(subtopology);
      if (count !== undefined) return count;
      const message = `Cannot order subtopologies: ${subtopology} comes too late`;
      throw new MillraceError("INVARIANT", message);
    }),
  );
}

/** Sinks may have been created by someone else, with other counts; internal topics may not. */
async function verify(
  log: TopicLog,
  partitions: Map<string, number>,
  internal: readonly TopicSpec[],
): Promise<void> {
  const actual = await log.partitionCounts([...partitions.keys()]);
  for (const { topic, partitions: expected } of internal) {
    const count = actual.get(topic);
    if (count !== undefined && count !== expected) {
      throw new MillraceError(
        "TOPIC_MISMATCH",
        `Cannot start: ${topic} has ${count} partitions and needs ${expected}: the source topic's partition ` +
          "count has changed since the application first ran; start over with --reset",
        { where: { topic } },
      );
    }
  }
  for (const [topic, count] of actual) partitions.set(topic, count);
}

function changelogSpec(subtopology: Subtopology, partitions: number): TopicSpec {
  return {
    topic: subtopology.changelogTopic,
    partitions,
    configs: {
      "cleanup.policy": "compact",
      "delete.retention.ms": String(TOMBSTONE_RETENTION_MS),
    },
  };
}

function repartitionSpecs(plan: Plan, tasks: ReadonlyMap<string, number>): TopicSpec[] {
  const specs: TopicSpec[] = [];
  for (const { inputs } of plan.subtopologies) {
    for (const { from } of inputs) {
      if (from.kind !== "repartition") continue;
      specs.push({
        topic: from.topic,
        partitions: widthOf(from, tasks),
        configs: { "cleanup.policy": "delete", "retention.ms": "-1" },
      });
    }
  }
  return specs;
}

/** Sinks and late streams, as wide as the subtopology that writes them; dead letters have one partition. */
function writtenSpecs(plan: Plan, tasks: ReadonlyMap<string, number>): TopicSpec[] {
  const widths = new Map<string, number>();
  for (const subtopology of plan.subtopologies) {
    const width = tasks.get(subtopology.name)!;
    for (const stream of writtenStreams(subtopology)) {
      widths.set(stream, Math.max(width, widths.get(stream) ?? 1));
    }
  }
  const specs: TopicSpec[] = [];
  for (const stream of Object.values(plan.streams)) {
    const width = stream.name === DEAD_LETTERS ? 1 : widths.get(stream.name);
    if (width !== undefined) specs.push(streamSpec(stream, stream.create.partitions ?? width));
  }
  return specs;
}

/** Name of the reserved stream. */
export const DEAD_LETTERS = "dead_letters";

/** Names of the streams that its stages write to, as sinks or as late streams. */
export function writtenStreams(subtopology: Subtopology): Set<string> {
  const streams = new Set<string>();
  const visit = (nodes: Subtopology["inputs"][number]["nodes"]): void => {
    for (const node of nodes) {
      if (node.kind === "sink") streams.add(node.stream);
      if (isReduce(node) && node.late !== undefined) streams.add(node.late);
      visit(nodesBehind(node));
    }
  };
  for (const { nodes } of subtopology.inputs) visit(nodes);
  return streams;
}

/** How a stream's topic is created. */
export function streamSpec(stream: StreamPlan, partitions: number): TopicSpec {
  const { cleanup, retentionMs, replication } = stream.create;
  return {
    topic: stream.topic,
    partitions,
    ...(replication === undefined ? {} : { replication }),
    configs: {
      "cleanup.policy": cleanup,
      ...(cleanup === "compact" ? {} : { "retention.ms": String(retentionMs ?? -1) }),
    },
  };
}
