/**
 * map and flatMap: what goes out, with which types.
 *
 * @module
 */

import type { Call, LoopedEmit, Made as MadeText } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { convertHint, type ExpressionType, narrowScope, type Scope } from "../expression/mod.ts";
import type { EmitPlan, Made, Node } from "../plan.ts";
import { checkFunction } from "./call.ts";
import { attach, type Flow, type Planning, type Side } from "./context.ts";
import { checkChanges } from "./emit_changes.ts";
import { checkHeaders } from "./emit_headers.ts";
import { checkLoops } from "./emit_loops.ts";
import { checkTombstone } from "./emit_tombstone.ts";
import { checkCondition, checkMade, type TypedMade } from "./expressions.ts";
import { pascalCase } from "./names.ts";
import { nodeOf, type StageSite } from "./pipelines.ts";
import { fieldAtFault, nullable, sameType, showType, whyNotKey, whyNotValue } from "./types.ts";

interface CheckedEmit {
  readonly for?: EmitPlan["for"];
  readonly when?: EmitPlan["when"];
  readonly scope: Scope;
  readonly key?: TypedMade & { readonly path: Path };
  readonly value?: TypedMade & { readonly path: Path };
  readonly headers?: EmitPlan["headers"];
}

export function planEmit(
  emits: readonly { readonly item: LoopedEmit | Call | undefined; readonly path: Path }[],
  site: StageSite,
  flow: Flow,
  planning: Planning,
  stage: "map" | "flatMap" = "map",
): Flow | undefined {
  const checked = emits.map(({ item, path }) => {
    // A hole, which has been reported.
    if (item === undefined) return undefined;
    if ("fn" in item) return checkCall(item, stage, path, flow, planning);
    return checkEmit(item, path, recordName(site, planning), flow, planning);
  });
  const complete = checked.filter((emit) => emit !== undefined);
  if (complete.length < emits.length) return undefined;
  const key = joinSide("key", complete, flow, planning);
  const value = joinSide("value", complete, flow, planning);
  if (key === undefined || value === undefined) return undefined;

  const scope = new Map(complete.length === 1 ? complete[0]!.scope : flow.scope);
  // What a loop calls an element is known in its emit, not behind it.
  for (const name of scope.keys()) if (!flow.scope.has(name)) scope.delete(name);
  if (key.made) scope.set("key", key.side.type);
  if (value.made) scope.set("value", value.side.type);
  const planned = complete.map(({ for: loops, when, headers }, index) => ({
    ...(loops !== undefined && { for: loops }),
    ...(when !== undefined && { when }),
    ...(headers !== undefined && { headers }),
    ...(key.made && { key: key.made[index]! }),
    ...(value.made && { value: value.made[index]! }),
  }));
  const next: Node[] = [];
  const node: Node = {
    kind: "emit",
    ...nodeOf(site),
    emits: planned,
    key: scope.get("key")!,
    value: scope.get("value")!,
    next,
  };
  return {
    ...attach(flow, node, next),
    scope,
    key: key.side,
    value: value.side,
    valueName: value.made ? undefined : flow.valueName,
    partitionedByKey: flow.partitionedByKey && !key.made,
  };
}

/** Name of a record made here, until a stream gives it its own. */
export function recordName({ stage }: StageSite, { application }: Planning): string {
  return `${application}.${pascalCase(stage.replace(".", "_"))}`;
}

function checkEmit(
  emit: LoopedEmit,
  path: Path,
  name: string,
  flow: Flow,
  { report }: Planning,
): CheckedEmit | undefined {
  const looped = checkLoops(emit.for, [...path, "for"], flow, report);
  if (looped === undefined) return undefined;
  let { scope } = looped;
  let when: EmitPlan["when"];
  if (emit.when !== undefined) {
    when = checkCondition(emit.when, scope, [...path, "when"], report, flow);
    if (when !== undefined) scope = narrowScope(scope, when);
  }
  const key = checkSide(emit.key, "key", `${name}Key`);
  const value = checkValue();
  const headers = checkHeaders(emit.headers, scope, [...path, "headers"], flow, report);
  if (key === "wrong" || value === "wrong" || headers === "wrong") return undefined;
  if (emit.when !== undefined && when === undefined) return undefined;
  return {
    scope,
    ...(looped.loops.length > 0 && { for: looped.loops }),
    ...(when !== undefined && { when }),
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value }),
    ...(headers !== undefined && { headers }),
  };

  function checkValue() {
    if (emit.tombstone) return checkTombstone(emit, path, report) ?? "wrong";
    const changes = emit.set !== undefined || emit.drop !== undefined;
    if (changes) return checkChanges(emit, scope, path, name, flow, report) ?? "wrong";
    return checkSide(emit.value, "value", name);
  }

  function checkSide(made: MadeText | undefined, side: "key" | "value", recordName: string) {
    // `key: key` is what "absent" means; a stage that says it changes nothing.
    if (made === undefined || made === side) return undefined;
    const at = [...path, side];
    const typed = checkMade(made, scope, at, recordName, report, flow);
    if (typed === undefined) return "wrong";
    const why = side === "key" ? whyNotKey(typed.type) : whyNotValue(typed.type);
    if (why === undefined) return { ...typed, path: at };
    const untyped = typed.made.kind === "expression" ? [typed.made.expression] : [];
    const hint =
      side === "key" && typed.type.kind === "double"
        ? "write int(…) or string(…): doubles that look the same may differ"
        : convertHint(untyped, "string");
    report.error("TYPE_MISMATCH", [...at, ...fieldAtFault(typed.type)], why, { hint });
    return "wrong";
  }
}

/** What a function has returned is called: no name that a user can give. */
const RETURNED = "fn()";

function checkCall(
  item: Call,
  stage: "map" | "flatMap",
  path: Path,
  flow: Flow,
  planning: Planning,
): CheckedEmit | undefined {
  const { scope } = flow;
  const checked = checkFunction(item, stage, scope, path, flow, planning);
  if (checked === undefined) return undefined;
  const { call, type } = checked;
  const span = { start: 0, end: 0 };
  const expression = { op: "path", root: RETURNED, path: [], type, span } as const;
  return {
    scope,
    for: [{ name: RETURNED, list: call }],
    value: { made: { kind: "expression", expression }, type, path },
  };
}

/** One type for all emits; `made` is absent when every one of them leaves the side as it came. */
function joinSide(
  name: "key" | "value",
  emits: readonly CheckedEmit[],
  flow: Flow,
  { report }: Planning,
): { readonly side: Side; readonly made?: readonly Made[] } | undefined {
  if (emits.every((emit) => emit[name] === undefined)) return { side: flow[name] };
  const sides = emits.map(({ [name]: made, scope }) => made ?? asItCame(name, scope));
  const values = sides.filter(({ type }) => type.kind !== "null");
  const made = sides.map((side) => side.made);
  const [first] = values;
  if (first === undefined) return { side: { type: NULL, tombstones: true }, made };
  for (const other of values.slice(1)) {
    if (sameType(first.type, other.type)) continue;
    const at = "path" in other ? other.path : "path" in first ? first.path : [];
    const types = `${showType(first.type)} and ${showType(other.type)}`;
    report.error("TYPE_MISMATCH", at, `the emits of a stage have one ${name} type, not ${types}`);
    return undefined;
  }
  if (values.length === sides.length) return { side: { type: first.type }, made };
  return { side: { type: nullable(first.type), tombstones: true }, made };
}

const NULL: ExpressionType = { kind: "null" };

/** An emit that keeps a side where another one makes it. */
function asItCame(name: "key" | "value", scope: Scope): TypedMade & { readonly path?: Path } {
  const type = scope.get(name)!;
  const span = { start: 0, end: name.length };
  return {
    made: { kind: "expression", expression: { op: "path", root: name, path: [], type, span } },
    type,
  };
}
