/**
 * Aggregators: one call each, `count()`, `sum(value.cents)`.
 *
 * @module
 */

import type { Path, Report } from "../document/mod.ts";
import type { ExpressionType, Scope } from "../expression/mod.ts";
import type { AggregatorPlan } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import { checkText } from "./expressions.ts";
import { showType } from "./types.ts";

const BUILT = ["count", "sum", "min", "max"] as const;
const NOT_BUILT = [
  "avg",
  "first",
  "last",
  "maxBy",
  "minBy",
  "largest",
  "mostFrequent",
  "countBy",
  "distinct",
  "collect",
] as const;

export interface TypedAggregator {
  readonly aggregator: AggregatorPlan;
  readonly type: ExpressionType;
}

/** @returns undefined when it is wrong, which has been reported */
export function checkAggregator(
  text: string,
  scope: Scope,
  path: Path,
  report: Report,
  valueName?: string,
): TypedAggregator | undefined {
  const call = splitCall(text);
  if (call === undefined) {
    const message = "an aggregator is exactly one call";
    const hint = `${BUILT.join(", ")}: count() or sum(value.n); calculate with results in the next map`;
    report.error("BAD_AGGREGATOR", path, message, { hint });
    return undefined;
  }
  const { name, start, parts } = call;
  const nameSpan = { start, end: start + name.length };
  if (!BUILT.some((built) => built === name)) {
    if (NOT_BUILT.some((later) => later === name)) {
      report.error("NOT_BUILT", path, `${name}(): not yet built`, {
        span: nameSpan,
        hint: `use instead: ${BUILT.join(", ")}`,
      });
    } else {
      const message = `there is no aggregator "${name}"${didYouMean(name, [...BUILT, ...NOT_BUILT])}`;
      report.error("UNKNOWN_FUNCTION", path, message, { span: nameSpan });
    }
    return undefined;
  }
  const expected = name === "count" ? "at most one argument" : "one argument";
  if (parts.length > 1 || (parts.length === 0 && name !== "count")) {
    const message = `${name} takes ${expected}, not ${parts.length}`;
    report.error("BAD_AGGREGATOR", path, message, { span: { start, end: text.trimEnd().length } });
    return undefined;
  }
  return name === "count"
    ? checkCount(parts[0], scope, path, report, valueName)
    : checkNumeric(name as "sum" | "min" | "max", parts[0]!, scope, path, report, valueName);
}

function checkCount(
  part: Part | undefined,
  scope: Scope,
  path: Path,
  report: Report,
  valueName?: string,
): TypedAggregator | undefined {
  const type = { kind: "int" } as const;
  if (part === undefined) return { aggregator: { name: "count" }, type };
  const predicate = checkText(part.text, scope, path, report, { offset: part.start, valueName });
  if (predicate === undefined) return undefined;
  if (predicate.type.kind === "bool") return { aggregator: { name: "count", predicate }, type };
  const message = `count(…) counts where a condition holds; this is ${showType(predicate.type)}`;
  report.error("TYPE_MISMATCH", path, message, { span: shifted(predicate.span, part) });
  return undefined;
}

function checkNumeric(
  name: "sum" | "min" | "max",
  part: Part,
  scope: Scope,
  path: Path,
  report: Report,
  valueName?: string,
): TypedAggregator | undefined {
  const argument = checkText(part.text, scope, path, report, { offset: part.start, valueName });
  if (argument === undefined) return undefined;
  const { type } = argument;
  if (type.kind === "int" || type.kind === "double")
    return { aggregator: { name, argument }, type };
  const nullable = type.kind === "nullable";
  const message = `${name} takes an int or a double; this is ${showType(type)}`;
  report.error("TYPE_MISMATCH", path, message, {
    span: shifted(argument.span, part),
    hint: nullable ? "prove that it is not null: filter: … != null" : undefined,
  });
  return undefined;
}

function shifted(span: { start: number; end: number }, part: Part) {
  return { start: span.start + part.start, end: span.end + part.start };
}

interface Part {
  readonly text: string;
  /** Offset in the aggregator's text. */
  readonly start: number;
}

/** `name(part, part)` and nothing else; undefined for anything else. */
function splitCall(
  text: string,
): { readonly name: string; readonly start: number; readonly parts: readonly Part[] } | undefined {
  const head = /^(\s*)([A-Za-z_]\w*)\s*\(/.exec(text);
  if (head === null) return undefined;
  const start = head[1]!.length;
  const parts: Part[] = [];
  let depth = 1;
  let partStart = head[0].length;
  let at = partStart;
  for (; at < text.length && depth > 0; at++) {
    const character = text[at]!;
    if (character === "'" || character === '"') at = endOfString(text, at);
    else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    if ((character === "," && depth === 1) || depth === 0) {
      parts.push({ text: text.slice(partStart, at), start: partStart });
      partStart = at + 1;
    }
  }
  if (depth > 0 || text.slice(at).trim() !== "") return undefined;
  const empty = parts.length === 1 && parts[0]!.text.trim() === "";
  return { name: head[2]!, start, parts: empty ? [] : parts };
}

/** Index of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start]) at += text[at] === "\\" ? 2 : 1;
  return at;
}
