/**
 * `headers:` of an emit: headers that go out instead of those that came under the same names.
 *
 * @module
 */

import type { Emit } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { Scope } from "../expression/mod.ts";
import type { EmitPlan } from "../plan.ts";
import { checkText, type TextOptions } from "./expressions.ts";
import { showType } from "./types.ts";

const WRITABLE = ["string", "enum", "int", "double", "bool", "bytes"];

/** Written by Millrace itself. */
const RESERVED = ["millrace.", "__streams.errors."];

/** @returns `wrong` when something is, which has been reported */
export function checkHeaders(
  headers: Emit["headers"],
  scope: Scope,
  path: Path,
  options: TextOptions,
  report: Report,
): EmitPlan["headers"] | "wrong" {
  if (headers === undefined) return undefined;
  const checked = Object.entries(headers).map(([name, text]) => {
    const at = [...path, name];
    const reserved = RESERVED.find((prefix) => name.startsWith(prefix));
    if (reserved !== undefined) {
      const message = `headers that begin with "${reserved}" are Millrace's own`;
      report.error("RESERVED_NAME", at, message, { on: "key" });
      return undefined;
    }
    const value = checkText(text, scope, at, report, options);
    if (value === undefined) return undefined;
    if (WRITABLE.includes(value.type.kind)) return { name, value };
    const message = `a header is text, a number, a bool or bytes, this is ${showType(value.type)}`;
    report.error("TYPE_MISMATCH", at, message, { span: value.span });
    return undefined;
  });
  const complete = checked.filter((header) => header !== undefined);
  return complete.length < checked.length ? "wrong" : complete;
}
