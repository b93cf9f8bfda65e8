/**
 * The laws of a reducer, tried on a few partial results: without them its results would depend on
 * the order in which records arrive. A sample proves nothing, but finds `a - b`.
 *
 * @module
 */

import {
  type Compiled,
  compileExpression,
  ExpressionError,
  expressionLibrary,
  spentCost,
} from "../../expression/mod.ts";
import type { Made, ReducerPlan } from "../../plan.ts";
import { sampleOf } from "./samples.ts";

/** What all reducers of a definition may cost together, in units of expressions; below 0 none is tried. */
export interface Trials {
  costLeft: number;
}

/** A second or so at worst; some thousands of plain reducers. */
export const MAX_TRIALS_COST = 5_000_000;

export interface BrokenLaw {
  readonly part: "combine" | "inverse";
  readonly message: string;
  readonly hint: string;
}

/** Partial results that are tried in all combinations of three. */
const TRIED = 5;
/** Records that are lifted to find as many different ones. */
const LIFTED = 12;
/** Sums of doubles differ by their order. */
const TOLERANCE = 1e-9;
const MAX_SHOWN = 60;

type Join = (a: unknown, b: unknown) => unknown;

export function findBrokenLaw(
  { lift, combine: combineMade, inverse: inverseMade, ordered }: ReducerPlan,
  trials: Trials,
): BrokenLaw | undefined {
  if (ordered) return undefined;
  const combine = joinOf(combineMade, trials);
  const partials = samplePartials(lift, trials);
  const pairs = partials.flatMap((a) => partials.map((b) => ({ a, b })));
  for (const { a, b } of pairs) {
    if (trials.costLeft < 0) return undefined;
    const law = ["combine(a, b)", "combine(b, a)"] as const;
    const broken = differ(
      law,
      () => combine(a, b),
      () => combine(b, a),
    );
    if (broken !== undefined) return brokenCombine(broken, { a, b });
  }
  for (const { a, b } of pairs) {
    for (const c of partials) {
      if (trials.costLeft < 0) return undefined;
      const law = ["combine(combine(a, b), c)", "combine(a, combine(b, c))"] as const;
      const broken = differ(
        law,
        () => combine(combine(a, b), c),
        () => combine(a, combine(b, c)),
      );
      if (broken !== undefined) return brokenCombine(broken, { a, b, c });
    }
  }
  if (inverseMade === undefined) return undefined;
  const inverse = joinOf(inverseMade, trials);
  for (const { a, b } of pairs) {
    if (trials.costLeft < 0) return undefined;
    const law = ["inverse(combine(a, b), b)", "a"] as const;
    const broken = differ(
      law,
      () => inverse(combine(a, b), b),
      () => a,
    );
    if (broken === undefined) continue;
    const hint = "leave inverse out where there is none: results are right without it";
    return { part: "inverse", message: `${broken}${given({ a, b })}`, hint };
  }
  return undefined;
}

function brokenCombine(law: string, values: Readonly<Record<string, unknown>>): BrokenLaw {
  const hint =
    "results would depend on how records arrive: make it commutative and associative, or say ordered: true";
  return { part: "combine", message: `${law}${given(values)}`, hint };
}

/** What differs, in words; undefined where both are the same, or one of them fails. */
function differ(
  [left, right]: readonly [string, string],
  makeLeft: () => unknown,
  makeRight: () => unknown,
): string | undefined {
  try {
    const [l, r] = [makeLeft(), makeRight()];
    return isSame(l, r) ? undefined : `${left} is ${show(l)}, ${right} is ${show(r)}`;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function given(values: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(values).map(([name, value]) => `${name} = ${show(value)}`);
  return `, for ${shown.join(", ")}`;
}

function samplePartials(lift: Made, trials: Trials): unknown[] {
  const run = compileMade<number>(lift, trials, {
    path: (root, path, type) => {
      // Fields of one record differ from each other, and a field is the same wherever it is named.
      const shift = [...[root, ...path].join(".")].reduce((sum, c) => sum + c.charCodeAt(0), 0);
      return (record) => sampleOf(type, record + shift);
    },
  });
  const partials: unknown[] = [];
  for (let record = 0; record < LIFTED && partials.length < TRIED; record++) {
    try {
      const partial = run(record);
      if (!partials.some((known) => isSame(known, partial))) partials.push(partial);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
    }
  }
  return partials;
}

function joinOf(made: Made, trials: Trials): Join {
  const run = compileMade<Readonly<Record<string, unknown>>>(made, trials, {
    path: (root, path) => (values) =>
      path.reduce((part, name) => (part as Record<string, unknown>)[name], values[root]),
  });
  return (a, b) => run({ a, b });
}

type Environment<Frame> = Parameters<typeof compileExpression<Frame>>[1];

function compileMade<Frame>(
  made: Made,
  trials: Trials,
  environment: Environment<Frame>,
): Compiled<Frame> {
  if (made.kind === "expression") {
    const run = compileExpression(made.expression, environment);
    return (frame) => {
      expressionLibrary.begin();
      try {
        return run(frame);
      } finally {
        trials.costLeft -= 1 + spentCost();
      }
    };
  }
  const fields = made.fields.map(
    ({ name, made }) => [name, compileMade(made, trials, environment)] as const,
  );
  return (frame) => Object.fromEntries(fields.map(([name, run]) => [name, run(frame)]));
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") {
    const scale = Math.max(1, Math.abs(a), Math.abs(b));
    return Object.is(a, b) || a === b || Math.abs(a - b) <= TOLERANCE * scale;
  }
  if (a instanceof Map && b instanceof Map) {
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && isSame(item, b.get(key)))
    );
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) =>
      isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
    )
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Map ? Object.fromEntries(part) : part,
  );
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
