import { writeInt16, writeInt32, writeInt64 } from "../int64.ts";
import { writeUvarint } from "../varint.ts";

const encoder = new TextEncoder();
/** From here on bytes are kept as a view and copied once, when the whole size is known. */
const MIN_GATHERED_BYTES = 4096;

/** Writes primitives one after the other into memory of its own; values have been checked before. */
export class WireWriter {
  #slab: Uint8Array = new Uint8Array(256);
  #at = 0;
  /** Where in the slab the part begins that is not in `#done` yet. */
  #from = 0;
  readonly #done: Uint8Array[] = [];
  #doneBytes = 0;

  /** Makes room. @returns where to write */
  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#slab.length) {
      const pending = at - this.#from;
      const larger = new Uint8Array(Math.max(this.#slab.length * 2, pending + count));
      larger.set(this.#slab.subarray(this.#from, at));
      this.#slab = larger;
      this.#from = 0;
      this.#at = pending + count;
      return pending;
    }
    this.#at = at + count;
    return at;
  }

  int8(value: number): void {
    const at = this.#take(1);
    this.#slab[at] = value;
  }

  int16(value: number): void {
    const at = this.#take(2);
    writeInt16(this.#slab, at, value);
  }

  int32(value: number): void {
    const at = this.#take(4);
    writeInt32(this.#slab, at, value);
  }

  int64(value: number): void {
    const at = this.#take(8);
    writeInt64(this.#slab, at, value);
  }

  uvarint(value: number): void {
    const at = this.#take(5);
    this.#at = writeUvarint(this.#slab, at, value);
  }

  /** Without a length. Large ones must stay as they are until `finish`. */
  raw(bytes: Uint8Array): void {
    if (bytes.length < MIN_GATHERED_BYTES) {
      const at = this.#take(bytes.length);
      this.#slab.set(bytes, at);
      return;
    }
    this.#gather(this.#slab.subarray(this.#from, this.#at));
    this.#from = this.#at;
    this.#gather(bytes);
  }

  #gather(bytes: Uint8Array): void {
    this.#done.push(bytes);
    this.#doneBytes += bytes.length;
  }

  /** UTF-8 of a string, to be written with `raw` after its length. */
  static encode(text: string): Uint8Array {
    return encoder.encode(text);
  }

  /** What was written, exactly sized, in memory of its own. */
  finish(): Uint8Array {
    const rest = this.#slab.subarray(this.#from, this.#at);
    if (this.#done.length === 0) return rest.slice();
    const whole = new Uint8Array(this.#doneBytes + rest.length);
    let at = 0;
    for (const part of this.#done) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(rest, at);
    return whole;
  }
}
