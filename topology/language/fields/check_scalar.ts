/**
 * Checks of what is written as one word or text.
 *
 * @module
 */

import { type DocumentNode, literalBreaker, type ScalarNode } from "../document/mod.ts";
import { guessDuration, parseDuration, parseInstant, showDuration } from "../duration.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { FieldType } from "./types.ts";

export const INVALID = Symbol("invalid");
export type Invalid = typeof INVALID;

export type ScalarType = Extract<
  FieldType,
  { kind: "expression" | "duration" | "instant" | "string" | "name" | "integer" | "literal" }
>;

const SCALAR_KINDS: readonly FieldType["kind"][] = [
  "expression",
  "duration",
  "instant",
  "string",
  "name",
  "integer",
  "literal",
];

export function isScalarType(type: FieldType): type is ScalarType {
  return SCALAR_KINDS.includes(type.kind);
}

export const EXPECTATIONS = {
  nodeKinds: { scalar: "a single value", map: "a map", list: "a list", bad: "nothing" },
} as const;

export type ScalarResult =
  | { readonly value: unknown }
  | {
      readonly code: string;
      readonly problem: string;
      readonly hint?: string;
      /** What stands there in all likelihood: what else is wrong is found by going on with it. */
      readonly meant?: unknown;
    };

/** @returns the value; an expression always as text */
export function checkScalar(type: ScalarType, node: DocumentNode): ScalarResult {
  if (node.kind !== "scalar") {
    const problem = `must be ${expectation(type)}, not ${EXPECTATIONS.nodeKinds[node.kind]}`;
    const quote = type.kind === "expression" && node.kind === "list";
    return wrongType(problem, quote ? "quote an expression that begins with [" : undefined);
  }
  switch (type.kind) {
    case "expression":
      return checkExpressionText(node);
    case "string":
      // What a variable holds is text where text belongs, whatever it looks like.
      if (typeof node.value === "string" || node.written || type.secret)
        return { value: node.text };
      return wrongType("must be text", `write '${node.text}'`);
    case "name":
      if (typeof node.value === "string" && NAME.test(node.value)) return { value: node.value };
      return {
        code: "BAD_NAME",
        problem: `is "${node.text}", which is not a name`,
        hint: withName("a name begins with a-z and goes on with a-z, 0-9 and _", node.text, NAME),
      };
    case "integer":
      return checkInteger(type, node);
    case "literal":
      return checkLiteral(type, node);
    case "duration":
      return checkDuration(type, node);
    case "instant": {
      if (typeof node.value === "string" && parseInstant(node.value) !== undefined) {
        return { value: node.value };
      }
      return {
        code: "BAD_DURATION",
        problem: `is "${node.text}", not a point in time`,
        hint: instantHint(node.text),
      };
    }
  }
}

function checkExpressionText(node: ScalarNode): ScalarResult {
  if (typeof node.value === "boolean") return { value: String(node.value) };
  if (node.text.trim() === "") {
    return { code: "EMPTY_VALUE", problem: "is empty", hint: `empty text is "''"` };
  }
  const breaker = node.written && literalBreaker(node.text, node.written.expansions);
  if (breaker !== undefined) {
    const problem = `would not have one text where \${${breaker}} stands: its value has a quote, backslash or line end`;
    return { code: "BAD_VARIABLE", problem, hint: "a value in a text literal is plain text" };
  }
  return { value: node.text };
}

function checkInteger(type: ScalarType & { kind: "integer" }, node: ScalarNode): ScalarResult {
  if (typeof node.value === "string" && /^-?\d+$/.test(node.value)) {
    return wrongType(
      `must be ${expectation(type)}, got text`,
      `write ${node.value} without quotes`,
    );
  }
  if (typeof node.value !== "number" || !Number.isInteger(node.value)) {
    return wrongType(`must be ${expectation(type)}, got ${node.text}`);
  }
  if (node.value >= type.minimum && node.value <= type.maximum) return { value: node.value };
  return {
    code: "BAD_VALUE",
    problem: `must be between ${type.minimum} and ${type.maximum}, got ${node.text}`,
  };
}

function checkLiteral(type: ScalarType & { kind: "literal" }, node: ScalarNode): ScalarResult {
  if (type.values.some((value) => value === node.value)) return { value: node.value };
  const words = type.values.map(String);
  const problem = `must be ${oneOf(words)}, got "${node.text}"${didYouMean(node.text, words)}`;
  const hint = Object.entries(type.otherWords ?? {}).find(([word]) =>
    word.startsWith(".") ? node.text.endsWith(word) : node.text.toLowerCase() === word,
  )?.[1];
  return {
    code: typeof node.value === "string" ? "BAD_VALUE" : "WRONG_TYPE",
    problem,
    ...(hint !== undefined && { hint: hint.replaceAll("%", node.text) }),
    meant: suggest(node.text, words),
  };
}

function checkDuration(type: ScalarType & { kind: "duration" }, node: ScalarNode): ScalarResult {
  const text = typeof node.value === "string" ? node.value : undefined;
  if (text !== undefined && type.words?.includes(text)) return { value: text };
  const ms = text === undefined ? undefined : parseDuration(text);
  if (ms === undefined) {
    const meant = guessDuration(node.text);
    return {
      code: "BAD_DURATION",
      problem: `is "${node.text}", not a duration`,
      hint: durationHint(type, node, meant),
      meant,
    };
  }
  if (ms === 0 && type.positive) {
    return { code: "BAD_DURATION", problem: "must be longer than 0" };
  }
  return { value: text };
}

function instantHint(text: string): string {
  if (text.length < 40 && parseInstant(`${text}Z`) !== undefined) {
    return `it needs an offset: ${text}Z, ${text}+08:00`;
  }
  if (/^\d{1,12}$/.test(text)) return `a duration has a unit: ${text}ms, ${text}s`;
  return "write 400ms, 1s or 2015-11-11T00:00:00+08:00";
}

function durationHint(
  { words = [] }: ScalarType & { kind: "duration" },
  { value, text }: ScalarNode,
  guess: string | undefined,
): string {
  if (typeof value === "number" && value >= 0) {
    if (value === 0) return "a duration has a unit: 0s";
    const inMs = Number.isInteger(value) ? showDuration(value) : `${text}ms`;
    const asked = inMs === `${text}ms` ? `${text}ms, ${text}s` : `${text}ms, which is ${inMs}`;
    return `a duration has a unit: ${asked}`;
  }
  if (guess !== undefined) return `did you mean ${guess}?`;
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return "it is longer than any that can be counted";
  if (text.startsWith("-") && words.length === 0) return "a duration is not negative";
  return `write ${oneOf([...words, "400ms", "1s", "5m", "1h", "7d"])}`;
}

function wrongType(problem: string, hint?: string): ScalarResult {
  return { code: "WRONG_TYPE", problem, ...(hint !== undefined && { hint }) };
}

/** `a duration such as 1s` */
export function expectation(type: ScalarType): string {
  switch (type.kind) {
    case "expression":
      return "an expression";
    case "string":
      return "text";
    case "name":
      return "a name";
    case "integer":
      return "a whole number";
    case "literal":
      return oneOf(type.values.map(String));
    case "duration":
      return [...(type.words ?? []), "a duration such as 1s"].join(" or ");
    case "instant":
      return "a point in time";
  }
}

export function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** `[a-z][a-z0-9_]*` */
export const NAME = /^[a-z][a-z0-9_]*$/;
/** As in an Avro schema, and not the name that JavaScript gives a meaning of its own. */
export const FIELD_NAME = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/;

/** A rule for names, with what a name would be that obeys it. */
export function withName(rule: string, written: string, allowed: RegExp): string {
  const name = written
    .slice(0, 100)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
  return allowed.test(name) && name !== written && written !== "__proto__"
    ? `${rule}: ${name}`
    : rule;
}
