/**
 * Values of inline tests against the schema: a misspelt field in a test must not pass unseen.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import type { Path } from "../document/mod.ts";
import type { Format } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import type { Planning } from "./context.ts";

/**
 * @param use What is sent must be complete but for defaults; what is expected may be any part.
 */
export function checkTestValue(
  value: unknown,
  format: Format,
  use: "sent" | "expected",
  path: Path,
  planning: Planning,
): void {
  // Sending null is a way to test for null: the record is null-dropped.
  if (value === null || value === undefined) return;
  if (!("schema" in format) || format.schema === undefined) return;
  check(value, format.schema, path);

  function check(part: unknown, schema: AvroType, at: Path): void {
    if (schema.kind === "union") {
      const branches = schema.branches.filter(({ kind }) => kind !== "null");
      if (part !== null && branches.length === 1) check(part, branches[0]!, at);
    } else if (schema.kind === "record") {
      checkRecord(part, schema, at);
    } else if (schema.kind === "enum") {
      if (typeof part === "string" && schema.symbols.includes(part)) return;
      const shown = JSON.stringify(part);
      const guess = typeof part === "string" ? didYouMean(part, schema.symbols) : "";
      wrong(at, `${shown} is not a symbol of ${schema.name}${guess}`);
    } else if (schema.kind === "array" && Array.isArray(part)) {
      for (const [index, item] of part.entries()) check(item, schema.items, [...at, index]);
    } else if (!fits(part, schema)) {
      wrong(at, `${JSON.stringify(part)} is not ${schema.kind}`);
    }
  }

  function checkRecord(part: unknown, schema: AvroType & { kind: "record" }, at: Path): void {
    if (typeof part !== "object" || part === null || Array.isArray(part)) {
      wrong(at, `${JSON.stringify(part)} is not a record ${schema.name}`);
      return;
    }
    const fields = schema.fields.map(({ name }) => name);
    for (const [name, inner] of Object.entries(part)) {
      const field = schema.fields.find((candidate) => candidate.name === name);
      if (field !== undefined) {
        check(inner, field.type, [...at, name]);
        continue;
      }
      const message = `${shortName(schema.name)} has no field "${name}"${didYouMean(name, fields)}`;
      planning.report.error("UNKNOWN_FIELD", [...at, name], message, { on: "key" });
    }
    const missing = schema.fields.find(
      (field) => !field.hasDefault && !Object.hasOwn(part, field.name),
    );
    if (use === "sent" && missing !== undefined) {
      wrong(at, `"${missing.name}" is missing and has no default in ${shortName(schema.name)}`);
    }
  }

  function wrong(at: Path, message: string): void {
    planning.report.error("BAD_TEST_VALUE", at, message);
  }
}

function fits(part: unknown, schema: AvroType): boolean {
  switch (schema.kind) {
    case "boolean":
      return typeof part === "boolean";
    case "int":
      return Number.isInteger(part) && (part as number) === ((part as number) | 0);
    case "long":
      return Number.isSafeInteger(part);
    case "float":
    case "double":
      return typeof part === "number";
    case "string":
      return typeof part === "string";
    case "map":
      return typeof part === "object" && part !== null && !Array.isArray(part);
    case "null":
      return part === null;
    default:
      return true;
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
