/**
 * Keys of windowed results, as Kafka Streams writes them:
 *
 *     windowed := serialised key, int64BE start of the window, ms since 1970
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import type { ByteSink } from "./byte_sink.ts";
import { int64 } from "./format.ts";

const START_BYTES = 8;

/** Completes a windowed key: the serialised key has just been written. */
export function writeWindowStart(startMs: number, sink: ByteSink): void {
  sink.writeInt64(startMs);
}

/**
 * Takes a windowed key apart.
 *
 * @returns where the serialised key ends, and the window's start
 * @throws {MillraceError} UNDECODABLE when it is too short, LONG_UNSAFE for an impossible start
 */
export function splitWindowKey(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly keyEnd: number; readonly startMs: number } {
  const keyEnd = end - START_BYTES;
  if (keyEnd < start) {
    throw new MillraceError(
      "UNDECODABLE",
      `Cannot decode key: it has ${end - start} bytes, and the window's start alone has ${START_BYTES}`,
    );
  }
  return { keyEnd, startMs: int64(bytes, keyEnd, "key") };
}
