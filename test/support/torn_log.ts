import type { Appended } from "../../runtime/engine/mod.ts";
import { MillraceError } from "../../runtime/fault/mod.ts";
import { MemoryLog } from "../../runtime/testing/mod.ts";
import { BatchBuilder, RecordCursor } from "../../runtime/wire/mod.ts";

/** Dies once, when told, in a commit: within its changelog, or between that and its offsets. */
export class TornLog extends MemoryLog {
  /** Part of each changelog's records that is still written; undefined: lives. */
  kept: number | undefined;

  override async append(appended: readonly Appended[]): Promise<void> {
    const { kept } = this;
    await super.append(
      kept === undefined
        ? appended
        : appended.map((part) =>
            part.topic.endsWith("-changelog")
              ? { ...part, batches: part.batches.map((batch) => firstPart(batch, kept)) }
              : part,
          ),
    );
  }

  override async commit(offsets: Parameters<MemoryLog["commit"]>[0]): Promise<void> {
    if (this.kept !== undefined) throw new MillraceError("INVARIANT", "Cannot commit: torn");
    await super.commit(offsets);
  }
}

/** A batch of the first records of a batch, at least one. */
function firstPart(batch: Uint8Array, kept: number): Uint8Array {
  const builder = new BatchBuilder();
  const cursor = new RecordCursor();
  cursor.reset(batch);
  cursor.nextBatch();
  let left = Math.max(1, Math.floor(cursor.recordCount * kept));
  while (left-- > 0 && cursor.nextRecord()) {
    const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    builder.append(cursor.timestamp, buffer, keyStart, keyEnd, buffer, valueStart, valueEnd);
  }
  return builder.finish();
}
