/**
 * Where a pipeline begins: the streams and pipelines that it reads.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { StorePlan } from "../plan.ts";
import { suggest } from "../suggest.ts";
import type { Flow, Planning, StreamShape } from "./context.ts";
import { DEAD_LETTER_SHAPE, refuseDeadLetterSource } from "./dead_letters.ts";
import { sourceScope } from "./expressions.ts";
import { mergeFlows } from "./merge.ts";
import { DEAD_LETTERS } from "./names.ts";
import { many } from "./one_or_many.ts";
import { sourceShape } from "./source_shape.ts";
import { findStream } from "./streams.ts";

/** @returns what is known of the records; undefined when the source is wrong, which has been reported */
export function planSource(
  first: Stage | undefined,
  pipeline: string,
  planning: Planning,
): Flow | undefined {
  const { report, topology } = planning;
  if (first === undefined) return undefined;
  const path = ["pipelines", pipeline, 0];
  if (first.source === undefined) {
    const [stream = "<stream>"] = Object.keys({ ...topology.streams, ...topology.tables });
    const hint = `- source: ${stream}`;
    report.error("SOURCE_FIRST", path, `"${pipeline}" must begin with a source`, {
      hint: `write ${hint}`,
    });
    return undefined;
  }
  const sources = many(first.source, [...path, "source"]);
  const flows = sources.map(({ item, path }) => planOne(item, path, pipeline, planning));
  const merged = sources.flatMap(({ item, path }, n) => {
    const flow = flows[n];
    return flow === undefined ? [] : [{ name: item, path, flow }];
  });
  if (merged.length < sources.length) return undefined;
  return merged.length === 1 ? merged[0]!.flow : mergeFlows(merged, pipeline, planning);
}

function planOne(
  name: string | undefined,
  path: Path,
  pipeline: string,
  planning: Planning,
): Flow | undefined {
  const { report, topology } = planning;
  // A hole, which has been reported.
  if (name === undefined) return undefined;
  if (name === DEAD_LETTERS) return flowFrom(name, DEAD_LETTER_SHAPE, false, pipeline, planning);
  if (!Object.hasOwn(topology.pipelines, name)) return planStream(name, path, pipeline, planning);
  if (topology.pipelines[name]?.at(-1)?.branch !== undefined) {
    const message = `"${name}" ends in branches: nothing comes out of it`;
    report.error("UNREACHABLE", path, message, { hint: "read a stream that a branch writes" });
  }
  return planning.ends.get(name);
}

function planStream(
  name: string,
  path: Path,
  pipeline: string,
  planning: Planning,
): Flow | undefined {
  // What else is wrong is found by going on with the stream that was meant.
  const draft =
    findStream(name, path, planning, true) ??
    planning.streams.get(suggest(name, planning.streams.keys()) ?? "");
  if (draft === undefined) return undefined;
  const shape = draft.writers.size > 0 ? draft.shape : sourceShape(draft, planning);
  if (shape === undefined) return undefined;
  refuseDeadLetterSource(draft, planning);
  const partitionedByKey = draft.declared.partitionedBy === "key";
  const flow = flowFrom(draft.name, shape, partitionedByKey, pipeline, planning, draft.isTable);
  if (!draft.isTable) return flow;
  // Of a row, headers are not kept.
  const scope = new Map([...flow.scope].filter(([name]) => name !== "headers"));
  return { ...flow, scope, ofRows: true };
}

/** The records of a stream, in a subtopology that all its readers share. */
function flowFrom(
  stream: string,
  shape: StreamShape,
  partitionedByKey: boolean,
  pipeline: string,
  planning: Planning,
  isTable = false,
): Flow {
  let subtopology = planning.subtopologies.find(
    ({ from }) => from.kind === "stream" && from.stream === stream,
  );
  if (subtopology === undefined) {
    const from = { kind: "stream", stream, ...(isTable && { rows: stream }) } as const;
    const rows: StorePlan = { stage: stream, window: { kind: "none" } };
    subtopology = { pipelines: [], from, nodes: [], stores: isTable ? [rows] : [] };
    planning.subtopologies.push(subtopology);
  }
  subtopology.pipelines.push(pipeline);
  const { window } = shape.key;
  return {
    subtopologies: [subtopology],
    ends: [subtopology.nodes],
    ways: 1,
    scope: sourceScope(shape),
    key: { type: shape.keyType, unchanged: shape.key.format },
    value: { type: shape.valueType, unchanged: shape.value },
    partitionedByKey,
    ...(window !== undefined && { window: { extent: window.extent } }),
    streams: [stream],
    valueName: stream,
    depth: 0,
  };
}
