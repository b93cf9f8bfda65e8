/**
 * Variables of the environment in a scalar.
 *
 *     variable = "${" name [ ":-" default ] "}"    default: what stands for an unset or empty one
 *     escape   = "$${"                             the text "${"
 *
 * They are expanded after YAML has been read, in values only: whatever a variable holds, it is never
 * more than the one value it stands in, and has no say in keys, lists or comments.
 *
 * @module
 */

import type { Range } from "./node.ts";

/** Names to values; what is not there is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What of a written scalar has become other text. */
export interface Expansion {
  /** In the text as it is written. */
  readonly written: Range;
  /** In the text as it is meant. */
  readonly meant: Range;
  /** Absent for an escape. */
  readonly variable?: string;
}

export interface VariableFault {
  readonly code: "UNDEFINED_VARIABLE" | "BAD_VARIABLE";
  /** In the text as it is written. */
  readonly span: Range;
  readonly message: string;
  readonly hint: string;
}

export interface Expanded {
  readonly text: string;
  readonly expansions: readonly Expansion[];
  readonly faults: readonly VariableFault[];
}

/** More in one scalar say nothing new. */
const MAX_FAULTS = 20;

const OPENING = /\$?\$\{/g;
const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/;

/** @param written Text of a scalar, unescaped and unfolded. */
export function expandVariables(written: string, environment: Environment): Expanded {
  const expansions: Expansion[] = [];
  const faults: VariableFault[] = [];
  let text = "";
  let from = 0;
  OPENING.lastIndex = 0;
  for (let opening = OPENING.exec(written); opening !== null; opening = OPENING.exec(written)) {
    const start = opening.index;
    text += written.slice(from, start);
    const found = opening[0] === "$${" ? escaped(start) : variable(written, start, environment);
    if ("message" in found) {
      faults.push(found);
      from = found.span.end;
      // One that is not closed leaves none behind it that are.
      if (faults.length === MAX_FAULTS || !written.includes("}", start)) break;
    } else {
      const meant = { start: text.length, end: text.length + found.value.length };
      const { written: range, variable: name } = found;
      expansions.push({ written: range, meant, ...(name !== undefined && { variable: name }) });
      text += found.value;
      from = range.end;
    }
    OPENING.lastIndex = from;
  }
  return { text: text + written.slice(from), expansions, faults };
}

interface Found {
  readonly written: Range;
  readonly value: string;
  readonly variable?: string;
}

function escaped(start: number): Found {
  return { written: { start, end: start + 3 }, value: "${" };
}

function variable(text: string, start: number, environment: Environment): Found | VariableFault {
  const match = VARIABLE.exec(text.slice(start));
  if (match === null) {
    const close = text.indexOf("}", start);
    return {
      code: "BAD_VARIABLE",
      span: { start, end: close < 0 ? start + 2 : close + 1 },
      message: "this is no variable",
      hint: `write \${NAME} or \${NAME:-default}; for the text \${ itself write $\${`,
    };
  }
  const [whole, name, otherwise] = match as unknown as [string, string, string | undefined];
  const span = { start, end: start + whole.length };
  const set = Object.hasOwn(environment, name) ? environment[name] : undefined;
  // As in a shell: with `:-` an empty variable is as good as none.
  const value = otherwise !== undefined && set === "" ? otherwise : (set ?? otherwise);
  if (value !== undefined) return { written: span, value, variable: name };
  return {
    code: "UNDEFINED_VARIABLE",
    span,
    message: `the environment has no ${name}`,
    hint: `set it, or write \${${name}:-default}`,
  };
}

/**
 * What a scalar without quotes would be read as, for places that want a number or a truth value.
 * Nothing else of YAML: no null, no other bases, no lists.
 */
export function plainValue(text: string): string | number | boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : text;
}

/** A span of the text as it is meant, in the text as it is written: of an expansion always the whole. */
export function writtenSpan(expansions: readonly Expansion[], span: Range): Range {
  const last = Math.max(span.start, span.end - 1);
  return { start: writtenAt(expansions, span.start).start, end: writtenAt(expansions, last).end };
}

function writtenAt(expansions: readonly Expansion[], index: number): Range {
  let shift = 0;
  for (const { written, meant } of expansions) {
    if (index < meant.start) break;
    if (index < meant.end) return written;
    shift = written.end - meant.end;
  }
  return { start: index + shift, end: index + shift + 1 };
}

/**
 * The first variable that stands inside a text literal of an expression and would end it: its value
 * has the quote, a backslash or a line end in it.
 *
 * @param text Of the expression, as it is meant.
 */
export function literalBreaker(text: string, expansions: readonly Expansion[]): string | undefined {
  let quote: string | undefined;
  let next = 0;
  for (let at = 0; at < text.length; at++) {
    while (next < expansions.length && expansions[next]!.meant.end <= at) next++;
    const expansion = expansions[next];
    if (expansion?.variable !== undefined && at === expansion.meant.start) {
      const value = text.slice(expansion.meant.start, expansion.meant.end);
      if (quote !== undefined && (value.includes(quote) || /[\\\r\n]/.test(value))) {
        return expansion.variable;
      }
      at = expansion.meant.end - 1;
      continue;
    }
    const character = text[at]!;
    if (quote !== undefined && character === "\\") at++;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === "'" || character === '"')) quote = character;
  }
  return undefined;
}
