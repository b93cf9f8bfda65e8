const utf8 = new TextEncoder();

/**
 * A windowed key as Kafka Streams writes it: the UTF-8 key, then int64 big-endian numbers: the start
 * for `time`, the end and the start for `session`.
 */
export function windowKeyHex(
  kind: "time" | "session",
  key: string,
  start: number,
  end: number,
): string {
  const times = kind === "session" ? [end, start] : [start];
  const hex = times.map((ms) => ms.toString(16).padStart(16, "0"));
  return bytesHex(utf8.encode(key)) + hex.join("");
}

export function bytesHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
