/**
 * Expressions of a definition: checked, their faults put where they stand in the file.
 *
 * @module
 */

import type { Made as MadeText } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import {
  checkExpression,
  convertHint,
  type Expression,
  type ExpressionType,
  type Scope,
} from "../expression/mod.ts";
import type { KeyFormat, Made } from "../plan.ts";
import { showType } from "./types.ts";

const INT: ExpressionType = { kind: "int" };

/** Of what is on a source. */
interface SourceTypes {
  readonly key: KeyFormat;
  readonly keyType: ExpressionType;
  readonly valueType: ExpressionType;
}

/** What the event time of a record may be made of. */
const TIMED_BY: readonly string[] = ["key", "value", "window"];

/** What the event time of a source's record sees. */
export function eventTimeScope(source: SourceTypes): Scope {
  return new Map([...sourceScope(source)].filter(([name]) => TIMED_BY.includes(name)));
}

/** What a stage right behind a source sees. */
export function sourceScope({ key, keyType, valueType }: SourceTypes): Scope {
  return new Map<string, ExpressionType>([
    ["key", keyType],
    ["value", valueType],
    ...(key.window === undefined ? [] : ([["window", WINDOW]] as const)),
    ["topic", { kind: "string" }],
    ["partition", INT],
    ["offset", INT],
    ["eventTime", INT],
    ["headers", { kind: "map", value: { kind: "string" } }],
  ]);
}

/** What an aggregator sees: headers of the record do not travel through a repartition topic. */
export function reduceScope(scope: Scope): Scope {
  return new Map([...scope].filter(([name]) => name !== "headers"));
}

/** What a stage behind a reduce without a window sees. */
export function reducedScope(key: ExpressionType, value: ExpressionType): Scope {
  return new Map<string, ExpressionType>([
    ["key", key],
    ["value", value],
    ["eventTime", INT],
  ]);
}

/** What a stage behind a window sees. */
export function windowScope(key: ExpressionType, value: ExpressionType): Scope {
  return new Map([...resultScope(key, value), ["eventTime", INT]]);
}

/** What a chart or a counter sees. */
export function resultScope(key: ExpressionType, value: ExpressionType): Scope {
  return new Map<string, ExpressionType>([
    ["key", key],
    ["value", value],
    ["window", WINDOW],
  ]);
}

const WINDOW: ExpressionType = {
  kind: "record",
  name: "window",
  fields: [
    { name: "start", type: INT },
    { name: "end", type: INT },
  ],
};

export interface TextOptions {
  /** Of the expression in the scalar at its path. @default 0 */
  readonly offset?: number;
  /** What messages call the record `value`: the stream it came from. */
  readonly valueName?: string | undefined;
}

/**
 * @returns undefined when it is wrong, which has been reported
 */
export function checkText(
  text: string | number | boolean | undefined,
  scope: Scope,
  path: Path,
  report: Report,
  { offset = 0, valueName }: TextOptions = {},
): Expression | undefined {
  // A hole, which has been reported.
  if (text === undefined) return undefined;
  // There is no plan any more, and no room to say why.
  if (report.failed && report.full) return undefined;
  const options = valueName === undefined ? {} : { valueName };
  const { expression, faults } = checkExpression(String(text), scope, options);
  for (const { code, message, span, hint } of faults) {
    const place = { start: span.start + offset, end: span.end + offset };
    report.error(code, path, message, { span: place, hint });
  }
  return faults.length > 0 ? undefined : expression;
}

/** A condition: bool, and nothing else. */
export function checkCondition(
  text: string | number | boolean,
  scope: Scope,
  path: Path,
  report: Report,
  options: TextOptions = {},
): Expression | undefined {
  const expression = checkText(text, scope, path, report, options);
  if (expression === undefined || expression.type.kind === "bool") return expression;
  const message = `a condition must be bool, this is ${showType(expression.type)}`;
  const hint = convertHint([expression], "bool");
  report.error("TYPE_MISMATCH", path, message, { span: expression.span, hint });
  return undefined;
}

export interface TypedMade {
  readonly made: Made;
  readonly type: ExpressionType;
}

/**
 * @param name Name of the record type that is made.
 */
export function checkMade(
  made: MadeText,
  scope: Scope,
  path: Path,
  name: string,
  report: Report,
  options: TextOptions = {},
): TypedMade | undefined {
  if (typeof made !== "object") {
    const expression = checkText(made, scope, path, report, options);
    return expression && { made: { kind: "expression", expression }, type: expression.type };
  }
  const fields: { name: string; made: Made; type: ExpressionType }[] = [];
  let complete = true;
  for (const [field, inner] of Object.entries(made)) {
    const recordName = name + field.slice(0, 1).toUpperCase() + field.slice(1);
    const checked = checkMade(inner, scope, [...path, field], recordName, report, options);
    if (checked === undefined) complete = false;
    else fields.push({ name: field, ...checked });
  }
  if (!complete) return undefined;
  return {
    made: { kind: "record", fields: fields.map(({ name, made }) => ({ name, made })) },
    type: { kind: "record", name, fields: fields.map(({ name, type }) => ({ name, type })) },
  };
}
