/**
 * What the planning steps share.
 *
 * @module
 */

import type { Stream } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { ExpressionType } from "../expression/mod.ts";
import type { CheckedTopology } from "../fields/mod.ts";
import type { Format, InputPlan, KeyFormat, Node, StorePlan } from "../plan.ts";

/** Gives the text of a file a definition names, by the path as written: from the definition's folder. */
export interface Files {
  read(path: string): string | undefined;
}

/** Gives schemas of a registry, fetched before planning: planning itself asks nobody. */
export interface Subjects {
  /** Text of an Avro schema; undefined when the registry has no such version. */
  read(subject: string, version: number | "latest"): string | undefined;
}

/** Where the texts of schemas come from, and where is said what is wrong with them. */
export interface SchemaTexts {
  readonly report: Report;
  readonly files: Files;
  /** Absent when there is no registry at hand. */
  readonly subjects?: Subjects | undefined;
}

export interface Planning extends SchemaTexts {
  readonly application: string;
  readonly topology: CheckedTopology;
  /** Errors have left parts of it out: that something is missing need not be true. */
  readonly incomplete: boolean;
  /** By name; the dead letter stream is not among them. */
  readonly streams: ReadonlyMap<string, StreamDraft>;
  /** Source subtopologies by stream name, then one per repartition topic. */
  readonly subtopologies: SubtopologyDraft[];
  /** Where each pipeline ends, once planned. */
  readonly ends: Map<string, Flow>;
  /** Window stages with the source stream of their records. */
  readonly windows: { readonly stream: string; readonly window: WindowShape }[];
  /** Stage ids with the path they were written at. */
  readonly ids: Map<string, Path>;
}

export interface StreamDraft {
  readonly name: string;
  readonly path: Path;
  readonly topic: string;
  readonly declared: Stream;
  /** Pipelines that read it. */
  readonly readers: Set<string>;
  /** Pipelines that write it, as sink or as late stream. */
  readonly writers: Set<string>;
  /** Something about it is wrong and reported: what depends on it is left alone. */
  broken: boolean;
  shape?: StreamShape;
}

/** What is on a stream. */
export interface StreamShape {
  readonly key: KeyFormat;
  readonly keyType: ExpressionType;
  readonly value: Format;
  readonly valueType: ExpressionType;
  readonly window?: WindowShape;
}

/** The window stage that results come from. */
export interface WindowShape {
  readonly stage: string;
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly emit: "final" | "updates";
  /** Result fields for which a window without records means 0. */
  readonly counted: ReadonlySet<string>;
}

export interface SubtopologyDraft {
  /** Set for what follows a repartition topic; source subtopologies are named when all is planned. */
  readonly stage?: string;
  readonly pipelines: string[];
  readonly from: InputDraft;
  readonly nodes: Node[];
  readonly stores: StorePlan[];
}

export type InputDraft =
  | { readonly kind: "stream"; readonly stream: string }
  | (Omit<Extract<InputPlan["from"], { kind: "repartition" }>, "writer"> & {
      readonly writer: SubtopologyDraft;
    });

/** What is known about the records at one point of a pipeline. */
export interface Flow {
  readonly subtopology: SubtopologyDraft;
  /** Successors of the node that was planned last. */
  readonly next: Node[];
  /** Types by name, narrowed by what the stages above have proven. */
  readonly scope: ReadonlyMap<string, ExpressionType>;
  readonly key: Side;
  readonly value: Side;
  /** The key decides the partition: nothing between here and the source has changed either. */
  readonly partitionedByKey: boolean;
  readonly window?: WindowShape;
  /** The source stream. */
  readonly stream: string;
  /** What messages call the value: its stream, as long as nothing has changed it. */
  readonly valueName?: string | undefined;
  /** Stages between the source and here. */
  readonly depth: number;
}

/** Key or value of a record. */
export interface Side {
  /** As declared, not narrowed. */
  readonly type: ExpressionType;
  /** Format of the bytes as they came; absent when a stage made it. */
  readonly unchanged?: Format;
}
