/**
 * `matches`: RE2's syntax, in time linear in the text. JavaScript's own expressions backtrack: on
 * `(a+)+$` thirty characters take them minutes.
 *
 * @module
 */

import { RE2JS, RE2JSException } from "re2js";
import { charge } from "./cost.ts";

/** Characters (UTF-16 units) of a pattern. */
export const MAX_PATTERN_LENGTH = 1000;
/** Instructions of the compiled pattern: `x{100}` has a hundred. */
export const MAX_PATTERN_INSTRUCTIONS = 500;

/** Patterns stand in expressions as constants, so there are few; a long-lived checker sees more. */
const MAX_COMPILED = 1000;
const compiled = new Map<string, RE2JS>();

function compile(pattern: string): RE2JS {
  let found = compiled.get(pattern);
  if (found === undefined) {
    found = RE2JS.compile(pattern);
    if (compiled.size >= MAX_COMPILED) compiled.delete(compiled.keys().next().value!);
    compiled.set(pattern, found);
  }
  return found;
}

/** Why a text is no pattern; undefined when it is one. */
export function whyNotPattern(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `it has ${pattern.length} characters, ${MAX_PATTERN_LENGTH} are allowed`;
  }
  try {
    const size = compile(pattern).programSize();
    if (size <= MAX_PATTERN_INSTRUCTIONS) return undefined;
    return `it makes ${size} instructions, ${MAX_PATTERN_INSTRUCTIONS} are allowed`;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return error.message.replace("error parsing regexp: ", "");
  }
}

/** Somewhere in the text; `^` and `$` tie a pattern to its ends. The checker has seen the pattern. */
export function matches(text: string, pattern: string): boolean {
  const expression = compile(pattern);
  charge(1 + Math.floor((text.length * expression.programSize()) / 8));
  return expression.test(text);
}
