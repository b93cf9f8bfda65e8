/**
 * reduce and windowedReduce: the aggregators, and the repartition topic before them where the key does
 * not decide the partition yet.
 *
 * @module
 */

import type { Every, Reduce, StageBodies, WindowedReduce } from "../definition.ts";
import { deletesKeys } from "../deletes_keys.ts";
import type { Path } from "../document/mod.ts";
import type { ExpressionType } from "../expression/mod.ts";
import { isNumericAggregator } from "../is_numeric_aggregator.ts";
import { isRevocable } from "../is_revocable.ts";
import type { EmitMode, Node, ReduceNode, WindowPlan } from "../plan.ts";
import { extentOf } from "../window_extent.ts";
import { checkAggregator, type TypedAggregator } from "./aggregators/mod.ts";
import { checkFunctionReducer } from "./call.ts";
import type { Flow, Planning, WindowShape } from "./context.ts";
import { mayBeDeadLetters } from "./dead_letters.ts";
import { planEmit, recordName } from "./emit.ts";
import { reducedScope, reduceScope, windowScope } from "./expressions.ts";
import { derivedFormat } from "./formats.ts";
import { DEAD_LETTERS, pascalCase } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { repartitioned } from "./repartition.ts";
import { durationMs, findStream } from "./streams.ts";
import { nullable, whyNotKey, withoutNull } from "./types.ts";
import { planWindow, refuseSampled } from "./window.ts";
import { writeTo } from "./write.ts";

/** Aggregators of a stage whose accumulators share a record of the changelog. */
const MAX_KEPT = 64;

export function planWindowedReduce(
  body: WindowedReduce,
  explicitId: string | undefined,
  path: Path,
  site: StageSite,
  above: Flow,
  planning: Planning,
): Flow | undefined {
  if (refuseRows(path, above, planning)) return undefined;
  const window = planWindow(body, path, above.window, planning);
  const planned = planReducing(body, window, explicitId, path, site, above, planning);
  if (planned === undefined || window === undefined) return undefined;
  const { node, flow, aggregators } = planned;
  planLate(body.late, [...path, "late"], planned.keyed, planning);
  const of = window.kind === "same" ? window.of : window;
  const shape: WindowShape = {
    stage: node.stage,
    of,
    extent: extentOf(of),
    graceMs: window.kind === "same" ? 0 : window.graceMs,
    emit: node.emit,
    counted: new Set(node.emit === "final" ? counting(aggregators) : []),
  };
  planning.windows.push({ streams: above.streams, window: shape });
  return { ...flow, scope: windowScope(flow.key.type, flow.value.type), window: shape };
}

export function planReduce(
  body: StageBodies["reduce"],
  explicitId: string | undefined,
  path: Path,
  site: StageSite,
  above: Flow,
  planning: Planning,
): Flow | undefined {
  const { retention = "forever" } = body;
  if (above.ofRows && body.retention !== undefined) {
    const message =
      "rows of a table count until they are gone: their key cannot be forgotten before";
    planning.report.error("BAD_TABLE", [...path, "retention"], message, {
      hint: "leave retention out",
    });
    return undefined;
  }
  const window: WindowPlan = {
    kind: "none",
    ...(retention !== "forever" && { retentionMs: durationMs(retention, 0) }),
  };
  return planReducing(body, window, explicitId, path, site, above, planning)?.flow;
}

interface PlannedReduce {
  readonly node: ReduceNode;
  /** What goes into the stage. */
  readonly keyed: Flow;
  /** What comes out of it, of no window yet. */
  readonly flow: Flow;
  readonly aggregators: readonly NamedAggregator[];
}

type NamedAggregator = TypedAggregator & { readonly name: string };

/** @param window undefined when it is wrong, which has been reported */
function planReducing(
  body: Reduce & { readonly emit: string | Every; readonly late?: string },
  window: WindowPlan | undefined,
  explicitId: string | undefined,
  path: Path,
  site: StageSite,
  above: Flow,
  planning: Planning,
): PlannedReduce | undefined {
  const { report } = planning;
  const id = explicitId ?? site.pipeline;
  if (explicitId === undefined) planning.ids.set(id, site.path);
  if (refuseSampled(path, above, planning) || refuseTombstones(path, above, planning)) {
    return undefined;
  }
  const here: StageSite = { ...site, stage: id };
  const keyed =
    body.key === undefined
      ? above
      : planEmit(
          [{ item: { key: body.key }, path }],
          { ...site, stage: site.place },
          above,
          planning,
        );
  if (keyed === undefined) {
    // What is wrong with the aggregators is worth telling all the same.
    planAggregators(body, path, above, recordName(here, planning), planning);
    return undefined;
  }
  // Expressions see what comes in, the key before it is made included.
  const scope = new Map([...keyed.scope, ["key", above.scope.get("key")!]]);
  const aggregators = planAggregators(
    body,
    path,
    { ...keyed, scope },
    recordName(here, planning),
    planning,
  );
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
  if (window === undefined || aggregators === undefined) return undefined;

  const carries =
    body.key !== undefined &&
    aggregators.some(({ aggregator }) => aggregator.name === "function" || readsKey(aggregator));
  const carriedKey = carries
    ? (above.key.unchanged ??
      derivedFormat(withoutNull(above.key.type), `${recordName(here, planning)}CarriedKey`))
    : undefined;
  const { subtopology, ends } = repartitioned(id, key, carriedKey, here, keyed, planning);
  const value: ExpressionType = {
    kind: "record",
    name: recordName(here, planning),
    fields: aggregators.map(({ name, type }) => ({ name, type })),
  };
  const emit = emitMode(body.emit);
  // A window that closes empty has no result; a session that grows leaves the one it was; the last row
  // of a key may go.
  const tombstones =
    emit !== "final" &&
    (window.kind === "session" ||
      above.ofRows === true ||
      aggregators.some(({ aggregator }) => deletesKeys(aggregator)));
  const result = tombstones ? nullable(value) : value;
  const next: Node[] = [];
  const node: ReduceNode = {
    kind: window.kind === "none" ? "reduce" : "windowedReduce",
    ...nodeOf(here),
    store: id,
    key,
    aggregators: aggregators.map(({ name, aggregator }) => ({ name, aggregator })),
    ...(carriedKey !== undefined && { readsCarriedKey: true }),
    emit,
    ...(above.ofRows && { takesBack: true }),
    ...(tombstones && { tombstones }),
    ...(body.late !== undefined && { late: body.late }),
    value,
    next,
  };
  for (const end of ends) end.push(node);
  subtopology.stores.push({ stage: id, window: storedAs(window, node) });
  const flow: Flow = {
    subtopologies: [subtopology],
    ends: [next],
    ways: 1,
    scope: reducedScope(keyType, result),
    key: { type: keyType, unchanged: key },
    value: { type: result, ...(tombstones && { tombstones }) },
    partitionedByKey: true,
    ...(typeof node.emit === "object" && { sampledBy: id }),
    streams: above.streams,
    depth: above.depth,
  };
  return { node, keyed, flow, aggregators };
}

/** Windows that overlap share panes, unless each record is to be seen in each, in its order. */
function storedAs(window: WindowPlan, { emit, aggregators }: ReduceNode): WindowPlan {
  if (window.kind !== "hopping" || window.advanceMs === window.sizeMs) return window;
  const isOrdered = aggregators.some(({ aggregator }) => "ordered" in aggregator);
  return emit !== "updates" && !isOrdered ? { ...window, panes: true } : window;
}

/** A name of its own that a macro gives counts as well: then the key travels for nothing. */
function readsKey(aggregator: unknown): boolean {
  if (typeof aggregator !== "object" || aggregator === null) return false;
  if ("op" in aggregator && aggregator.op === "path" && "root" in aggregator) {
    return aggregator.root === "key";
  }
  return Object.entries(aggregator).some(([name, inner]) => name !== "type" && readsKey(inner));
}

function refuseTombstones(path: Path, { value, scope }: Flow, { report }: Planning): boolean {
  const { kind } = scope.get("value")!;
  if (!value.tombstones || (kind !== "null" && kind !== "nullable")) return false;
  report.error("TYPE_MISMATCH", path, "a tombstone has no value to reduce", {
    on: "key",
    hint: "- filter: value != null",
  });
  return true;
}

/** Windows hold what has happened; a row stands for what is. */
function refuseRows(path: Path, { ofRows }: Flow, { report }: Planning): boolean {
  if (!ofRows) return false;
  report.error("BAD_TABLE", path, "rows of a table are in no window: they stand until replaced", {
    on: "key",
    hint: "reduce them, or declare the topic under streams to count its records",
  });
  return true;
}

/** What a row was counted in has to be taken away again when the row goes. */
function refuseIrrevocable(
  aggregators: readonly NamedAggregator[],
  path: Path,
  { report }: Planning,
): boolean {
  const refused = aggregators.filter(({ aggregator }) => !isRevocable(aggregator));
  for (const { name, aggregator } of refused) {
    const what = aggregator.name === "reducer" ? "this reducer" : `${aggregator.name}()`;
    const message = `${what} cannot take back what a row of a table has added when the row goes`;
    report.error("BAD_TABLE", [...path, "value", name], message, {
      hint: "count(), sum() and avg() of ints can, and a reducer with an inverse and no doubles",
    });
  }
  return refused.length > 0;
}

function emitMode(emit: string | Every): EmitMode {
  return typeof emit === "object"
    ? { everyMs: durationMs(emit.every, 0) }
    : (emit as "final" | "updates");
}

/** Fields for which a window without records means 0. */
function counting(aggregators: readonly NamedAggregator[]): readonly string[] {
  return aggregators
    .filter(({ aggregator }) => ["count", "sum", "distinct"].includes(aggregator.name))
    .map(({ name }) => name);
}

function planAggregators(
  body: Reduce,
  path: Path,
  flow: Flow,
  recordName: string,
  planning: Planning,
): readonly NamedAggregator[] | undefined {
  const { report, streams, trials } = planning;
  const scope = reduceScope(flow.scope);
  const partitions = [...flow.streams].reduce(
    (sum, name) => sum + (streams.get(name)?.declared.create?.partitions ?? 1),
    0,
  );
  const entries = Object.entries(body.value);
  const aggregators = entries.map(([name, aggregator]) => {
    const at = [...path, "value", name];
    if (typeof aggregator === "object" && "fn" in aggregator) {
      const reducer = checkFunctionReducer(aggregator, scope, at, flow, partitions, planning);
      return reducer && { name, ...reducer };
    }
    const typed = checkAggregator(aggregator, recordName + pascalCase(name), {
      scope,
      path: at,
      report,
      valueName: flow.valueName,
      partitions,
      trials,
    });
    return typed && { name, ...typed };
  });
  const complete = aggregators.filter((aggregator) => aggregator !== undefined);
  if (complete.length < entries.length) return undefined;
  if (flow.ofRows && refuseIrrevocable(complete, path, planning)) return undefined;
  const kept = complete.filter(({ aggregator }) => !isNumericAggregator(aggregator)).length;
  if (kept <= MAX_KEPT) return complete;
  const message = `at most ${MAX_KEPT} aggregators of one stage are others than count, sum, min, max and avg; these are ${kept}`;
  report.error("BAD_AGGREGATOR", [...path, "value"], message, { on: "key" });
  return undefined;
}

function planLate(late: string | undefined, path: Path, flow: Flow, planning: Planning): void {
  if (late === undefined) return;
  if (late === DEAD_LETTERS) {
    const message = `${DEAD_LETTERS} takes what could not be processed; late is not wrong`;
    planning.report.error("RESERVED_NAME", path, message, { hint: "late: <a stream of its own>" });
    return;
  }
  const draft = findStream(late, path, planning);
  if (draft === undefined) return;
  if (mayBeDeadLetters(flow, planning)) draft.takesDeadLetters = true;
  // As it came into the stage; the window that it may be a result of is left off its key.
  const { key, value } = flow;
  writeTo(draft, { key, value }, path, planning);
}
