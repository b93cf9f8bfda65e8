import { readInt16, readInt32, readInt64 } from "../int64.ts";
import { VarintReader } from "../varint.ts";
import { WireError } from "../wire_error.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Most strings are short ASCII, for which a loop is quicker than the decoder. */
const MAX_LOOP_CHARS = 24;

/** Reads primitives one after the other; every one checks that it is all there. */
export class WireReader extends VarintReader {
  constructor(bytes: Uint8Array, at: number, end: number) {
    super();
    this.reset(bytes, at, end);
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Moves past `count` bytes. @returns where they begin */
  take(count: number): number {
    const at = this.at;
    if (count > this.end - at) {
      throw new WireError("TRUNCATED", `${count} bytes announced, ${this.end - at} left`, at);
    }
    this.at = at + count;
    return at;
  }

  int8(): number {
    return (this.bytes[this.take(1)]! << 24) >> 24;
  }

  int16(): number {
    return readInt16(this.bytes, this.take(2));
  }

  int32(): number {
    return readInt32(this.bytes, this.take(4));
  }

  int64(): number {
    return readInt64(this.bytes, this.take(8));
  }

  /** A view, not a copy. */
  view(count: number): Uint8Array {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** What is not UTF-8 becomes U+FFFD, as Kafka's own decoder does. */
  string(count: number): string {
    const from = this.take(count);
    const bytes = this.bytes;
    if (count <= MAX_LOOP_CHARS) {
      let text = "";
      let at = from;
      for (const stop = from + count; at < stop; at++) {
        const byte = bytes[at]!;
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (at === from + count) return text;
    }
    return decoder.decode(bytes.subarray(from, from + count));
  }
}
