/**
 * windowedReduce: the window, the aggregators, and the repartition topic before them where the key
 * does not decide the partition yet.
 *
 * @module
 */

import type { Window, WindowedReduce } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { showDuration } from "../duration.ts";
import type { ExpressionType } from "../expression/mod.ts";
import type { Node, StorePlan, WindowedReduceNode } from "../plan.ts";
import { checkAggregator, type TypedAggregator } from "./aggregators.ts";
import type { Flow, Planning, SubtopologyDraft, WindowShape } from "./context.ts";
import { planEmit, recordName } from "./emit.ts";
import { reduceScope, windowScope } from "./expressions.ts";
import { derivedFormat } from "./formats.ts";
import { DEAD_LETTERS, pascalCase, repartitionTopic } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { durationMs, findStream } from "./streams.ts";
import { whyNotKey, withoutNull } from "./types.ts";
import { writeTo } from "./write.ts";

/** Windows of one stage that a record can be in: each of them has an entry of its own. */
const MAX_OVERLAP = 1000;

export function planWindowedReduce(
  body: WindowedReduce,
  explicitId: string | undefined,
  path: Path,
  site: StageSite,
  above: Flow,
  planning: Planning,
): Flow | undefined {
  const { report } = planning;
  const id = explicitId ?? site.pipeline;
  if (explicitId === undefined) planning.ids.set(id, site.path);
  if (above.window !== undefined) {
    const message = "a window stage behind another one: not yet built";
    report.error("NOT_BUILT", path, message, { on: "key" });
    return undefined;
  }
  const here: StageSite = { ...site, stage: id };
  const store = planWindow(body.window, id, [...path, "window"], planning);
  const keyed =
    body.key === undefined
      ? above
      : planEmit(
          [{ item: { key: body.key }, path }],
          { ...site, stage: site.place },
          above,
          planning,
        );
  if (keyed === undefined) return undefined;
  const aggregators = planAggregators(body, path, keyed, planning);
  const keyType = withoutNull(keyed.scope.get("key")!);
  const key = keyed.key.unchanged ?? derivedFormat(keyType, `${recordName(here, planning)}Key`);
  const why = whyNotKey(keyType);
  if (why !== undefined || key === undefined) {
    const hint =
      body.key === undefined ? "key: <expression> in this stage says by what" : undefined;
    const message = why ?? "there is no key to reduce by";
    report.error("TYPE_MISMATCH", path, message, { on: "key", hint });
    return undefined;
  }
  // Type errors behind the stage are worth finding even when an aggregator is wrong: only a type
  // that is unknown stops the pipeline.
  if (store === undefined || aggregators === undefined) return undefined;

  const reduced = repartitioned(id, key, here, keyed, planning);
  planLate(body.late, [...path, "late"], keyed, planning);
  const value: ExpressionType = {
    kind: "record",
    name: recordName(here, planning),
    fields: aggregators.map(({ name, type }) => ({ name, type })),
  };
  const next: Node[] = [];
  const node: WindowedReduceNode = {
    kind: "windowedReduce",
    ...nodeOf(here),
    store: id,
    key,
    aggregators: aggregators.map(({ name, aggregator }) => ({ name, aggregator })),
    emit: body.emit as "final" | "updates",
    ...(body.late !== undefined && { late: body.late }),
    value,
    next,
  };
  reduced.next.push(node);
  reduced.subtopology.stores.push(store);
  const counting = aggregators.filter(({ aggregator }) =>
    ["count", "sum"].includes(aggregator.name),
  );
  const window: WindowShape = {
    stage: id,
    sizeMs: store.sizeMs,
    advanceMs: store.advanceMs,
    graceMs: store.graceMs,
    emit: node.emit,
    counted: new Set(node.emit === "final" ? counting.map(({ name }) => name) : []),
  };
  planning.windows.push({ stream: above.stream, window });
  return {
    subtopology: reduced.subtopology,
    next,
    scope: windowScope(keyType, value),
    key: { type: keyType, unchanged: key },
    value: { type: value },
    partitionedByKey: true,
    window,
    stream: above.stream,
    depth: above.depth,
  };
}

/** Ends the subtopology in front of a repartition topic, unless the key decides the partition. */
function repartitioned(
  id: string,
  key: WindowedReduceNode["key"],
  site: StageSite,
  flow: Flow,
  planning: Planning,
): {
  readonly subtopology: SubtopologyDraft;
  readonly next: Node[];
} {
  // One store a subtopology: a second reduce of the same source gets a topic of its own.
  if (flow.partitionedByKey && flow.subtopology.stores.length === 0) return flow;
  const topic = repartitionTopic(planning.application, id);
  // What came unchanged need not be of a type that a stage could make.
  const name = `${planning.application}.${pascalCase(id)}Value`;
  const value = flow.value.unchanged ?? derivedFormat(flow.value.type, name)!;
  flow.next.push({
    kind: "repartition",
    ...nodeOf(site),
    topic,
    key,
    value: flow.value.unchanged === undefined ? value : "unchanged",
  });
  const subtopology: SubtopologyDraft = {
    stage: id,
    pipelines: [site.pipeline],
    from: {
      kind: "repartition",
      topic,
      writer: flow.subtopology,
      key,
      value,
      valueUnchanged: flow.value.unchanged !== undefined,
    },
    nodes: [],
    stores: [],
  };
  planning.subtopologies.push(subtopology);
  return { subtopology, next: subtopology.nodes };
}

function planWindow(
  window: Window,
  stage: string,
  path: Path,
  { report }: Planning,
): StorePlan | undefined {
  if (window === "same") return undefined;
  const size = "tumbling" in window ? window.tumbling : "hopping" in window ? window.hopping : "0s";
  const sizeMs = durationMs(size, 0);
  const advanceMs = "every" in window ? durationMs(window.every, 0) : sizeMs;
  if (advanceMs > sizeMs) {
    const message = `windows of ${size} every ${showDuration(advanceMs)} would leave records out`;
    report.error("BAD_WINDOW", [...path, "every"], message, { hint: `every: ${size} is the most` });
    return undefined;
  }
  const windows = Math.ceil(sizeMs / advanceMs);
  if (windows > MAX_OVERLAP) {
    const message = `each record would be in ${windows} windows, more than ${MAX_OVERLAP}`;
    const hint = `every: ${showDuration(Math.ceil(sizeMs / MAX_OVERLAP))} is the least for ${size}`;
    report.error("BAD_WINDOW", [...path, "every"], message, { hint });
    return undefined;
  }
  const offsetMs = durationMs("offset" in window ? window.offset : undefined, 0) % advanceMs;
  return { stage, sizeMs, advanceMs, graceMs: durationMs(window.grace, 0), offsetMs };
}

function planAggregators(
  body: WindowedReduce,
  path: Path,
  flow: Flow,
  { report }: Planning,
): readonly (TypedAggregator & { readonly name: string })[] | undefined {
  const scope = reduceScope(flow.scope);
  const entries = Object.entries(body.value);
  const aggregators = entries.map(([name, text]) => {
    if (typeof text !== "string") return undefined;
    const typed = checkAggregator(text, scope, [...path, "value", name], report, flow.valueName);
    return typed && { name, ...typed };
  });
  const complete = aggregators.filter((aggregator) => aggregator !== undefined);
  return complete.length === entries.length ? complete : undefined;
}

function planLate(late: string | undefined, path: Path, flow: Flow, planning: Planning): void {
  if (late === undefined) return;
  if (late === DEAD_LETTERS) {
    const message = `${DEAD_LETTERS} takes what could not be processed; late is not wrong`;
    planning.report.error("RESERVED_NAME", path, message, { hint: "late: <a stream of its own>" });
    return;
  }
  const draft = findStream(late, path, planning);
  if (draft !== undefined) writeTo(draft, flow, path, planning);
}
