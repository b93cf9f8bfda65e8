/**
 * Sinks.
 *
 * @module
 */

import type { StageBodies } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { Expression } from "../expression/mod.ts";
import type { Node } from "../plan.ts";
import { attach, type Flow, type Planning, type StreamDraft } from "./context.ts";
import { mayBeDeadLetters } from "./dead_letters.ts";
import { checkText } from "./expressions.ts";
import { DEAD_LETTERS } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { findStream, sinkStream } from "./streams.ts";
import { showType } from "./types.ts";
import { sameFormat, writeTo } from "./write.ts";

export function planSink(
  body: StageBodies["sink"],
  path: Path,
  site: StageSite,
  flow: Flow,
  planning: Planning,
): Flow {
  const { stream, path: at } = sinkStream({ sink: body }, site.path)!;
  if (stream === DEAD_LETTERS) {
    const message = `${DEAD_LETTERS} takes what could not be processed, nothing else`;
    planning.report.error("RESERVED_NAME", at, message);
    return flow;
  }
  const draft = findStream(stream, at, planning);
  if (draft === undefined) return flow;
  if (mayBeDeadLetters(flow, planning)) draft.takesDeadLetters = true;
  const partition =
    typeof body === "object" && body.partition !== undefined
      ? planPartition(body.partition, draft, [...path, "partition"], flow, planning)
      : undefined;
  const shape = writeTo(draft, flow, at, planning);
  if (shape === undefined || partition === "wrong") return flow;

  // Declared in another format than the bytes have: decoded and encoded anew.
  const asItCame = flow.value.unchanged;
  const unchanged = asItCame !== undefined && sameFormat(asItCame, shape.value);
  const next: Node[] = [];
  return attach(
    flow,
    {
      kind: "sink",
      ...nodeOf(site),
      stream,
      value: unchanged ? "unchanged" : "made",
      ...(flow.value.tombstones && { tombstones: true }),
      ...(partition !== undefined && { partition }),
      next,
    },
    next,
  );
}

function planPartition(
  text: string | number | boolean,
  draft: StreamDraft,
  path: Path,
  flow: Flow,
  { report }: Planning,
): Expression | "wrong" {
  const partition = checkText(text, flow.scope, path, report, flow);
  if (partition === undefined) return "wrong";
  if (partition.type.kind !== "int") {
    const message = `a partition is an int, this is ${showType(partition.type)}`;
    report.error("TYPE_MISMATCH", path, message, {
      span: partition.span,
      hint: `int(${text})`,
    });
    return "wrong";
  }
  const { partitions } = draft.declared.create ?? {};
  const constant = partition.op === "const" ? Number(partition.value) : undefined;
  if (constant === undefined || partitions === undefined || constant < partitions) return partition;
  const message = `"${draft.name}" is created with ${partitions} partitions: 0 to ${partitions - 1}`;
  report.error("BAD_PARTITION", path, message, { span: partition.span });
  return "wrong";
}
