/**
 * An aggregator written as a call: `count()`, `mostFrequent(value.item_id, 3)`.
 *
 * @module
 */

import type { Expression, ExpressionType } from "../../expression/mod.ts";
import type { AggregatorPlan } from "../../plan.ts";
import { didYouMean } from "../../suggest.ts";
import { type CallSite, checkArgument, checkLimit } from "./arguments.ts";
import { type Call, splitCall } from "./call.ts";
import { FREQUENCY_AGGREGATORS } from "./frequencies.ts";
import { NUMBER_AGGREGATORS } from "./numbers.ts";
import { RECORD_AGGREGATORS } from "./records.ts";
import type { AggregatorSpec } from "./spec.ts";

/** Every aggregator that a call can name. */
export const AGGREGATORS: readonly AggregatorSpec[] = [
  ...NUMBER_AGGREGATORS,
  ...RECORD_AGGREGATORS,
  ...FREQUENCY_AGGREGATORS,
];

export interface TypedAggregator {
  readonly aggregator: AggregatorPlan;
  readonly type: ExpressionType;
}

/**
 * @param typeName Full name of a record type that it makes, if it makes one.
 * @returns undefined when it is wrong, which has been reported
 */
export function checkCall(
  text: string,
  typeName: string,
  site: CallSite,
): TypedAggregator | undefined {
  const { path, report } = site;
  const call = splitCall(text);
  if (call === undefined || text.slice(call.end).trim() !== "") {
    const message = "an aggregator is exactly one call";
    const names = AGGREGATORS.map(({ name }) => name).join(", ");
    const hint = `as count() or sum(value.n), one of ${names}; calculate with results in the next map`;
    report.error("BAD_AGGREGATOR", path, message, { hint });
    return undefined;
  }
  const { name, start } = call;
  const spec = AGGREGATORS.find((candidate) => candidate.name === name);
  if (spec === undefined) {
    const names = AGGREGATORS.map((candidate) => candidate.name);
    const message = `there is no aggregator "${name}"${didYouMean(name, names)}`;
    report.error("UNKNOWN_FUNCTION", path, message, { span: { start, end: start + name.length } });
    return undefined;
  }
  return checkGiven(spec, call, typeName, site);
}

function checkGiven(
  spec: AggregatorSpec,
  { start, end, parts }: Call,
  typeName: string,
  site: CallSite,
): TypedAggregator | undefined {
  const { name } = spec;
  const most = spec.arguments.length;
  const least = spec.arguments.filter(({ optional }) => !optional).length;
  if (parts.length < least || parts.length > most) {
    const expected = least < most ? `at most ${argumentCount(most)}` : argumentCount(most);
    const message = `${name} takes ${expected}, not ${parts.length}`;
    const hint = `${name}(${spec.arguments.map((argument) => argument.name).join(", ")})`;
    site.report.error("BAD_AGGREGATOR", site.path, message, { span: { start, end }, hint });
    return undefined;
  }
  const expressions: Expression[] = [];
  let limit = 0;
  let complete = true;
  parts.forEach((part, n) => {
    const argument = spec.arguments[n]!;
    if (argument.takes === "limit") {
      const checked = checkLimit(name, argument, part, site);
      if (checked === undefined) complete = false;
      else limit = checked;
      return;
    }
    const checked = checkArgument(name, argument, part, site);
    if (checked === undefined) complete = false;
    else expressions.push(checked);
  });
  if (!complete) return undefined;
  const given = { expressions, limit };
  return { aggregator: spec.plan(given), type: spec.type(given, typeName) };
}

function argumentCount(count: number): string {
  return count === 1 ? "one argument" : `${["no", "one", "two"][count]} arguments`;
}
