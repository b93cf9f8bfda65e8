/**
 * Under which names the ledger counts.
 *
 * @module
 */

import type { InputPlan, Node, Plan } from "../../topology/language/mod.ts";
import { flattenNodes } from "./program/mod.ts";

/** A repartition stands before the stage that it is for, which counts for itself. */
export function ledgerName(node: Node): string {
  return node.kind === "repartition" ? `${node.stage}.repartition` : node.stage;
}

/**
 * What a pipeline reads is counted under its name; where a stage without an id has that, under the
 * source's own place, `<pipeline>.0`.
 */
export function sourceLedgerName({ subtopologies }: Plan, { from, nodes }: InputPlan): string {
  // `pipelines.<name>[1]` is the path of its first stage.
  const pipeline = /^pipelines\.([^[]+)/.exec(nodes[0]?.path ?? "")?.[1];
  if (pipeline === undefined) return from.kind === "stream" ? from.stream : from.topic;
  const isTaken = subtopologies
    .flatMap((subtopology) => flattenNodes(subtopology))
    .some((node) => ledgerName(node) === pipeline);
  return isTaken ? `${pipeline}.0` : pipeline;
}
