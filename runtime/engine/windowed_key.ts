/**
 * The key of the current record of a source whose keys are windowed, taken apart. Generated code reads
 * it once per record and then finds the parts here.
 *
 * @module
 */

import type { WindowKeyFormat } from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import {
  createWindowKeyCheck,
  createWindowKeySplitter,
  type WindowKeyRecord,
} from "../serde/mod.ts";

export class WindowedKey {
  startMs = Number.NaN;
  endMs = Number.NaN;
  /** `binary`: where the base key ends, which begins where the whole one does. */
  keyEnd = -1;
  /** `record`: the base key. */
  key: unknown = null;
  readonly #as: WindowKeyFormat["as"];
  readonly #split: ReturnType<typeof createWindowKeySplitter>;
  readonly #check: ReturnType<typeof createWindowKeyCheck>;
  readonly #decodeRecord: (bytes: Uint8Array, start: number, end: number) => unknown;

  /** @param decodeRecord decodes a whole key that is a record, frame and all */
  constructor(
    { as, extent }: WindowKeyFormat,
    decodeRecord: (bytes: Uint8Array, start: number, end: number) => unknown,
  ) {
    this.#as = as;
    this.#split = createWindowKeySplitter(extent);
    this.#check = createWindowKeyCheck(extent);
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
    if (this.#as === "record") {
      const record = this.#decodeRecord(bytes, start, end) as WindowKeyRecord;
      this.#check(record);
      this.key = record.key;
      this.startMs = record.windowStart;
      this.endMs = record.windowEnd;
    } else {
      const { keyEnd, startMs, endMs } = this.#split(bytes, start, end);
      this.keyEnd = keyEnd;
      this.startMs = startMs;
      this.endMs = endMs;
    }
  }
}
