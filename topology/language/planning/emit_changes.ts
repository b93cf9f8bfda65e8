/**
 * `set:` and `drop:` of an emit: what came, plus and less these fields.
 *
 * @module
 */

import type { Emit } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import { type ExpressionType, type Scope, whyUnsupported } from "../expression/mod.ts";
import { didYouMean } from "../suggest.ts";
import type { Flow } from "./context.ts";
import { checkMade, type TypedMade } from "./expressions.ts";
import { showType, whyNotValue } from "./types.ts";

type RecordType = Extract<ExpressionType, { readonly kind: "record" }>;

/**
 * @param name Of the record that is made.
 * @returns the whole new value; undefined when something is wrong, which has been reported
 */
export function checkChanges(
  { value, set = {}, drop = [] }: Emit,
  scope: Scope,
  path: Path,
  name: string,
  flow: Flow,
  report: Report,
): (TypedMade & { readonly path: Path }) | undefined {
  const on = Object.keys(set).length > 0 ? "set" : "drop";
  if (value !== undefined) {
    const message = `value makes the whole record: ${on} has nothing left to change`;
    report.error("CONFLICTING_KEYS", [...path, on], message, { on: "key" });
    return undefined;
  }
  const before = scope.get("value")!;
  if (before.kind !== "record") {
    const message = `${on} changes the fields of a record, the value is ${showType(before)}`;
    report.error("TYPE_MISMATCH", [...path, on], message, { on: "key", hint: "write value:" });
    return undefined;
  }
  const dropped = checkDropped(drop, set, before, [...path, "drop"], report);
  const made = checkMade(set, scope, [...path, "set"], name, report, flow);
  if (dropped === undefined || made === undefined || made.made.kind !== "record") return undefined;

  const changed = new Map(made.made.fields.map((field) => [field.name, field.made]));
  const types = new Map(
    (made.type as RecordType).fields.map((field) => [field.name, field.type] as const),
  );
  for (const field of before.fields) {
    if (dropped.has(field.name) || changed.has(field.name)) continue;
    const unsupported = whyUnsupported(field.type);
    if (unsupported !== undefined) {
      const message = `"${field.name}" cannot go on in a record that is made anew: ${unsupported}`;
      report.error("NOT_BUILT", [...path, on], message, {
        on: "key",
        hint: `drop: [${field.name}]`,
      });
      return undefined;
    }
    const span = { start: 0, end: 0 };
    const asItCame = {
      op: "path",
      root: "value",
      path: [field.name],
      type: field.type,
      span,
    } as const;
    changed.set(field.name, { kind: "expression", expression: asItCame });
    types.set(field.name, field.type);
  }
  // Fields stay where they were; new ones follow.
  const names = [
    ...before.fields.map((field) => field.name).filter((field) => changed.has(field)),
    ...[...changed.keys()].filter((field) => !before.fields.some(({ name }) => name === field)),
  ];
  const type: RecordType = {
    kind: "record",
    name,
    fields: names.map((field) => ({ name: field, type: types.get(field)! })),
  };
  const why = whyNotValue(type);
  if (why !== undefined) {
    report.error("TYPE_MISMATCH", [...path, on], why, { on: "key" });
    return undefined;
  }
  const fields = names.map((field) => ({ name: field, made: changed.get(field)! }));
  return { made: { kind: "record", fields }, type, path: [...path, on] };
}

function checkDropped(
  drop: readonly string[],
  set: object,
  { fields, name }: RecordType,
  path: Path,
  report: Report,
): ReadonlySet<string> | undefined {
  const names = fields.map((field) => field.name);
  const dropped = new Set<string>();
  let complete = true;
  for (const [index, field] of drop.entries()) {
    const at = [...path, index];
    if (Object.hasOwn(set, field)) {
      report.error("CONFLICTING_KEYS", at, `"${field}" is set and dropped`);
      complete = false;
    } else if (!names.includes(field)) {
      const record = name.slice(name.lastIndexOf(".") + 1);
      const bare = field.replace(/^value\./, "");
      const guess = names.includes(bare) ? `; write "${bare}"` : didYouMean(bare, names);
      const message = `${record} has no field "${field}"${guess}`;
      report.error("UNKNOWN_FIELD", at, message);
      complete = false;
    } else {
      dropped.add(field);
    }
  }
  return complete ? dropped : undefined;
}
