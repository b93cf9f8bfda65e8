import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");

/** Code literals in the source of a folder: `"UNKNOWN_FIELD"`. */
export function codesIn(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  const codes = files
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const text = readFileSync(join(ROOT, folder, name), "utf8");
      return Array.from(text.matchAll(/"([A-Z]+(?:_[A-Z]+)+|[A-Z]{5,})"/g), (match) => match[1]!);
    });
  return [...new Set(codes)];
}

/** A kind of YAML scalar, errors of the YAML library, and a text that `bool()` takes. */
const NOT_CODES = ["PLAIN", "TAG_RESOLVE_FAILED", "BAD_DQ_ESCAPE", "FALSE"];

/** Codes of diagnostics, as they stand in the source of the language. */
export function diagnosticCodes(): readonly string[] {
  return codesIn("topology/language").filter((code) => !NOT_CODES.includes(code));
}

/** Codes with which an expression fails on a record. */
export function expressionErrorCodes(): readonly string[] {
  const library = join(ROOT, "topology/language/expression/library/errors.ts");
  const [, union] = /type ExpressionErrorCode =([^;]+);/.exec(readFileSync(library, "utf8"))!;
  return Array.from(union!.matchAll(/"([A-Z_]+)"/g), (match) => match[1]!);
}
