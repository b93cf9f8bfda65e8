/**
 * A module that cannot be read as a definition, as a diagnostic.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";

/** Longer than this nobody reads. */
const MAX_MESSAGE_LENGTH = 500;

/** `/shop/orders.ts:3:14: ERROR: Expected "}" but found ":"`, as esbuild says it. */
const WITH_PLACE = /(?:^|[/\\\s])[^/\\\s:]+:(\d+):(\d+): (?:ERROR: )?(.+)/;

/**
 * @param reason What importing it threw, as text.
 * @returns with line and column where the reason tells them, else of the file as a whole
 */
export function moduleFault(file: string, reason: string, hint?: string): Diagnostic {
  const [, line, column, said] = WITH_PLACE.exec(reason) ?? [];
  const at = Number(column ?? 0) + 1;
  return {
    code: "BAD_MODULE",
    severity: "error",
    file,
    line: Number(line ?? 0),
    column: at,
    endColumn: at + 1,
    path: "",
    message: (said ?? reason).slice(0, MAX_MESSAGE_LENGTH),
    ...(hint !== undefined && { hint }),
  };
}
