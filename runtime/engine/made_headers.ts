/**
 * Headers that a stage makes: some of its own, the others as they came.
 *
 * @module
 */

import { encodeHeaders, HeaderCursor, type RecordHeader } from "../wire/mod.ts";

/** Header entries of one record, in a buffer. The cursor that stands on a record is one of these. */
export interface HeaderEntries {
  readonly buffer: Uint8Array;
  readonly headersStart: number;
  readonly headersEnd: number;
  readonly headerCount: number;
}

export const NO_HEADERS: HeaderEntries = Object.freeze({
  buffer: new Uint8Array(0),
  headersStart: 0,
  headersEnd: 0,
  headerCount: 0,
});

const utf8 = new TextEncoder();
const decoder = new TextDecoder();

/** Makes the headers of one emit. */
export class HeaderMaker {
  readonly #names: readonly string[];
  readonly #keys: readonly Uint8Array[];
  readonly #cursor = new HeaderCursor();

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#keys = names.map((name) => utf8.encode(name));
  }

  /** Those of `before` under other names, byte for byte; then ours, what is not bytes as UTF-8 text. */
  make(
    before: HeaderEntries,
    values: readonly (string | number | boolean | Uint8Array)[],
  ): HeaderEntries {
    const { buffer, headersStart, headersEnd, headerCount } = before;
    const cursor = this.#cursor;
    const kept: [start: number, end: number][] = [];
    cursor.reset(buffer, headersStart, headersEnd, headerCount);
    for (let start = headersStart; cursor.next(); ) {
      const end = cursor.position;
      if (!this.#keys.some((key) => cursor.keyIs(key))) kept.push([start, end]);
      start = end;
    }
    const own = encodeHeaders(
      values.map(
        (value, n): RecordHeader => [
          this.#names[n]!,
          value instanceof Uint8Array ? value : utf8.encode(String(value)),
        ],
      ),
    );
    const bytes = new Uint8Array(kept.reduce((sum, [start, end]) => sum + end - start, own.length));
    let at = 0;
    for (const [start, end] of kept) {
      bytes.set(buffer.subarray(start, end), at);
      at += end - start;
    }
    bytes.set(own, at);
    return {
      buffer: bytes,
      headersStart: 0,
      headersEnd: bytes.length,
      headerCount: kept.length + values.length,
    };
  }
}

/** As text by name; the last of a name wins, null values are left out. */
export function headerTexts(entries: HeaderEntries): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const cursor = new HeaderCursor();
  cursor.reset(entries.buffer, entries.headersStart, entries.headersEnd, entries.headerCount);
  while (cursor.next()) {
    if (cursor.valueStart < 0) continue;
    map.set(cursor.key(), decoder.decode(cursor.value()!));
  }
  return map;
}
