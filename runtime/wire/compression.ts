import { gunzipSync, gzipSync } from "node:zlib";
import { WireError } from "./wire_error.ts";

/**
 * Inflates `bytes[start..end)`.
 *
 * @param maxBytes upper bound of the result: a few kilobytes can inflate to gigabytes
 * @throws {WireError} TOO_LARGE, or CORRUPT when the input is not gzip
 */
export function gunzip(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxBytes: number,
): Uint8Array {
  try {
    return gunzipSync(bytes.subarray(start, end), { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") {
      throw new WireError("TOO_LARGE", `Gzip data inflates to more than ${maxBytes} bytes`, start);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new WireError("CORRUPT", `Cannot inflate gzip data: ${reason}`, start);
  }
}

export function gzip(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes);
}
