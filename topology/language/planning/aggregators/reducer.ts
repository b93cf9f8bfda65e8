/**
 * A reducer of one's own: `{ lift, combine, inverse?, lower? }`, each an expression or a record of
 * expressions.
 *
 * @module
 */

import type { Made as MadeText, Reducer } from "../../definition.ts";
import type { ExpressionType } from "../../expression/mod.ts";
import type { ReducerPlan } from "../../plan.ts";
import { checkMade, type TypedMade } from "../expressions.ts";
import { sameType, whyNotAssignable, withoutNull } from "../types.ts";
import { type CallSite, whyNotKept } from "./arguments.ts";
import type { TypedAggregator } from "./check.ts";
import { findBrokenLaw } from "./laws.ts";

export function checkReducer(
  reducer: Reducer,
  typeName: string,
  site: CallSite,
): TypedAggregator | undefined {
  const { path, report, scope } = site;
  const lift = checkPart(reducer.lift, "lift", scope, typeName, site);
  if (lift === undefined) return undefined;
  const partial = lift.type;
  const kept = whyNotKept(partial);
  if (kept !== undefined) {
    report.error("TYPE_MISMATCH", [...path, "lift"], `lift cannot be kept: ${kept}`);
    return undefined;
  }
  // Null deletes the key: there is no `a` until something follows.
  const held = reducer.ordered ? withoutNull(partial) : partial;
  const both = new Map([
    ["a", held],
    ["b", partial],
  ]);
  const join = (made: MadeText, name: "combine" | "inverse"): TypedMade | undefined => {
    const joined = checkPart(made, name, both, typeName, site);
    if (joined === undefined || sameType(joined.type, partial)) return joined;
    if (reducer.ordered && sameType(joined.type, held)) return joined;
    const why =
      whyNotAssignable(joined.type, partial, "the result") ??
      whyNotAssignable(partial, joined.type, "lift");
    const message = `${name} makes of two partial results another one: ${why}`;
    report.error("TYPE_MISMATCH", [...path, name], message);
    return undefined;
  };
  const combine = join(reducer.combine, "combine");
  const inverse = reducer.inverse === undefined ? undefined : join(reducer.inverse, "inverse");
  const lower =
    reducer.lower === undefined
      ? undefined
      : checkPart(reducer.lower, "lower", new Map([["a", held]]), typeName, site);
  const isComplete =
    combine !== undefined &&
    (reducer.inverse === undefined) === (inverse === undefined) &&
    (reducer.lower === undefined) === (lower === undefined);
  if (!isComplete) return undefined;
  const type: ExpressionType = lower?.type ?? held;
  const whyNot = whyNotKept(type);
  if (whyNot !== undefined) {
    report.error("TYPE_MISMATCH", [...path, "lower"], `lower cannot be written: ${whyNot}`);
    return undefined;
  }
  const aggregator: ReducerPlan = {
    name: "reducer",
    lift: lift.made,
    combine: combine.made,
    ...(inverse && { inverse: inverse.made }),
    ...(lower && { lower: lower.made }),
    partial,
    ...(reducer.ordered && { ordered: true }),
  };
  if (reducer.ordered && site.partitions > 1) {
    report.error("BAD_AGGREGATOR", [...path, "ordered"], tooManyPartitions(site.partitions));
    return undefined;
  }
  const broken = findBrokenLaw(aggregator, site.trials);
  if (broken !== undefined) {
    const { part, message, hint } = broken;
    report.error("BAD_AGGREGATOR", [...path, part], message, { hint });
    return undefined;
  }
  return { aggregator, type };
}

/** Why a reducer cannot be ordered. */
export function tooManyPartitions(partitions: number): string {
  return `the order of records is that of one source partition; there are ${partitions}`;
}

function checkPart(
  made: MadeText,
  part: string,
  scope: CallSite["scope"],
  typeName: string,
  { path, report, valueName }: CallSite,
): TypedMade | undefined {
  return checkMade(made, scope, [...path, part], typeName, report, { valueName });
}
