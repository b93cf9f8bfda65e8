/**
 * What fills many batches is written while it is made, so that a large commit takes no more memory than
 * a small one.
 *
 * @module
 */

import type { Outputs } from "./outputs.ts";
import type { Appended } from "./ports.ts";

/**
 * Writes all that the writers append to the outputs.
 * @param writers yield whenever a batch is full
 * @param append writes full batches, and at last what is left; called again when it has
 */
export async function writeInPieces(
  writers: readonly Iterator<void>[],
  outputs: Outputs,
  append: (piece: readonly Appended[]) => Promise<void>,
): Promise<void> {
  // In turn, so that a piece has batches of several partitions: a request takes one of each.
  for (let writing = writers; writing.length > 0; ) {
    writing = writing.filter((writer) => writer.next().done !== true);
    if (outputs.isPiece) await append(outputs.takeFull());
  }
  await append(outputs.take());
}
