/**
 * The topics of a definition as they are, beside what the engine would create.
 *
 * @module
 */

import type { Plan } from "../../../topology/language/mod.ts";
import {
  ownWindow,
  reachMs,
  showDuration,
  topicsOf,
  type WindowPlan,
} from "../../../topology/language/mod.ts";
import { prepareTopics, type TopicSpec } from "../../engine/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import type { KafkaInspector, Operation, TopicDetails } from "../../kafka/mod.ts";
import { type Finding, failed, failure, ok, warning } from "./finding.ts";

export async function checkTopics(
  inspector: KafkaInspector,
  plan: Plan,
  nodes: number,
): Promise<readonly Finding[]> {
  const { sources, written, internal } = topicsOf(plan);
  const names = [...sources, ...written, ...internal];
  const details = new Map((await inspector.topics(names)).map((found) => [found.topic, found]));
  const forbidden = [...details.values()].filter(({ error }) => error !== undefined);
  if (forbidden.length > 0) return forbidden.map(describeError);
  const { specs, findings } = await dryRun(plan, details);
  const needed = new Map(specs.map((spec) => [spec.topic, spec]));
  for (const topic of names) {
    const spec = needed.get(topic);
    const found = details.get(topic);
    if (found === undefined) {
      findings.push(missing(topic, spec, sources.includes(topic)));
      continue;
    }
    const role = roleOf(topic, { sources, written });
    const problems = [
      ...health(found, nodes),
      ...permissions(found, role),
      ...settings(found, role, plan),
    ];
    findings.push(...problems);
    if (problems.length === 0) {
      findings.push(ok("topic", `${topic}: ${count(found.partitions, "partition")}`));
    }
  }
  return findings;
}

/** The engine's own preparation, on a log that creates nothing: what it would do, and refuse. */
async function dryRun(
  plan: Plan,
  details: ReadonlyMap<string, TopicDetails>,
): Promise<{ readonly specs: readonly TopicSpec[]; readonly findings: Finding[] }> {
  const specs: TopicSpec[] = [];
  try {
    await prepareTopics(
      {
        partitionCounts: async (topics) =>
          new Map(
            topics.flatMap((topic) => {
              const found = details.get(topic);
              return found === undefined ? [] : [[topic, found.partitions] as const];
            }),
          ),
        createTopics: async (wanted) => void specs.push(...wanted),
      },
      plan,
    );
    return { specs, findings: [] };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { specs, findings: [failed("topic", error, "millrace plan says what would be lost")] };
  }
}

function missing(topic: string, spec: TopicSpec | undefined, isSource: boolean): Finding {
  const size = spec === undefined ? "" : ` with ${count(spec.partitions, "partition")}`;
  if (!isSource) return ok("topic", `${topic}: not there yet, run creates it${size}`);
  return warning(
    "topic",
    `${topic}: the source is not there, run would create it empty${size}`,
    "is the name right, and is this the cluster that its producers write to?",
  );
}

function describeError({ topic, error }: TopicDetails): Finding {
  const hint = error!.endsWith("AUTHORIZATION_FAILED")
    ? `grant this user DESCRIBE on topic ${topic}`
    : undefined;
  return failure("topic", `${topic}: ${error}`, hint);
}

function* health(
  { topic, partitions, leaderless, underReplicated, replication }: TopicDetails,
  nodes: number,
): Generator<Finding> {
  if (leaderless > 0) {
    const message = `${topic}: ${leaderless} of ${count(partitions, "partition")} have no leader`;
    yield failure("topic", message, "nothing can be read or written there: is a broker down?");
  }
  if (underReplicated > 0) {
    yield warning("topic", `${topic}: replicas of ${count(underReplicated, "partition")} lag`);
  }
  if (replication === 1 && nodes > 1) {
    const message = `${topic}: one replica, in a cluster of ${nodes} nodes`;
    yield warning("topic", message, "what is on it is gone with its broker");
  }
}

type Role = "source" | "sink" | "changelog" | "repartition";

function roleOf(
  topic: string,
  {
    sources,
    written,
  }: { readonly sources: readonly string[]; readonly written: readonly string[] },
): Role {
  if (sources.includes(topic)) return "source";
  if (written.includes(topic)) return "sink";
  // The topology topic is compacted like a changelog.
  return topic.endsWith("-repartition") ? "repartition" : "changelog";
}

const OPERATIONS: Readonly<Record<Role, readonly Operation[]>> = {
  source: ["read"],
  sink: ["write"],
  changelog: ["read", "write"],
  repartition: ["read", "write", "delete"],
};

function* permissions({ topic, allowed }: TopicDetails, role: Role): Generator<Finding> {
  if (allowed === undefined) return;
  const missing = OPERATIONS[role].filter((operation) => !allowed.has(operation));
  if (missing.length === 0) return;
  const operations = missing.map((operation) => operation.toUpperCase()).join(" and ");
  const message = `${topic}: this user may not ${missing.join(" and ")}`;
  yield failure("topic", message, `grant it ${operations} on topic ${topic}`);
}

function* settings({ topic, configs }: TopicDetails, role: Role, plan: Plan): Generator<Finding> {
  const cleanup = configs.get("cleanup.policy") ?? "";
  const retentionMs = Number(configs.get("retention.ms") ?? "-1");
  const deletes = cleanup.includes("delete") && retentionMs >= 0;
  if (role === "changelog" && !cleanup.includes("compact") && cleanup !== "") {
    const message = `${topic}: cleanup.policy is ${cleanup}, so state is lost with age`;
    yield failure("topic", message, "set it to compact");
  }
  if (role === "repartition" && deletes) {
    const message = `${topic}: records on their way are deleted after ${showDuration(retentionMs)}`;
    yield warning(
      "topic",
      message,
      "set retention.ms to -1: what has been processed is deleted anyway",
    );
  }
  if (role === "source") yield* sourceSettings(topic, cleanup, deletes, retentionMs, plan);
  if (role !== "source" && configs.get("message.timestamp.type") === "LogAppendTime") {
    const message = `${topic}: message.timestamp.type is LogAppendTime, so event times are overwritten`;
    yield failure("topic", message, "set it to CreateTime");
  }
}

function* sourceSettings(
  topic: string,
  cleanup: string,
  deletes: boolean,
  retentionMs: number,
  plan: Plan,
): Generator<Finding> {
  const stores = plan.subtopologies.flatMap((subtopology) => subtopology.stores);
  const neededMs = Math.max(0, ...stores.map(({ window }) => openMs(window)));
  if (deletes && retentionMs < neededMs) {
    const message = `${topic}: records are deleted after ${showDuration(retentionMs)}, a window with its grace is open for ${showDuration(neededMs)}`;
    yield warning("topic", message, "a start from the earliest record sees part of a window only");
  }
  const isTable = Object.values(plan.streams).some(
    (stream) => stream.table && stream.topic === topic,
  );
  if (isTable && deletes) {
    const message = `${topic}: it is a table, and rows are deleted after a while although they stand`;
    yield warning("topic", message, "set cleanup.policy to compact");
  }
  if (cleanup.includes("compact") && stores.length > 0 && !isTable) {
    const message = `${topic}: it is compacted, so older records of a key are gone before they are counted`;
    yield warning("topic", message, "read a topic with cleanup.policy delete");
  }
}

/** How long a window takes records. */
function openMs(window: WindowPlan): number {
  const own = ownWindow(window);
  if (own === undefined) return 0;
  return reachMs(own) + (window.kind === "same" ? 0 : own.graceMs);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
