/**
 * What the planning steps share.
 *
 * @module
 */

import type { Stream } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { ExpressionType } from "../expression/mod.ts";
import type { CheckedTopology } from "../fields/mod.ts";
import type {
  EmitMode,
  Format,
  InputPlan,
  KeyFormat,
  Node,
  OwnWindow,
  StorePlan,
  WindowExtent,
} from "../plan.ts";
import type { Trials } from "./aggregators/mod.ts";

/** Gives the text of a file a definition names, by the path as written: from the definition's folder. */
export interface Files {
  read(path: string): string | undefined;
}

/** Gives schemas of a registry, fetched before planning: planning itself asks nobody. */
export interface Subjects {
  /** Text of an Avro schema; undefined when the registry has no such version. */
  read(subject: string, version: number | "latest"): string | undefined;
}

/** Tells what modules of functions export, which were loaded before planning. */
export interface FunctionModules {
  /**
   * @param path as written: from the definition's folder
   * @returns undefined when that is not known (yet): names are taken on trust then
   */
  exports(path: string): ModuleExports | undefined;
}

export type ModuleExports =
  | { readonly missing: true }
  /** It is there and cannot be loaded. */
  | { readonly fault: string }
  | {
      /** Changes with the text of the module. */
      readonly version: string;
      readonly exports: ReadonlyMap<string, ExportedValue>;
    };

export interface ExportedValue {
  /** `typeof`, or that it is an async function. */
  readonly type: string;
  /** Parameters without a default, of a function. */
  readonly parameters: number;
  /** Names of its functions, of an object. */
  readonly functions?: readonly string[];
  /** It says `ordered: true`, of an object. */
  readonly ordered?: boolean;
}

/** One place where a function is used. */
export interface FunctionPlace {
  readonly fn: string;
  readonly stage: "map" | "flatMap" | "reduce";
  readonly key: ExpressionType;
  readonly value: ExpressionType;
  readonly hasWindow: boolean;
  readonly returns: ExpressionType;
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
  readonly functions?: FunctionModules | undefined;
  /** Where functions are used, in the order of the plan. */
  readonly functionPlaces: FunctionPlace[];
  /** Window stages with the source streams of their records. */
  readonly windows: { readonly streams: readonly string[]; readonly window: WindowShape }[];
  /** Stage ids with the path they were written at. */
  readonly ids: Map<string, Path>;
  /** What is left for trying the laws of reducers. */
  readonly trials: Trials;
}

export interface StreamDraft {
  readonly name: string;
  readonly path: Path;
  readonly topic: string;
  readonly declared: Stream;
  /** Declared under `tables`. */
  readonly isTable: boolean;
  /** Pipelines that read it. */
  readonly readers: Set<string>;
  /** Pipelines that write it, as sink or as late stream. */
  readonly writers: Set<string>;
  /** Something about it is wrong and reported: what depends on it is left alone. */
  broken: boolean;
  /** Something here writes to it what it has read from the stream of dead letters. */
  takesDeadLetters: boolean;
  shape?: StreamShape;
}

/** What is on a stream. */
export interface StreamShape {
  readonly key: KeyFormat;
  readonly keyType: ExpressionType;
  readonly value: Format;
  readonly valueType: ExpressionType;
  readonly window?: RecordWindow;
}

/** The windows that records are results of. */
export type RecordWindow = WindowShape | SourceWindow;

/** Windows that were made before the source: its keys tell which, and no more is known of them. */
export interface SourceWindow {
  readonly stage?: undefined;
  readonly extent: WindowExtent;
}

/** The window stage that results come from. */
export interface WindowShape {
  readonly stage: string;
  readonly of: OwnWindow;
  readonly extent: WindowExtent;
  /** 0 behind `window: same`. */
  readonly graceMs: number;
  readonly emit: EmitMode;
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
  | Extract<InputPlan["from"], { kind: "stream" }>
  | (Omit<Extract<InputPlan["from"], { kind: "repartition" }>, "writers"> & {
      readonly writers: readonly SubtopologyDraft[];
    });

/** What is known about the records at one point of a pipeline. */
export interface Flow {
  /** Where the records are; several behind a merge. */
  readonly subtopologies: readonly SubtopologyDraft[];
  /** Successors of the node that was planned last; behind a merge, of the last ones. */
  readonly ends: readonly Node[][];
  /** Ways that records take to here: each of them is code of its own. */
  readonly ways: number;
  /** Types by name, narrowed by what the stages above have proven. */
  readonly scope: ReadonlyMap<string, ExpressionType>;
  readonly key: Side;
  readonly value: Side;
  /** The key decides the partition: nothing between here and the source has changed either. */
  readonly partitionedByKey: boolean;
  readonly window?: RecordWindow;
  /** The records are rows of tables: each stands for its key until it is replaced. */
  readonly ofRows?: true;
  /** The stage above whose results go out by the wall clock: which ones do is not to be foreseen. */
  readonly sampledBy?: string;
  /** The source streams. */
  readonly streams: readonly string[];
  /** What messages call the value: its stream, as long as nothing has changed it. */
  readonly valueName?: string | undefined;
  /** Stages between the source and here. */
  readonly depth: number;
}

/** Puts a node behind those planned last. @returns where the next one goes */
export function attach<N extends Node>(flow: Flow, node: N, next: Node[]): Flow {
  for (const end of flow.ends) end.push(node);
  return { ...flow, ends: [next] };
}

/** Key or value of a record. */
export interface Side {
  /** As declared, not narrowed. */
  readonly type: ExpressionType;
  /** Format of the bytes as they came; absent when a stage made it. */
  readonly unchanged?: Format;
  /** Some are, or all are, null on purpose: the type is nullable, or null. */
  readonly tombstones?: true;
}
