/**
 * Pairs of key and value that YAML reads and nobody meant: what is left of an expression or an entry
 * that was cut in two.
 *
 * @module
 */

import { isScalar, type Pair, type ParsedNode } from "yaml";
import type { Range } from "./node.ts";
import { quote } from "./quote_hint.ts";
import type { SourceText } from "./source_text.ts";

export type YamlPair = Pair<ParsedNode, ParsedNode | null>;

export interface Pitfall {
  readonly code: "BAD_YAML" | "QUOTE_EXPRESSION";
  readonly range: Range;
  readonly message: string;
  readonly hint: string;
  /** The key whose value is not the one that was meant. */
  readonly spoilt: string;
}

/** @param above The pair in front of it in the same map. */
export function findPitfall(
  pair: YamlPair,
  above: YamlPair | undefined,
  source: SourceText,
): Pitfall | undefined {
  return (
    colonWithoutBlank(pair, source) ??
    (above && (cutAtComma(pair, above, source) ?? cutAtColon(pair, above, source)))
  );
}

/** `user_log:{ value: string }` has the key `user_log:{ value`. */
function colonWithoutBlank({ key }: YamlPair, source: SourceText): Pitfall | undefined {
  if (!isScalar(key) || key.type !== "PLAIN") return undefined;
  const name = /^([A-Za-z_]\w*):[{[]/.exec(key.source)?.[1];
  if (name === undefined) return undefined;
  const [start] = key.range;
  const line = source.restOfLine(start);
  return {
    code: "BAD_YAML",
    range: { start, end: start + line.length },
    message: "a key needs a colon and a blank behind it",
    hint: `write ${name}: ${line.slice(name.length + 1)}`,
    spoilt: name,
  };
}

/** `{ top: topK(x, 10) }` arrives as `top: topK(x` and a key `10)` without a value. */
function cutAtComma(
  { key, value }: YamlPair,
  above: YamlPair,
  { text }: SourceText,
): Pitfall | undefined {
  if (!isNothing(value) || above.value === null || !isScalar(key)) return undefined;
  const before = textOf(above.value);
  const [start, end] = key.range;
  const between = text.slice(above.value.range[1], start);
  if (between !== "," && countOf(before, "([") <= countOf(before, ")]")) return undefined;
  const spoilt = textOf(above.key);
  return {
    code: "QUOTE_EXPRESSION",
    range: { start, end },
    message: "in a flow map a value ends at the comma",
    hint: `write ${spoilt}: ${quote(`${before}${between}${textOf(key)}`)}`,
    spoilt,
  };
}

/** `a ? b` and on the next line `: c`, which is the value of an empty key. */
function cutAtColon({ key }: YamlPair, above: YamlPair, { text }: SourceText): Pitfall | undefined {
  if (!isNothing(key) || !/\s\?\s/.test(textOf(above.value))) return undefined;
  const start = text.indexOf(":", key.range[0]);
  const spoilt = textOf(above.key);
  return {
    code: "QUOTE_EXPRESSION",
    range: { start, end: start + 1 },
    message: "YAML reads what is before this colon as a key",
    hint: `write ${spoilt}: >- and the whole expression on the lines below`,
    spoilt,
  };
}

function isNothing(node: ParsedNode | null): boolean {
  return node === null || (isScalar(node) && node.value === null && node.source === "");
}

/** A longer text is no expression. */
const MAX_TEXT = 10_000;

function textOf(node: ParsedNode | null): string {
  return isScalar(node) ? (node.source ?? "").slice(0, MAX_TEXT) : "";
}

function countOf(text: string, characters: string): number {
  return [...text].filter((character) => characters.includes(character)).length;
}
