/**
 * Values of tests against the schema: a misspelt field in a test must not pass unseen.
 *
 * @module
 */

import type { AvroRecord, AvroType } from "../avro.ts";
import type { Path } from "../document/mod.ts";
import type { Format } from "../plan.ts";
import { didYouMean, suggest } from "../suggest.ts";
import type { Planning } from "./context.ts";

/** What is sent must be complete but for defaults; what is expected may be any part. */
export type ValueUse = "sent" | "expected";

/** Checks a key or a value. Null is taken: a null key, a tombstone, a record that is null-dropped. */
export function checkTestValue(
  value: unknown,
  format: Format,
  use: ValueUse,
  path: Path,
  planning: Planning,
): void {
  const schema = schemaOf(format);
  if (value === null || value === undefined || schema === undefined) return;
  for (const { code, at, message, hint } of problemsOf(value, schema, use, path)) {
    const on = code === "UNKNOWN_FIELD" ? "key" : "value";
    planning.report.error(code, at, message, { on, hint });
  }
}

/** undefined for what may be anything. */
function schemaOf(format: Format): AvroType | undefined {
  if (format.kind === "avro" || format.kind === "json") return format.schema;
  return { kind: format.kind };
}

interface Problem {
  readonly code: "BAD_TEST_VALUE" | "UNKNOWN_FIELD";
  readonly at: Path;
  readonly message: string;
  readonly hint?: string;
}

function problemsOf(value: unknown, schema: AvroType, use: ValueUse, at: Path): Problem[] {
  const wrong = (message: string): Problem[] => [{ code: "BAD_TEST_VALUE", at, message }];
  const shown = show(value);
  switch (schema.kind) {
    case "union": {
      const branches = schema.branches.map((branch) => problemsOf(value, branch, use, at));
      if (branches.some((problems) => problems.length === 0)) return [];
      // With one type beside null, what is wrong with it says more than that nothing fits.
      const others = branches.filter((_, n) => schema.branches[n]!.kind !== "null");
      if (others.length === 1 && value !== null) return others[0]!;
      return wrong(`${shown} is neither ${schema.branches.map(nameOf).join(" nor ")}`);
    }
    case "record":
      return isMap(value)
        ? recordProblems(value, schema, use, at)
        : wrong(`${shown} is not a record ${schema.name}`);
    case "array":
      if (!Array.isArray(value)) return wrong(`${shown} is not a list`);
      return value.flatMap((item, n) => problemsOf(item, schema.items, use, [...at, n]));
    case "map":
      if (!isMap(value)) return wrong(`${shown} is not a map`);
      return Object.entries(value).flatMap(([name, entry]) =>
        problemsOf(entry, schema.values, use, [...at, name]),
      );
    case "enum": {
      if (typeof value === "string" && schema.symbols.includes(value)) return [];
      const guess = typeof value === "string" ? didYouMean(value, schema.symbols) : "";
      return wrong(`${shown} is not a symbol of ${shortName(schema.name)}${guess}`);
    }
    case "bytes":
      return isBase64(value) ? [] : wrong(`${shown} is not bytes as base64 text`);
    case "fixed":
      if (isBase64(value) && atob(value).length === schema.sizeBytes) return [];
      return wrong(`${shown} is not ${schema.sizeBytes} bytes as base64 text`);
    default: {
      if (fits(value, schema.kind)) return [];
      const isWord = schema.kind === "string" && ["number", "boolean"].includes(typeof value);
      const message = `${shown} is not ${schema.kind}`;
      return [{ code: "BAD_TEST_VALUE", at, message, ...(isWord && { hint: `write '${shown}'` }) }];
    }
  }
}

function recordProblems(
  value: Readonly<Record<string, unknown>>,
  { name: record, fields }: AvroRecord,
  use: ValueUse,
  at: Path,
): Problem[] {
  const problems = Object.entries(value).flatMap(([name, inner]): Problem[] => {
    const field = fields.find((candidate) => candidate.name === name);
    if (field !== undefined) return problemsOf(inner, field.type, use, [...at, name]);
    const known = fields.map((candidate) => candidate.name);
    const guess = didYouMean(name, known);
    const message = `${shortName(record)} has no field "${name}"${guess}`;
    const hint = guess === "" ? { hint: `it has ${known.slice(0, 20).join(", ")}` } : {};
    return [{ code: "UNKNOWN_FIELD", at: [...at, name], message, ...hint }];
  });
  const unknown = Object.keys(value).filter((name) => !fields.some((field) => field.name === name));
  // A misspelt field has been reported with the right name.
  const missing = fields.find(
    ({ name, hasDefault }) =>
      !hasDefault &&
      !Object.hasOwn(value, name) &&
      !unknown.some((other) => suggest(other, [name]) !== undefined),
  );
  if (use === "sent" && missing !== undefined) {
    const message = `"${missing.name}" is missing and has no default in ${shortName(record)}`;
    problems.push({ code: "BAD_TEST_VALUE", at, message });
  }
  return problems;
}

function fits(value: unknown, kind: string): boolean {
  switch (kind) {
    case "boolean":
    case "string":
      return typeof value === kind;
    case "int":
      return Number.isInteger(value) && (value as number) === ((value as number) | 0);
    case "long":
      return Number.isSafeInteger(value);
    case "float":
    case "double":
      return typeof value === "number";
    default:
      return value === null;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBase64(value: unknown): value is string {
  if (typeof value !== "string") return false;
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value);
}

function nameOf(schema: AvroType): string {
  return "name" in schema ? shortName(schema.name) : schema.kind;
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
