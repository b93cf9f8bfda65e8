/**
 * How readers and writers of Avro give up: without a stack trace, collecting the path on the way out.
 *
 * @module
 */

import { type FaultCode, MillraceError } from "../../fault/mod.ts";

/** What `throw`s inside this folder; becomes a `MillraceError` at its doors. */
export class Malformed {
  readonly code: FaultCode;
  readonly reason: string;
  /** From the inside out: `.name`, `[3]`. */
  readonly path: string[] = [];

  constructor(reason: string, code: FaultCode = "UNDECODABLE") {
    this.reason = reason;
    this.code = code;
  }
}

const MAX_PATH = 16;

/**
 * The error of a failed attempt.
 *
 * @param verb what could not be done: `decode`
 * @param root name of the whole: `value`
 */
export function failure(error: unknown, verb: string, root: string, overflow: FaultCode): unknown {
  if (error instanceof Malformed) {
    const path = error.path.reverse();
    const shown = path.slice(0, MAX_PATH).join("") + (path.length > MAX_PATH ? "…" : "");
    return new MillraceError(error.code, `Cannot ${verb} ${root}${shown}: ${error.reason}`);
  }
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new MillraceError(overflow, `Cannot ${verb} ${root}: it is nested too deep`);
  }
  return error;
}

/** Adds a step to the path of an error on its way out. */
export function within(error: unknown, step: string): unknown {
  if (error instanceof Malformed) error.path.push(step);
  return error;
}
