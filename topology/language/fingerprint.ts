/**
 * Fingerprints of data.
 *
 * @module
 */

/** FNV-1a, 64 bit, over UTF-16 units of canonical JSON; 16 hex digits. */
export function fingerprint(data: unknown): string {
  let hash = 0xcbf29ce484222325n;
  const text = JSON.stringify(data);
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
