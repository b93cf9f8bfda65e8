/**
 * What is kept of a plan to compare a later one with: a few numbers and fingerprints per stage, not
 * the plan. Stored as JSON in the topic `<application>-topology`.
 *
 * @module
 */

import type { StateSnapshot } from "./state.ts";

/** Another version is another form, which {@link parseSnapshot} does not read. */
export const SNAPSHOT_VERSION = 2;

export interface PlanSnapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  readonly application: string;
  readonly subtopologies: readonly SubtopologySnapshot[];
  readonly sequences: readonly StageSequence[];
  /** Partitions of the topics it reads from outside, as they were; those that existed. */
  readonly partitions: Readonly<Record<string, number>>;
  readonly topics: TopicsByRole;
}

export interface TopicsByRole {
  readonly sources: readonly string[];
  /** Sinks, late records, dead letters. */
  readonly written: readonly string[];
  /** Changelogs, repartition topics, and the one that snapshots are kept in. */
  readonly internal: readonly string[];
}

export interface SubtopologySnapshot {
  readonly name: string;
  readonly changelogTopic: string;
  readonly inputs: readonly {
    readonly topic: string;
    /** Subtopologies that write it; absent for a topic from outside. */
    readonly writers?: readonly string[];
  }[];
}

/** The stages of a pipeline, or of one way of a branch. */
export interface StageSequence {
  /** `pipelines.shoppers_by_gender` */
  readonly path: string;
  readonly stages: readonly StageSnapshot[];
}

export interface StageSnapshot {
  /** Its id, else `<pipeline>.<index>`; the first is the source. */
  readonly stage: string;
  readonly path: string;
  /** Kind of its node; `source`. */
  readonly kind: string;
  readonly subtopology: string;
  /** What it does, by part: short values as they are, long ones as `#<fingerprint>`. */
  readonly parts: Readonly<Record<string, string>>;
  /** Present for a stage that keeps state. */
  readonly state?: StateSnapshot;
}

/** The topic that an application keeps its snapshot in: compacted, one partition. */
export function snapshotTopic(application: string): string {
  return `${application}-topology`;
}

/** An id cannot hold a dot; a place that stands in for one does. */
export function isNamed({ stage }: StageSnapshot): boolean {
  return !stage.includes(".");
}
