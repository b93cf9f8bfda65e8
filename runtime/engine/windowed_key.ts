/**
 * The key of the current record of a source whose keys are windowed, taken apart. Generated code reads
 * it once per record and then finds the parts here.
 *
 * @module
 */

import type { WindowKeyFormat } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { checkWindowKey, splitWindowKey, type WindowKeyRecord } from "../serde/mod.ts";

export class WindowedKey {
  startMs = Number.NaN;
  /** `binary`: where the base key ends, which begins where the whole one does. */
  keyEnd = -1;
  /** `record`: the base key. */
  key: unknown = null;
  readonly #format: WindowKeyFormat;
  readonly #decodeRecord: (bytes: Uint8Array, start: number, end: number) => unknown;

  /** @param decodeRecord decodes a whole key that is a record, frame and all */
  constructor(
    format: WindowKeyFormat,
    decodeRecord: (bytes: Uint8Array, start: number, end: number) => unknown,
  ) {
    this.#format = format;
    this.#decodeRecord = decodeRecord;
  }

  /**
   * @param start below 0 for a null key
   * @throws {MillraceError} of a bad record: UNDECODABLE, LONG_UNSAFE, UNKNOWN_SCHEMA_ID
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      throw new MillraceError("UNDECODABLE", "Cannot decode key: it is null, which has no window");
    }
    const { as, sizeMs } = this.#format;
    if (as === "record") {
      const record = this.#decodeRecord(bytes, start, end) as WindowKeyRecord;
      checkWindowKey(record, sizeMs);
      this.key = record.key;
      this.startMs = record.windowStart;
    } else {
      const { keyEnd, startMs } = splitWindowKey(bytes, start, end);
      this.keyEnd = keyEnd;
      this.startMs = startMs;
    }
    if (this.startMs <= Number.MAX_SAFE_INTEGER - sizeMs) return;
    throw new MillraceError(
      "LONG_UNSAFE",
      `Cannot decode key: the window that begins at ${this.startMs} ends outside ±(2^53−1)`,
    );
  }
}
