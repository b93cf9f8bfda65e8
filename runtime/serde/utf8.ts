/**
 * UTF-8, strictly: what is not well-formed (overlong forms, surrogates, beyond U+10FFFF) is refused
 * instead of replaced, because a replaced character is a silent change of data. A byte order mark is
 * an ordinary character.
 *
 * @module
 */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Texts up to this length are looked up among those seen lately. */
const SHORT = 32;
const SEEN = 4096;
/** Recently decoded short ASCII texts by hash: at most SEEN · SHORT characters. */
const seen: string[] = new Array<string>(SEEN).fill("");

/**
 * The text in `bytes[start, end)`, which must lie within the array.
 *
 * Streams repeat the same few words, so a short ASCII text is first looked for among those seen
 * lately: that costs a comparison instead of an allocation, and its hash is known already when it
 * becomes a key of a Map.
 *
 * @returns undefined when the bytes are not UTF-8
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start;
  if (length === 0) return "";
  if (length <= SHORT) {
    let all = 0;
    let hash = length;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all < 128) {
      const slot = (hash ^ (hash >>> 12)) & (SEEN - 1);
      const candidate = seen[slot]!;
      if (candidate.length === length) {
        let i = 0;
        while (i < length && candidate.charCodeAt(i) === bytes[start + i]) i++;
        if (i === length) return candidate;
      }
      const text = String.fromCharCode.apply(
        null,
        bytes.subarray(start, end) as unknown as number[],
      );
      seen[slot] = text;
      return text;
    }
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** True when `bytes[start, end)`, which must lie within the array, is UTF-8. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  // Most text is ASCII to its end.
  while (i + 4 <= end && (bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!) < 128) i += 4;
  while (i < end) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      i++;
      continue;
    }
    // Bounds of the second byte; they exclude overlong forms, surrogates and what is too large.
    let low = 0x80;
    let high = 0xbf;
    let more: number;
    if (lead >= 0xc2 && lead <= 0xdf) more = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      more = 2;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      more = 3;
      if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    } else return false;
    if (end - i <= more) return false;
    const second = bytes[i + 1]!;
    if (second < low || second > high) return false;
    for (let n = 2; n <= more; n++) if ((bytes[i + n]! & 0xc0) !== 0x80) return false;
    i += more + 1;
  }
  return true;
}

/** True when a text has a form in UTF-8: half a surrogate pair has none. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Writes a well-formed text, for which `bytes` has room. @returns bytes written */
export function writeUtf8(text: string, bytes: Uint8Array, position: number): number {
  return encoder.encodeInto(text, bytes.subarray(position)).written;
}
