/**
 * Watermark markers: what one instance says about the clocks of its tasks, written to every
 * partition of the repartition topics they feed, behind the data it covers.
 *
 * A marker is a record with null key, one header named `w` and this value:
 *
 *     int8 version = 2, int64BE wall clock ms, int32BE writer, int32BE tasks of the subtopology,
 *     then per task of the instance: int32BE task, int8 flags (1 idle, 2 end), float64BE W_out ms
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { readInt64, writeInt64 } from "../wire/mod.ts";

export const MARKER_HEADER = "w";
const VERSION = 2;
const HEAD_BYTES = 17;
const CLAIM_BYTES = 13;
const IDLE = 1;
const END = 2;

/** What one upstream task says of itself. */
export interface Claim {
  /** Partition number of the upstream task. */
  readonly task: number;
  /** `W_out`: nothing older than this follows; +Infinity with `end`. */
  readonly watermarkMs: number;
  readonly idle: boolean;
  readonly end: boolean;
}

export interface Marker {
  /** Writer's wall clock, ms. */
  readonly wallMs: number;
  /** Id of the writing subtopology. */
  readonly writer: number;
  /** How many tasks it has. */
  readonly tasks: number;
  readonly claims: readonly Claim[];
}

export function encodeMarker(marker: Marker): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + CLAIM_BYTES * marker.claims.length);
  const view = new DataView(bytes.buffer);
  view.setInt8(0, VERSION);
  writeInt64(bytes, 1, marker.wallMs);
  view.setInt32(9, marker.writer);
  view.setInt32(13, marker.tasks);
  let at = HEAD_BYTES;
  for (const claim of marker.claims) {
    view.setInt32(at, claim.task);
    view.setInt8(at + 4, (claim.idle ? IDLE : 0) | (claim.end ? END : 0));
    view.setFloat64(at + 5, claim.watermarkMs);
    at += CLAIM_BYTES;
  }
  return bytes;
}

/** @throws {MillraceError} INVARIANT for bytes that no version of ours writes */
export function decodeMarker(bytes: Uint8Array, start: number, end: number): Marker {
  const length = end - start;
  if (start < 0 || length < HEAD_BYTES || (length - HEAD_BYTES) % CLAIM_BYTES !== 0) {
    throw new MillraceError("INVARIANT", `Cannot read watermark marker of ${length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  if (view.getInt8(0) !== VERSION) {
    throw new MillraceError("INVARIANT", `Cannot read marker of version ${view.getInt8(0)}`);
  }
  const claims: Claim[] = [];
  for (let at = HEAD_BYTES; at < length; at += CLAIM_BYTES) {
    const flags = view.getInt8(at + 4);
    claims.push({
      task: view.getInt32(at),
      watermarkMs: view.getFloat64(at + 5),
      idle: (flags & IDLE) !== 0,
      end: (flags & END) !== 0,
    });
  }
  return {
    wallMs: readInt64(bytes, start + 1),
    writer: view.getInt32(9),
    tasks: view.getInt32(13),
    claims,
  };
}
