/**
 * What a task needs of the instance that it runs in, and what a peek shows of it.
 *
 * @module
 */

import type { AvroType, Plan, Subtopology } from "../../topology/language/mod.ts";
import type { PartitionOutput } from "./outputs.ts";
import type { InputProgram, ResultProgram } from "./program/mod.ts";
import type { StageContext } from "./stage.ts";

/** What a task needs of its instance. */
export interface TaskContext extends Omit<StageContext, "ledger" | "inputs"> {
  readonly plan: Plan;
  readonly deadLetters: PartitionOutput;
  now(): number;
  readonly peeked?: ((peeked: Peeked) => void) | undefined;
  /** Records are put together before they travel, where that can be. */
  readonly preAggregates: boolean;
  /** Writer schema of a registry id; undefined when there is none. @throws transient */
  writerSchema(id: number): Promise<AvroType | undefined>;
  inputProgram(
    subtopology: Subtopology,
    input: number,
    schemaId: number,
    writer: AvroType | undefined,
    isGone: boolean,
  ): (task: object) => InputProgram;
  resultProgram(subtopology: Subtopology, stage: number): (task: object) => ResultProgram;
}

/** What a peek has evaluated, or why it could not. */
export type PeekedSample = { readonly shown: unknown } | { readonly error: unknown };

/** What a peek shows. */
export type Peeked = {
  readonly stage: string;
  /** Where the record was first read; empty and -1 for a result. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Event time. */
  readonly timestampMs: number;
} & PeekedSample;
