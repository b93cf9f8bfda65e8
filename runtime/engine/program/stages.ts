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

import type {
  BranchNode,
  FilterNode,
  Format,
  Node,
  ReduceNode,
  RepartitionNode,
  SinkNode,
  StorePlan,
} from "../../../topology/language/mod.ts";
import { emitSource } from "./emit.ts";
import { peekSource } from "./peek.ts";
import { partialSource, reduceSource } from "./reduce.ts";
import { type Draft, expressionSource, type KeySource, objectSource, type Scope } from "./scope.ts";

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
   * What the records are: rows of a table as they are, rows that are gone, which nothing is counted for,
   * or neither.
   */
  readonly rows?: "standing" | "gone";
  /**
   * What the unit works on. With a record the cursor stands on it: original bytes and headers can be
   * copied.
   */
  readonly from: "record" | "update" | "final";
  /** Statements that read original fields of the record at the cursor. */
  readonly read: (draft: Draft) => string;
  readonly keyFormatOf: (stream: string) => Format;
  readonly storeOf: (node: ReduceNode) => StorePlan;
  /** What is put together before a repartition topic; undefined: records travel as they are. */
  readonly partialOf: (node: RepartitionNode) => PartialPlan | undefined;
}

export interface PartialPlan {
  /** Number of the stage that puts together, among those of the unit. */
  readonly index: number;
  readonly node: ReduceNode;
  /** What the unit reads, and the number that its receiver gives it. */
  readonly topic: string;
  readonly topicNumber: number;
}

export function stagesSource(unit: Unit, nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => stageSource(unit, node, scope)).join("\n");
}

function stageSource(unit: Unit, node: Node, scope: Scope): string {
  const i = unit.indexOf(node);
  unit.used.add(i);
  return block(i, bodySource(unit, node, i, scope));
}

function block(i: number, body: string): string {
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

/**
 * Runs `statements`; what they throw makes the record dead at stage `i`.
 * @param whenDead statements that run then
 */
export function guarded(
  unit: Unit,
  i: number,
  statements: string,
  scope: Scope,
  whenDead = "",
): string {
  if (unit.rows === "gone") {
    return `try { ${statements} } catch (x) { out.changes.skip(x); break b${i}; }`;
  }
  const context = unit.from === "record" ? "c" : "null";
  return `try { ${statements} } catch (x) { out.dead(s${i}, ${context}, x, ${keyBytes(scope.key)}); ${whenDead} break b${i}; }`;
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
export function keyed(unit: Unit, i: number, scope: Scope, format: Format): string {
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
export function valueBytes(
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
  const partial = unit.partialOf(node);
  // A result that replaces another one is late or not by the record that has caused it.
  if (partial !== undefined && (unit.from === "record" || scope.window !== undefined)) {
    unit.used.add(partial.index);
    return [
      `n${i}.passed++;`,
      block(partial.index, partialSource(unit, partial, partial.index, scope)),
    ].join("\n");
  }
  const key = keyed(unit, i, scope, node.key);
  const value = valueBytes(unit, i, node.value === "unchanged", "encodeValue", scope);
  const carried = node.carriedKey === undefined ? "" : carriedSource(node.carriedKey, i, scope);
  const bytes = `kb${i}, ks${i}, ke${i}, ${value.range}`;
  return [
    key,
    guarded(
      unit,
      i,
      `${value.encode} ${carried} ${forwardSource(unit, i, scope)}, ${bytes});`,
      scope,
    ),
    `n${i}.passed++; n${i}.emitted++;`,
  ].join("\n");
}

/** The beginning of the call that sends on. */
function forwardSource({ from, rows, streamTime }: Unit, i: number, scope: Scope): string {
  const { entries, at, window } = scope;
  if (rows === "gone") return `out.changes.goneRow(s${i}, ${entries}, ${at}`;
  if (rows === "standing") return `out.changes.row(s${i}, ${entries}, ${at}, ${streamTime}`;
  if (from !== "record") return `${FORWARD[from]}(s${i}, ${at}`;
  const of = `${window?.start ?? "NaN"}, ${window?.end ?? "NaN"}`;
  return `${FORWARD[from]}(s${i}, ${entries}, ${at}, ${streamTime}, ${of}`;
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
  const window = `${scope.window?.start ?? "NaN"}, ${scope.window?.end ?? "NaN"}`;
  const partition =
    node.partition === undefined ? "NaN" : expressionSource(unit.draft, scope, node.partition);
  const write = (range: string) => {
    if (unit.rows === "gone") {
      return `out.changes.goneResult(s${i}, ${scope.entries}, ${partition}, kb${i}, ks${i}, ke${i}, ${range});`;
    }
    const of = unit.rows === undefined ? `, ${window}` : "";
    const call = unit.rows === undefined ? "out.write" : "out.changes.result";
    return `${call}(s${i}, ${scope.entries}, ${partition}, ${scope.at}${of}, kb${i}, ks${i}, ke${i}, ${range});`;
  };
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
