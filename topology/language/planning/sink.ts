/**
 * Sinks.
 *
 * @module
 */

import type { StageBodies } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { Node } from "../plan.ts";
import { attach, type Flow, type Planning } from "./context.ts";
import { DEAD_LETTERS } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { findStream } from "./streams.ts";
import { sameFormat, writeTo } from "./write.ts";

export function planSink(
  sink: StageBodies["sink"],
  path: Path,
  site: StageSite,
  flow: Flow,
  planning: Planning,
): Flow {
  if (typeof sink !== "string") return flow;
  if (sink === DEAD_LETTERS) {
    const message = `${DEAD_LETTERS} takes what could not be processed, nothing else`;
    planning.report.error("RESERVED_NAME", path, message);
    return flow;
  }
  const draft = findStream(sink, path, planning);
  if (draft === undefined) return flow;
  const shape = writeTo(draft, flow, path, planning);
  if (shape === undefined) return flow;

  // Declared in another format than the bytes have: decoded and encoded anew.
  const asItCame = flow.value.unchanged;
  const unchanged = asItCame !== undefined && sameFormat(asItCame, shape.value);
  const next: Node[] = [];
  return attach(
    flow,
    {
      kind: "sink",
      ...nodeOf(site),
      stream: sink,
      value: unchanged ? "unchanged" : "made",
      next,
    },
    next,
  );
}
