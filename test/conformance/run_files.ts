/**
 * Runs files of vectors and judges each case.
 *
 * @module
 */

import { differencesOf } from "./differences.ts";
import type { Unplanned } from "./plan_of.ts";
import { expectedOf } from "./rules.ts";
import { partitionDifferences, runPartition } from "./run_partition.ts";
import { runVector } from "./run_vector.ts";
import type { PartitionVector, TopologyVector, Vector, VectorFile } from "./vectors.ts";

/** Of one case. */
export interface Verdict {
  readonly id: string;
  /** Why it failed; empty when it passed. */
  readonly problems: readonly string[];
  /** Set when it could not run, for what the engine has not got yet. */
  readonly notBuilt?: string;
  /** Named rules that its expected outcome follows from. */
  readonly rules: readonly string[];
}

export interface FileReport {
  readonly name: string;
  readonly verdicts: readonly Verdict[];
  /** Cases of joins, which nothing here can run: neither passed nor failed. */
  readonly leftOut: number;
}

export async function runFile({ name, vectors }: VectorFile): Promise<FileReport> {
  const runnable = vectors.filter(isRunnable);
  const verdicts: Verdict[] = [];
  for (const vector of runnable) verdicts.push(await judge(vector));
  return { name, verdicts, leftOut: vectors.length - runnable.length };
}

export async function judge(vector: PartitionVector | TopologyVector): Promise<Verdict> {
  try {
    return vector.kind === "partition" ? await judgePartition(vector) : await judgeOutcome(vector);
  } catch (error) {
    return { id: vector.id, problems: [String(error)], rules: [] };
  }
}

async function judgeOutcome(vector: TopologyVector): Promise<Verdict> {
  const { id } = vector;
  const expected = expectedOf(vector);
  const got = await runVector(vector);
  if ("plan" in got) return unplanned(id, got);
  const problems = [
    ...differencesOf(expected, got),
    ...got.deadLetters.slice(0, 1).map((letter) => `dead letter: ${letter}`),
  ];
  if (problems.length > 0 && expected.unmodelled !== undefined) {
    problems.push(`no rule applies, for the model of Kafka Streams: ${expected.unmodelled}`);
  }
  return { id, problems, rules: expected.rules };
}

async function judgePartition(vector: PartitionVector): Promise<Verdict> {
  const { id } = vector;
  const got = await runPartition(vector);
  if ("plan" in got) return unplanned(id, got);
  return { id, problems: partitionDifferences(vector, got.output), rules: [] };
}

function unplanned(id: string, { notBuilt, messages }: Unplanned): Verdict {
  if (!notBuilt) return { id, problems: messages, rules: [] };
  return { id, problems: [`not built: ${messages[0]}`], notBuilt: messages[0]!, rules: [] };
}

/** Joins are not in the language yet. */
function isRunnable(vector: Vector): vector is PartitionVector | TopologyVector {
  return !vector.kind.startsWith("join-");
}
