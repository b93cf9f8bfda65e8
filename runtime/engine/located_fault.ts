/**
 * Where a fault happened.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { type RecordCursor, WireError } from "../wire/mod.ts";
import type { Input } from "./input.ts";

/** What stopped a task while it worked on a record, with the place of the record. */
export function locatedFault(
  error: unknown,
  task: string,
  input: Input,
  cursor: RecordCursor,
): MillraceError {
  const where = {
    task,
    topic: input.topic,
    partition: input.partition,
    offset: cursor.offset,
  };
  if (error instanceof MillraceError) {
    const { code, message, cause } = error;
    return new MillraceError(code, message, {
      cause: cause ?? error,
      where: { ...where, ...error.where },
    });
  }
  const code = error instanceof WireError ? "CORRUPT_BATCH" : "INVARIANT";
  return new MillraceError(code, `Cannot process record: ${String(error)}`, {
    cause: error,
    where,
  });
}
