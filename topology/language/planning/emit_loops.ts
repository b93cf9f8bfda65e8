/**
 * `for:` of a flatMap: names for the elements of lists.
 *
 * @module
 */

import type { LoopedEmit } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { Scope } from "../expression/mod.ts";
import type { LoopPlan } from "../plan.ts";
import type { Flow } from "./context.ts";
import { checkText } from "./expressions.ts";
import { showType } from "./types.ts";

export interface Looped {
  readonly loops: readonly LoopPlan[];
  /** With the names of all loops. */
  readonly scope: Scope;
}

/** @returns undefined when a loop is wrong, which has been reported */
export function checkLoops(
  lists: LoopedEmit["for"],
  path: Path,
  flow: Flow,
  report: Report,
): Looped | undefined {
  const scope = new Map(flow.scope);
  const loops: LoopPlan[] = [];
  let complete = true;
  for (const [name, text] of Object.entries(lists ?? {})) {
    const at = [...path, name];
    if (text === undefined) {
      // A hole, which has been reported.
      complete = false;
      continue;
    }
    if (scope.has(name)) {
      const message = `"${name}" has a meaning already: an element needs a name of its own`;
      report.error("DUPLICATE_NAME", at, message, { on: "key" });
      complete = false;
      continue;
    }
    const list = checkText(text, scope, at, report, flow);
    if (list?.type.kind === "list") {
      scope.set(name, list.type.element);
      loops.push({ name, list });
      continue;
    }
    complete = false;
    if (list === undefined) continue;
    const nullable = list.type.kind === "nullable" && list.type.type.kind === "list";
    const isMap = list.type.kind === "map" && list.op === "path";
    report.error("TYPE_MISMATCH", at, `for goes through a list, this is ${showType(list.type)}`, {
      span: list.span,
      hint: nullable
        ? `prove that it is not null: filter: ${String(text)} != null`
        : isMap
          ? `its keys are a list: ${String(text)}.map(k, k)`
          : undefined,
    });
  }
  return complete ? { loops, scope } : undefined;
}
