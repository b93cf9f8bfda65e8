/**
 * Source text of map and flatMap. All emits are evaluated before one of them goes on: a stage takes
 * all emits of a record or none.
 *
 * A single emit without a loop goes straight on, in locals. Otherwise what goes out is put into the
 * stage's queue first, and what stands behind the stage is generated once: text per emit would double
 * with every stage.
 *
 * @module
 */

import type { EmitNode, EmitPlan, Made } from "../../../topology/language/mod.ts";
import {
  expressionSource,
  type KeySource,
  keySource,
  type MadeSource,
  madeSource,
  objectSource,
  recordSource,
  type Scope,
  type ValueSource,
} from "./scope.ts";
import { guarded, stagesSource, type Unit } from "./stages.ts";

export function emitSource(unit: Unit, node: EmitNode, i: number, scope: Scope): string {
  const [only, ...others] = node.emits;
  return others.length === 0 && only!.for === undefined
    ? directSource(unit, node, only!, i, scope)
    : queuedSource(unit, node, i, scope);
}

function directSource(unit: Unit, node: EmitNode, emit: EmitPlan, i: number, scope: Scope): string {
  const declared: string[] = [];
  const inner: string[] = [];
  const out = makeRecord(unit, emit, 0, i, scope, declared, inner);
  const condition =
    emit.when === undefined ? "true" : expressionSource(unit.draft, scope, emit.when);
  return [
    `let ${[`w${i}`, ...declared].join(", ")};`,
    guarded(unit, i, `w${i} = ${condition}; if (w${i}) { ${inner.join(" ")} }`, scope),
    `if (!w${i}) { n${i}.filtered++; break b${i}; }`,
    `n${i}.passed++; n${i}.emitted++;`,
    stagesSource(unit, node.next, { ...scope, ...out, keyBefore: scope.key }),
  ].join("\n");
}

function queuedSource(unit: Unit, node: EmitNode, i: number, scope: Scope): string {
  const declared: string[] = [];
  let calls = 0;
  const emits = node.emits.map((emit, n) => {
    const elements = new Map<string, string>();
    const inner = { ...scope, elements };
    const loops = (emit.for ?? []).map(({ name, list }) => {
      // The list is read before its element has a name: an inner list may use an outer element.
      const source =
        list.op === "function"
          ? `s${i}.calls[${calls++}].list(${recordSource(unit.draft, inner)})`
          : expressionSource(unit.draft, inner, list);
      const local = unit.draft.local("l");
      elements.set(name, local);
      return `for (const ${local} of ${source})`;
    });
    const made: string[] = [];
    const out = makeRecord(unit, emit, n, i, inner, declared, made);
    const when = emit.when === undefined ? "" : expressionSource(unit.draft, inner, emit.when);
    return { loops, made, out, when };
  });
  // The emits of a node make the same sides; their values often are records of the same fields.
  const [first] = emits as [(typeof emits)[number]];
  const makesKey = node.emits[0]!.key !== undefined;
  const makesValue = node.emits[0]!.value !== undefined;
  const makesHeaders = node.emits.some(({ headers }) => headers !== undefined);
  const shape = shapeOf(first.out.value);
  const flat = emits.every(({ out }) => shapeOf(out.value) === shape);
  const queued = emits.map(({ out }) => [
    ...(makesKey ? [keyLocal(out.key)] : []),
    ...(makesHeaders ? [out.entries] : []),
    ...(makesValue ? (flat ? leavesOf(out.value) : [objectSource(madeOf(out.value))]) : []),
  ]);
  const places = queued[0]!.map(() => unit.draft.local("place"));
  const width = Math.max(1, places.length);
  const behind: Scope = {
    ...scope,
    ...(makesKey && { key: { kind: "local", local: places[0]! } }),
    ...(makesHeaders && headersIn(places[makesKey ? 1 : 0]!)),
    ...(makesValue && {
      value: flat
        ? withLeaves(
            madeOf(first.out.value),
            places.slice(Number(makesKey) + Number(makesHeaders)).values(),
          )
        : { kind: "local", local: places.at(-1)! },
    }),
  };
  const fill = emits.map(({ loops, made, when }, n) => {
    const push = `${made.join(" ")} q${i}.push(${queued[n]!.join(", ") || "0"});`;
    const turn = loops.length === 0 ? "" : `s${i}.turn(); `;
    return `${loops.join(" ")} { ${turn}${when === "" ? push : `if (${when}) { ${push} }`} }`;
  });
  return [
    declared.length > 0 ? `let ${declared.join(", ")};` : "",
    `const q${i} = s${i}.beginQueue();`,
    guarded(unit, i, fill.join("\n"), scope),
    `if (q${i}.length === 0) { n${i}.filtered++; break b${i}; }`,
    `n${i}.passed++;`,
    `for (let j${i} = 0; j${i} < q${i}.length; j${i} += ${width}) {`,
    `n${i}.emitted++;`,
    places.map((place, n) => `const ${place} = q${i}[j${i} + ${n}];`).join(" "),
    stagesSource(unit, node.next, behind),
    "}",
  ].join("\n");
}

/** Statements that make the key and the value of an emit; where both stand afterwards. */
function makeRecord(
  unit: Unit,
  emit: EmitPlan,
  n: number,
  i: number,
  scope: Scope,
  declared: string[],
  statements: string[],
): Pick<Scope, "key" | "value" | "headers" | "entries"> {
  let { key, value, headers, entries } = scope;
  if (emit.key !== undefined) {
    const isKept = isVariable(emit.key, "key");
    const made = isKept ? undefined : madeSource(unit.draft, scope, emit.key, declared, statements);
    if (made?.kind === "local") {
      key = { kind: "local", local: made.local };
    } else {
      const local = unit.draft.local("k");
      declared.push(local);
      // A null key may stay one: the next keyed stage counts it.
      statements.push(
        `${local} = ${made === undefined ? keySource(scope.key) : objectSource(made)};`,
      );
      key = { kind: "local", local };
    }
  }
  if (emit.value !== undefined) {
    value = madeSource(unit.draft, scope, emit.value, declared, statements);
  }
  if (emit.headers !== undefined) {
    const values = emit.headers.map((header) => expressionSource(unit.draft, scope, header.value));
    const local = unit.draft.local("h");
    declared.push(local);
    statements.push(
      `${local} = s${i}.headerMakers[${n}].make(${entries}, [${values.join(", ")}]);`,
    );
    ({ headers, entries } = headersIn(local));
  }
  return { key, value, headers, entries };
}

/** Is it this variable, and nothing else? */
function isVariable(made: Made, root: string): boolean {
  if (made.kind !== "expression") return false;
  const { expression } = made;
  return expression.op === "path" && expression.root === root && expression.path.length === 0;
}

function headersIn(local: string): Pick<Scope, "headers" | "entries"> {
  return { headers: `L.headerTexts(${local})`, entries: local };
}

function keyLocal(key: KeySource): string {
  if (key.kind !== "local") throw new TypeError("Cannot generate code: the emit makes no key");
  return key.local;
}

function madeOf(value: ValueSource): MadeSource {
  if (value.kind === "original") throw new TypeError("Cannot generate code: no value is made");
  return value;
}

/** Names of the fields, nested as in the record: equal for values that can share places. */
function shapeOf(value: ValueSource): string {
  if (value.kind !== "record") return value.kind;
  return `{${[...value.fields].map(([name, field]) => `${name}:${shapeOf(field)}`).join()}}`;
}

/** Locals of a made value, depth first. */
function leavesOf(value: ValueSource): readonly string[] {
  const made = madeOf(value);
  return made.kind === "local" ? [made.local] : [...made.fields.values()].flatMap(leavesOf);
}

/** The same value with other locals, taken in the order of `leavesOf`. */
function withLeaves(made: MadeSource, leaves: Iterator<string>): MadeSource {
  if (made.kind === "local") return { kind: "local", local: leaves.next().value as string };
  const fields = [...made.fields].map(
    ([name, field]) => [name, withLeaves(field, leaves)] as const,
  );
  return { kind: "record", fields: new Map(fields) };
}
