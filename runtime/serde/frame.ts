/**
 * The frame that schema registries put before a value:
 *
 *     framed := 0x00, int32BE schema id, value
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import type { ByteSink } from "./byte_sink.ts";

/** Bytes before the value. */
export const FRAME_BYTES = 5;

/**
 * The schema id of a framed value in `bytes[start, end)`; the value begins `FRAME_BYTES` after `start`.
 *
 * @param root Name of the value in messages.
 * @throws {MillraceError} UNDECODABLE when there is no frame
 */
export function readFrame(bytes: Uint8Array, start: number, end: number, root = "value"): number {
  if (end - start < FRAME_BYTES) {
    throw new MillraceError(
      "UNDECODABLE",
      `Cannot decode ${root}: it has ${end - start} bytes, and a schema registry's frame alone has ${FRAME_BYTES}`,
    );
  }
  if (bytes[start] !== 0) {
    throw new MillraceError(
      "UNDECODABLE",
      `Cannot decode ${root}: it begins with byte ${bytes[start]} instead of 0, so it was not written through a schema registry`,
    );
  }
  return (
    (bytes[start + 1]! << 24) |
    (bytes[start + 2]! << 16) |
    (bytes[start + 3]! << 8) |
    bytes[start + 4]!
  );
}

export function writeFrame(schemaId: number, sink: ByteSink): void {
  sink.writeByte(0);
  sink.writeInt32(schemaId);
}
