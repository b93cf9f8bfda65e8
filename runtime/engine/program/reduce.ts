/**
 * Source text of reduces: what is evaluated of a record, how it is folded into an entry, and what goes
 * out then. Which entries those are is told by `window.ts`.
 *
 * @module
 */

import {
  deletesKeys,
  type ExpressionType,
  isNumericAggregator,
  type ReduceNode,
  type StorePlan,
} from "../../../topology/language/mod.ts";
import { ENTRY_RECORDS, MAX_KEY_BYTES } from "../../state/mod.ts";
import { argumentsOf, numericAggregator } from "../aggregators/mod.ts";
import { madeSource, objectSource, recordSource, type Scope } from "./scope.ts";
import { guarded, keyed, type PartialPlan, type Unit, valueBytes } from "./stages.ts";
import { windowSource } from "./window.ts";

/** Statements of the aggregators of one stage. */
interface Aggregating {
  readonly locals: readonly string[];
  /** Before anything is folded in: what fails here is a bad record. */
  readonly evaluate: readonly string[];
  readonly folds: readonly string[];
  /** Conditions under which the key has become null. */
  readonly deleting: readonly string[];
  readonly hasObjects: boolean;
}

export function reduceSource(unit: Unit, node: ReduceNode, i: number, scope: Scope): string {
  const inner: Scope = node.readsCarriedKey
    ? { ...scope, key: { kind: "local", local: `kc${i}` } }
    : scope;
  const before = node.readsCarriedKey ? [`kc${i} = i.carriedKey;`] : [];
  return [
    node.readsCarriedKey ? `let kc${i};` : "",
    unit.rows === "gone"
      ? takingBackSource(unit, node, i, scope, inner, before)
      : foldingSource(unit, node, i, scope, inner, before, false),
  ].join("\n");
}

/**
 * Takes back what a row was that is gone: folded into an entry of its own first, which is then taken
 * away from the key's.
 */
function takingBackSource(
  unit: Unit,
  node: ReduceNode,
  i: number,
  scope: Scope,
  inner: Scope,
  before: readonly string[],
): string {
  const { locals, evaluate, folds } = aggregating(unit, node, i, inner);
  return [
    keyed(unit, i, scope, node.key),
    locals.length > 0 ? `let ${locals.join(", ")};` : "",
    guarded(unit, i, evaluated(i, before, evaluate), scope),
    `{ const pane = s${i}.gone.entries, e = s${i}.gone.begin(), f = pane.f64;`,
    `f[e + ${ENTRY_RECORDS}] = 1;`,
    ...folds,
    "}",
    `const pane = s${i}.table.pane(0, 0), e = pane.find(kb${i}, ks${i}, ke${i});`,
    `if (!pane.covers(e, ${unit.input}, c.offset)) {`,
    `s${i}.gone.takeFrom(pane, e, id.goneAtMs);`,
    typeof node.emit === "object"
      ? "pane.change(e);"
      : `if (!id.isReplaced) s${i}.result(pane, e, NaN, NaN);`,
    "}",
  ].join("\n");
}

/** What fails of a record before anything is folded in. */
function evaluated(i: number, before: readonly string[], evaluate: readonly string[]): string {
  const refused = `if (ke${i} - ks${i} > ${MAX_KEY_BYTES}) s${i}.refuseKey(ke${i} - ks${i});`;
  return [refused, ...before, ...evaluate].join(" ");
}

/**
 * The result that the row before has left to this one, which is none: of the rows that stay. (One more
 * goes out where that one was none either.)
 */
function owedSource({ takesBack, emit }: ReduceNode, i: number): string {
  if (!takesBack || emit !== "updates") return "";
  const entry = `const pane = s${i}.table.pane(0, 0), e = pane.seek(kb${i}, ks${i}, ke${i});`;
  return `if (id.replaces) { ${entry} if (e >= 0) s${i}.result(pane, e, NaN, NaN); }`;
}

/** The same before a repartition topic: what is folded in travels on, put together. */
export function partialSource(
  unit: Unit,
  { node, topicNumber, topic }: PartialPlan,
  i: number,
  scope: Scope,
): string {
  const { key, keyBefore = key } = scope;
  const inner: Scope = {
    ...scope,
    ...(node.readsCarriedKey && { key: keyBefore }),
    ...forwardedFrom(unit, topic),
    order: `${unit.from === "final" ? "ofFinal" : "ofForwarded"}(${scope.at}, ${topicNumber}, out.forward)`,
  };
  return foldingSource(unit, node, i, inner, inner, [], true);
}

/** Where records come from, as those tell it who get them from here. */
function forwardedFrom(
  { from }: Unit,
  topic: string,
): Pick<Scope, "topic" | "partition" | "offset"> {
  const partition = "t.partition";
  switch (from) {
    case "record":
      return { topic: "i.topic", partition, offset: "c.offset" };
    case "update":
      return { topic: "out.forward.topic", partition, offset: "out.forward.offset" };
    case "final":
      return { topic: JSON.stringify(topic), partition, offset: "-1" };
  }
}

/**
 * @param inner what the aggregators see
 * @param before what comes before they are evaluated
 * @param partial entries travel on: they are not the state of a window yet
 */
function foldingSource(
  unit: Unit,
  node: ReduceNode,
  i: number,
  scope: Scope,
  inner: Scope,
  before: readonly string[],
  partial: boolean,
): string {
  const { locals, evaluate, folds, deleting, hasObjects } = aggregating(unit, node, i, inner);
  const store = unit.storeOf(node);
  const { window } = store;
  const streamTime = streamTimeOf(unit, partial);
  const keepsTime = keepsMaxTime(node, store);
  const late = valueBytes(unit, i, true, "encodeLate", scope);
  const forgets = window.kind === "none" && window.retentionMs !== undefined;
  // A window that slides is put together of entries that may be null by themselves.
  const deletes = deleting.length > 0 && window.kind !== "sliding";
  const fold = [
    "const f = pane.f64;",
    // Results of windows carry no stream time: theirs is their own.
    forgets
      ? `if (f[e + ${ENTRY_RECORDS}] > 0 && f[e + s${i}.maxTime] + s${i}.retentionMs <= Math.max(at, ${streamTime})) n${i}.expiredRecords += pane.delete(e);`
      : "",
    keepsTime && (forgets || deletes)
      ? `if (f[e + ${ENTRY_RECORDS}] === 0) f[e + s${i}.maxTime] = -Infinity;`
      : "",
    `f[e + ${ENTRY_RECORDS}] += 1;`,
    keepsTime ? `if (at > f[e + s${i}.maxTime]) f[e + s${i}.maxTime] = at;` : "",
    ...folds,
    deletes ? `if (${deleting.join(" || ")}) n${i}.deletedRecords += pane.delete(e);` : "",
    typeof node.emit === "object" && !partial ? "pane.change(e);" : "",
  ].join("\n");
  return [
    keyed(unit, i, scope, node.key),
    locals.length > 0 ? `let ${locals.join(", ")};` : "",
    // Whatever becomes of it: it counts among what its record has made.
    partial ? `s${i}.order.${scope.order};` : "",
    guarded(unit, i, evaluated(i, before, evaluate), scope, partial ? "" : owedSource(node, i)),
    `const at = ${scope.at};`,
    hasObjects && !partial ? `s${i}.order.${scope.order};` : "",
    windowSource({
      i,
      window,
      fold,
      streamTime,
      input: unit.input,
      own: scope.window,
      updates: node.emit === "updates",
      partial,
      late: (judged) =>
        // Results of windows are never late.
        node.late === undefined || unit.from !== "record"
          ? ""
          : `${late.encode} out.late(s${i}, c, at, ${judged}, kb${i}, ks${i}, ke${i}, ${late.range});`,
    }),
  ].join("\n");
}

/** Results of windows carry no stream time. */
function streamTimeOf({ from, streamTime }: Unit, partial: boolean): string {
  return partial && from !== "record" ? "-Infinity" : streamTime;
}

/**
 * Whether entries keep their highest event time: results before a window's end are stamped with it, a
 * key that can be forgotten is by it, and windows that depend on the records know by it where they are.
 */
export function keepsMaxTime({ emit }: ReduceNode, { window }: StorePlan): boolean {
  const { kind } = window;
  const forgets = kind === "none" && window.retentionMs !== undefined;
  return emit !== "final" || forgets || kind === "session" || kind === "sliding";
}

function aggregating(unit: Unit, node: ReduceNode, i: number, inner: Scope): Aggregating {
  const { draft } = unit;
  const locals: string[] = [];
  const evaluate: string[] = [];
  const folds: string[] = [];
  const deleting: string[] = [];
  let slot = 0;
  let objects = 0;
  let reducers = 0;
  for (const { aggregator } of node.aggregators) {
    if (aggregator.name === "function") {
      const lifted = draft.local("x");
      locals.push(lifted);
      // Headers do not travel to where records are reduced.
      const record = recordSource(draft, { ...inner, headers: "L.noHeaderTexts" });
      evaluate.push(`${lifted} = s${i}.reducers[${reducers++}].lift(${record});`);
      const object = `s${i}.objects[${objects++}]`;
      evaluate.push(`${object}.check(${lifted}, null);`);
      folds.push(`${object}.fold(pane, e, ${lifted}, null, s${i}.order);`);
      if (deletesKeys(aggregator)) deleting.push(`${object}.isNull(pane, e)`);
      continue;
    }
    const taken = argumentsOf(aggregator);
    const values = taken.map(({ made }) =>
      objectSource(madeSource(draft, inner, made, locals, evaluate)),
    );
    if (isNumericAggregator(aggregator)) {
      const code = numericAggregator(aggregator);
      const first = slot;
      folds.push(code.fold((n) => `f[e + s${i}.accumulator + ${first + n}]`, values[0] ?? ""));
      slot += code.initial.length;
    } else {
      const [x, by = "null"] = values;
      const object = `s${i}.objects[${objects++}]`;
      if (taken.some(({ type }) => !isSmall(type))) evaluate.push(`${object}.check(${x}, ${by});`);
      folds.push(`${object}.fold(pane, e, ${x}, ${by}, s${i}.order);`);
      if (deletesKeys(aggregator)) deleting.push(`${object}.isNull(pane, e)`);
    }
  }
  return { locals, evaluate, folds, deleting, hasObjects: objects > 0 };
}

/** Of a size that needs no look at the value. */
function isSmall({ kind }: ExpressionType): boolean {
  return kind === "int" || kind === "double" || kind === "bool";
}
