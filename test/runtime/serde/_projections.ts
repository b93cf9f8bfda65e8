/**
 * Runs generated projections as the engine does: as part of a function of their own.
 *
 * @module
 */

import { MillraceError } from "../../../runtime/fault/mod.ts";
import { generateProjection, projectionLibrary } from "../../../runtime/serde/mod.ts";
import type { AvroType } from "../../../topology/language/mod.ts";

export type Projected = (bytes: Uint8Array, start: number, end: number) => unknown[];

export function compileGenerated(
  writer: AvroType,
  paths: readonly (readonly string[])[],
  reader?: AvroType,
): Projected {
  const locals = paths.map((_, n) => `v${n}`);
  const body = generateProjection({
    writer,
    ...(reader === undefined ? {} : { reader }),
    root: "value",
    paths,
    locals,
    names: { bytes: "b", position: "p", end: "end", library: "A" },
  });
  const make = new Function(
    "A",
    `"use strict"; return function (b, p, end) { ${locals.length > 0 ? `let ${locals.join(", ")};` : ""}\n${body}\nreturn [${locals.join(", ")}]; };`,
  );
  return make(projectionLibrary) as Projected;
}

/** What came out: values, or the error's code and message. */
export type Outcome = { values: unknown } | { code: string; message: string };

export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { values: run() };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { code: error.code, message: error.message };
  }
}
