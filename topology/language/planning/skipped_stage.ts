/**
 * A stage whose records are not known, because something above it is wrong: its expressions have no
 * types, but a grammar, and the streams it writes have names.
 *
 * @module
 */

import type { Call, LoopedEmit, Made, Stage } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import { parseExpression } from "../expression/mod.ts";
import type { Planning } from "./context.ts";
import { many } from "./one_or_many.ts";
import { planStages, type StageList } from "./pipelines.ts";

type Text = Made | undefined;

export function checkSkippedStage(
  stage: Stage,
  path: Path,
  list: StageList,
  planning: Planning,
): void {
  const { report } = planning;
  checkText(stage.filter, [...path, "filter"], report);
  for (const kind of ["map", "flatMap"] as const) {
    const emits = stage[kind];
    if (emits === undefined) continue;
    for (const { item, path: at } of many<LoopedEmit | Call>(emits, [...path, kind])) {
      // A hole has been reported.
      if (item !== undefined && !("fn" in item)) checkEmit(item, at, report);
    }
  }
  for (const [n, branch] of (stage.branch ?? []).entries()) {
    const at = [...path, "branch", n];
    checkText(branch?.when, [...at, "when"], report);
    const inner = { ...list, path: [...at, "stages"], from: 0 };
    if (branch !== undefined) planStages(branch.stages, inner, undefined, planning);
  }
  checkText(stage.windowedReduce?.key, [...path, "windowedReduce", "key"], report);
  checkText(stage.reduce?.key, [...path, "reduce", "key"], report);
  checkText(stage.peek?.value, [...path, "peek", "value"], report);
  const partition = typeof stage.sink === "object" ? stage.sink.partition : undefined;
  checkText(partition, [...path, "sink", "partition"], report);
}

function checkEmit(emit: LoopedEmit, path: Path, report: Report): void {
  for (const field of ["key", "value", "set", "headers", "for", "when"] as const) {
    checkText(emit[field], [...path, field], report);
  }
}

function checkText(text: Text, path: Path, report: Report): void {
  if (text === undefined) return;
  if (typeof text === "object") {
    for (const [field, inner] of Object.entries(text)) checkText(inner, [...path, field], report);
    return;
  }
  for (const { code, message, span, hint } of parseExpression(String(text)).faults) {
    report.error(code, path, message, { span, hint });
  }
}
