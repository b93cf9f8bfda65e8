/**
 * Source text of stages. Each node is one labelled block: a record that does not go on leaves the
 * block, whatever stands behind the block belongs to its siblings.
 *
 * Conventions of the generated code: `t` the task, `out` what leaves it, `c` the record cursor (null where a result is
 * made), `X` the expression library, `L` the engine's; `s<i>` the i-th stage's run-time object and
 * `n<i>` its counters.
 *
 * @module
 */

import {
  type BranchNode,
  deletesKeys,
  type ExpressionType,
  type FilterNode,
  type Format,
  type HoppingWindow,
  isNumericAggregator,
  type Node,
  type ReduceNode,
  type RepartitionNode,
  type SinkNode,
  type StorePlan,
} from "../../../topology/language/mod.ts";
import { ENTRY_RECORDS } from "../../state/mod.ts";
import { argumentsOf, numericAggregator } from "../aggregators/mod.ts";
import { emitSource } from "./emit.ts";
import { peekSource } from "./peek.ts";
import {
  type Draft,
  expressionSource,
  type KeySource,
  madeSource,
  objectSource,
  recordSource,
  type Scope,
} from "./scope.ts";

/** What the stages of one unit need to know beside the plan. */
export interface Unit {
  readonly draft: Draft;
  /** Number of a node in its subtopology. */
  indexOf(node: Node): number;
  /** Stages whose run-time objects the unit uses. */
  readonly used: Set<number>;
  /** Number of the input that the unit reads, for offsets kept in entries. */
  readonly input: number;
  /** Source of the stream time that judges lateness. */
  readonly streamTime: string;
  /**
   * What the unit works on. With a record the cursor stands on it: original bytes and headers can be
   * copied.
   */
  readonly from: "record" | "update" | "final";
  /** Statements that read original fields of the record at the cursor. */
  readonly read: (draft: Draft) => string;
  readonly keyFormatOf: (stream: string) => Format;
  readonly storeOf: (node: ReduceNode) => StorePlan;
}

export function stagesSource(unit: Unit, nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => stageSource(unit, node, scope)).join("\n");
}

function stageSource(unit: Unit, node: Node, scope: Scope): string {
  const i = unit.indexOf(node);
  unit.used.add(i);
  const body = bodySource(unit, node, i, scope);
  return `b${i}: { n${i}.in++;\n${body}\n}`;
}

function bodySource(unit: Unit, node: Node, i: number, scope: Scope): string {
  switch (node.kind) {
    case "filter":
      return filterSource(unit, node, i, scope);
    case "emit":
      return emitSource(unit, node, i, scope);
    case "branch":
      return branchSource(unit, node, i, scope);
    case "peek":
      return peekSource(unit, node, i, scope);
    case "repartition":
      return repartitionSource(unit, node, i, scope);
    case "reduce":
    case "windowedReduce":
      return reduceSource(unit, node, i, scope);
    case "sink":
      return sinkSource(unit, node, i, scope);
  }
}

/** Runs `statements`; what they throw makes the record dead at stage `i`. */
export function guarded(unit: Unit, i: number, statements: string, scope: Scope): string {
  const context = unit.from === "record" ? "c" : "null";
  return `try { ${statements} } catch (x) { out.dead(s${i}, ${context}, x, ${keyBytes(scope.key)}); break b${i}; }`;
}

/** Key bytes for a dead result, which has no record to copy them from. */
function keyBytes(key: KeySource): string {
  return key.kind === "bytes" ? `${key.bytes}, ${key.start}, ${key.end}` : "null, -1, -1";
}

function filterSource(unit: Unit, node: FilterNode, i: number, scope: Scope): string {
  const predicate = expressionSource(unit.draft, scope, node.predicate);
  return [
    `let w${i};`,
    guarded(unit, i, `w${i} = ${predicate};`, scope),
    `if (!w${i}) { n${i}.filtered++; break b${i}; }`,
    `n${i}.passed++; n${i}.emitted++;`,
    stagesSource(unit, node.next, scope),
  ].join("\n");
}

function branchSource(unit: Unit, { branches }: BranchNode, i: number, scope: Scope): string {
  const choice = branches.map(({ when }, n) => {
    const condition = when && expressionSource(unit.draft, scope, when);
    return condition === undefined ? `w${i} = ${n};` : `if (${condition}) w${i} = ${n}; else`;
  });
  const ways = branches.map(
    ({ next }, n) => `if (w${i} === ${n}) {\n${stagesSource(unit, next, scope)}\n}`,
  );
  return [
    `let w${i} = -1;`,
    guarded(unit, i, `${choice.join(" ")} ;`, scope),
    `if (w${i} < 0) { n${i}.filtered++; break b${i}; }`,
    `n${i}.passed++; n${i}.emitted++;`,
    ...ways,
  ].join("\n");
}

/**
 * Statements that set `kb`, `ks`, `ke` (with the stage's number) to the key in `format`, which must
 * not be null: a null key is counted and left.
 */
function keyed(unit: Unit, i: number, scope: Scope, format: Format): string {
  const { key } = scope;
  const dropped = `{ n${i}.nullDropped++; break b${i}; }`;
  if (key.kind === "bytes" && key.format.kind === format.kind && format.kind !== "avro") {
    return `const kb${i} = ${key.bytes}, ks${i} = ${key.start}, ke${i} = ${key.end}; if (ks${i} < 0) ${dropped}`;
  }
  const value = key.kind === "bytes" ? key.decoded : key.local;
  const encode = `ke${i} = s${i}.encodeKey(kv${i}); kb${i} = s${i}.key.bytes;`;
  return [
    `let kv${i}, kb${i}, ks${i} = 0, ke${i};`,
    guarded(unit, i, `kv${i} = ${value}; if (kv${i} != null) { ${encode} }`, scope),
    `if (kv${i} == null) ${dropped}`,
  ].join("\n");
}

/** The value as bytes: as it came, or encoded first (which may replace the buffer: so before it is read). */
function valueBytes(
  unit: Unit,
  i: number,
  unchanged: boolean,
  encoder: "encodeValue" | "encodeLate",
  scope: Scope,
): { readonly encode: string; readonly range: string } {
  if (scope.value.kind === "original" && unchanged) {
    return { encode: "", range: "c.buffer, c.valueStart, c.valueEnd" };
  }
  const source = scope.value.kind === "original" ? unit.draft.field([]) : objectSource(scope.value);
  return {
    encode: `const ve${i} = s${i}.${encoder}(${source});`,
    range: `s${i}.value.bytes, 0, ve${i}`,
  };
}

/** Statements that hand over the key before the last one, in `format`. */
function carriedSource(format: Format, i: number, { keyBefore }: Scope): string {
  if (keyBefore === undefined) throw new TypeError("Cannot generate code: no key was made");
  if (
    keyBefore.kind === "bytes" &&
    keyBefore.format.kind === format.kind &&
    format.kind !== "avro"
  ) {
    return `out.forward.carry(${keyBefore.bytes}, ${keyBefore.start}, ${keyBefore.end});`;
  }
  const value = keyBefore.kind === "bytes" ? keyBefore.decoded : keyBefore.local;
  return [
    `const kc${i} = ${value};`,
    `if (kc${i} == null) out.forward.carry(s${i}.carriedKey.bytes, -1, -1);`,
    `else { const end = s${i}.encodeCarriedKey(kc${i}); out.forward.carry(s${i}.carriedKey.bytes, 0, end); }`,
  ].join(" ");
}

const FORWARD = {
  record: "out.forward.record",
  update: "out.forward.update",
  final: "out.forward.final",
} as const;

function repartitionSource(unit: Unit, node: RepartitionNode, i: number, scope: Scope): string {
  const key = keyed(unit, i, scope, node.key);
  const value = valueBytes(unit, i, node.value === "unchanged", "encodeValue", scope);
  const carried = node.carriedKey === undefined ? "" : carriedSource(node.carriedKey, i, scope);
  return [
    key,
    guarded(
      unit,
      i,
      `${value.encode} ${carried} ${FORWARD[unit.from]}(s${i}, ${unit.from === "record" ? `${scope.entries}, ${scope.at}, ${unit.streamTime}, ${scope.window?.start ?? "NaN"}` : scope.at}, kb${i}, ks${i}, ke${i}, ${value.range});`,
      scope,
    ),
    `n${i}.passed++; n${i}.emitted++;`,
  ].join("\n");
}

function reduceSource(unit: Unit, node: ReduceNode, i: number, scope: Scope): string {
  const { draft } = unit;
  const locals: string[] = [];
  const evaluate: string[] = [];
  const folds: string[] = [];
  let slot = 0;
  let objects = 0;
  let reducers = 0;
  const deleting: string[] = [];
  const inner: Scope = node.readsCarriedKey
    ? { ...scope, key: { kind: "local", local: `kc${i}` } }
    : scope;
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
  const value = valueBytes(unit, i, true, "encodeLate", scope);
  const store = unit.storeOf(node);
  const { window } = store;
  const keepsTime = keepsMaxTime(node, store);
  const forgets = window.kind === "none" && window.retentionMs !== undefined;
  const starts =
    window.kind === "same"
      ? [`let o = ${scope.window!.start}; const last = o;`]
      : [
          `let o = Math.floor((at - s${i}.offsetMs - s${i}.sizeMs) / s${i}.advanceMs + 1) * s${i}.advanceMs + s${i}.offsetMs;`,
          `while (o < 0) o += s${i}.advanceMs;`,
          window.kind === "hopping" && window.panes ? lastSource(i) : "const last = at;",
        ];
  const panes = window.kind === "hopping" && window.panes === true;
  // Windows close in the order of their starts: those that refuse the record are the first ones.
  const refused = [
    `const T = ${unit.streamTime}, W = t.watermarkMs, closed = (W > T ? W : T) - s${i}.sizeMs - s${i}.graceMs;`,
    `if (o <= last && o <= closed) {`,
    `const first = o, late = o + s${i}.sizeMs + s${i}.graceMs <= T;`,
    `for (; o <= last && o <= closed; o += s${i}.advanceMs) if (o + s${i}.sizeMs + s${i}.graceMs <= T) n${i}.lateAtSource++; else n${i}.lateAtOperator++;`,
    node.late === undefined
      ? ""
      : `${value.encode} out.late(s${i}, c, at, late ? T : W, late ? "late" : "closed-while-idle", first, o - s${i}.advanceMs, kb${i}, ks${i}, ke${i}, ${value.range});`,
    "}",
  ];
  return [
    keyed(unit, i, scope, node.key),
    locals.length > 0 ? `let ${locals.join(", ")};` : "",
    node.readsCarriedKey ? `let kc${i};` : "",
    evaluate.length > 0
      ? guarded(
          unit,
          i,
          `${node.readsCarriedKey ? `kc${i} = i.carriedKey;` : ""} ${evaluate.join(" ")}`,
          scope,
        )
      : "",
    `const at = ${scope.at};`,
    objects === 0 ? "" : `s${i}.order.${scope.order};`,
    ...(window.kind === "none"
      ? ["const o = 0;", `b${i}_0: {`]
      : panes
        ? [...starts, "const least = o;", ...refused, `b${i}_0: if (o <= last) {`]
        : [...starts, ...refused, `for (; o <= last; o += s${i}.advanceMs) {`]),
    panes
      ? paneSource(i, window, unit.streamTime)
      : `const pane = s${i}.table.pane(o); n${i}.accepted++;`,
    `const e = pane.find(kb${i}, ks${i}, ke${i});`,
    `if (pane.covers(e, ${unit.input}, c.offset)) ${window.kind === "none" || panes ? `break b${i}_0` : "continue"};`,
    "const f = pane.f64;",
    // Results of windows carry no stream time: theirs is their own.
    forgets
      ? `if (f[e + ${ENTRY_RECORDS}] > 0 && f[e + s${i}.maxTime] + s${i}.retentionMs <= Math.max(at, ${unit.streamTime})) n${i}.expiredRecords += pane.delete(e);`
      : "",
    keepsTime && (forgets || deleting.length > 0)
      ? `if (f[e + ${ENTRY_RECORDS}] === 0) f[e + s${i}.maxTime] = -Infinity;`
      : "",
    `f[e + ${ENTRY_RECORDS}] += 1;`,
    keepsTime ? `if (at > f[e + s${i}.maxTime]) f[e + s${i}.maxTime] = at;` : "",
    ...folds,
    deleting.length > 0
      ? `if (${deleting.join(" || ")}) n${i}.deletedRecords += pane.delete(e);`
      : "",
    panes ? `if (oldest <= s${i}.overlapping.closedMs) s${i}.overlapping.forget();` : "",
    node.emit === "updates" ? `s${i}.result(pane, e, o);` : "",
    typeof node.emit === "object" ? "pane.change(e);" : "",
    "}",
  ].join("\n");
}

/**
 * Whether entries keep their highest event time: results before a window's end are stamped with it,
 * and a key that can be forgotten is by it.
 */
export function keepsMaxTime({ emit }: ReduceNode, { window }: StorePlan): boolean {
  return emit !== "final" || (window.kind === "none" && window.retentionMs !== undefined);
}

/** Start of the last window that covers the record. */
function lastSource(i: number): string {
  return `const last = Math.floor((at - s${i}.offsetMs) / s${i}.advanceMs) * s${i}.advanceMs + s${i}.offsetMs;`;
}

/**
 * The pane that the record is folded into once. Which of its windows is the first one is decided by
 * stream time alone: after a crash it has to be found again.
 */
function paneSource(i: number, { sizeMs, advanceMs }: HoppingWindow, streamTime: string): string {
  const rest = sizeMs % advanceMs;
  const start = rest === 0 ? "last" : `at - last < ${rest} ? last : last + ${rest}`;
  return [
    `n${i}.accepted += Math.round((last - o) / s${i}.advanceMs) + 1;`,
    `const open = Math.floor((${streamTime} - s${i}.sizeMs - s${i}.graceMs - s${i}.offsetMs) / s${i}.advanceMs + 1) * s${i}.advanceMs + s${i}.offsetMs;`,
    `const oldest = open > least ? open : least;`,
    `const pane = s${i}.table.pane(${start}, oldest);`,
  ].join("\n");
}

/** Of a size that needs no look at the value. */
function isSmall({ kind }: ExpressionType): boolean {
  return kind === "int" || kind === "double" || kind === "bool";
}

function sinkSource(unit: Unit, node: SinkNode, i: number, scope: Scope): string {
  const { key } = scope;
  const format = unit.keyFormatOf(node.stream);
  const encode =
    key.kind === "bytes" && key.format.kind === format.kind && format.kind !== "avro"
      ? `const kb${i} = ${key.bytes}, ks${i} = ${key.start}, ke${i} = ${key.end};`
      : `const kv${i} = ${key.kind === "bytes" ? key.decoded : key.local}; let kb${i} = null, ks${i} = -1, ke${i} = -1; ` +
        `if (kv${i} !== null && kv${i} !== undefined) { ke${i} = s${i}.encodeKey(kv${i}); kb${i} = s${i}.key.bytes; ks${i} = 0; }`;
  const value = valueBytes(unit, i, node.value === "unchanged", "encodeValue", scope);
  const windowStart = scope.window?.start ?? "NaN";
  const partition =
    node.partition === undefined ? "NaN" : expressionSource(unit.draft, scope, node.partition);
  const write = (range: string) =>
    `out.write(s${i}, ${scope.entries}, ${partition}, ${scope.at}, ${windowStart}, kb${i}, ks${i}, ke${i}, ${range});`;
  // A tombstone without a key deletes nothing.
  const isNull = node.tombstones && scope.value.kind === "local" ? scope.value.local : undefined;
  return [
    guarded(
      unit,
      i,
      isNull === undefined
        ? `${encode} ${value.encode} ${write(value.range)}`
        : `${encode} if (${isNull} === null) { if (ks${i} < 0) { n${i}.nullDropped++; break b${i}; } ${write("L.noHeaders.buffer, -1, -1")} } else { ${value.encode} ${write(value.range)} }`,
      scope,
    ),
    `n${i}.passed++; n${i}.emitted++;`,
    stagesSource(unit, node.next, scope),
  ].join("\n");
}
