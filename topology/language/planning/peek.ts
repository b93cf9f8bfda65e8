/**
 * peek: a sample of what passes.
 *
 * @module
 */

import type { StageBodies } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { Node } from "../plan.ts";
import { attach, type Flow, type Planning } from "./context.ts";
import { checkText } from "./expressions.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { durationMs } from "./streams.ts";

const DEFAULT_EVERY_MS = 1000;

export function planPeek(
  { value: text, every }: StageBodies["peek"],
  path: Path,
  site: StageSite,
  flow: Flow,
  { report }: Planning,
): Flow {
  const value =
    text === undefined ? undefined : checkText(text, flow.scope, [...path, "value"], report, flow);
  const next: Node[] = [];
  return attach(
    flow,
    {
      kind: "peek",
      ...nodeOf(site),
      ...(value !== undefined && { value }),
      everyMs: durationMs(every, DEFAULT_EVERY_MS),
      next,
    },
    next,
  );
}
