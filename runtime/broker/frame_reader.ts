/** A stream that is not made of frames. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

const SIZE_BYTES = 4;

/**
 * Cuts a stream into frames: a size, int32, then so many bytes. Memory is taken as bytes arrive, never
 * because a size was announced.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  /** Of the frame being read; -1: its size is not known yet. */
  #frameBytes = -1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /**
   * The next whole frame without its size: a view of what was pushed, or a copy.
   *
   * @throws {FrameError} when a size is negative or over the limit
   */
  next(): Uint8Array | undefined {
    if (this.#frameBytes < 0) {
      if (this.#bufferedBytes < SIZE_BYTES) return undefined;
      const size = this.#take(SIZE_BYTES);
      this.#frameBytes = (size[0]! << 24) | (size[1]! << 16) | (size[2]! << 8) | size[3]!;
      if (this.#frameBytes < 0 || this.#frameBytes > this.#maxBytes) {
        throw new FrameError(`A request of ${this.#frameBytes} bytes, limit ${this.#maxBytes}`);
      }
    }
    if (this.#bufferedBytes < this.#frameBytes) return undefined;
    const frame = this.#take(this.#frameBytes);
    this.#frameBytes = -1;
    return frame;
  }

  #take(count: number): Uint8Array {
    this.#bufferedBytes -= count;
    const first = this.#chunks[0];
    if (first !== undefined && first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first !== undefined && first.length === count) {
      this.#chunks.shift();
      return first;
    }
    const taken = new Uint8Array(count);
    let at = 0;
    let used = 0;
    while (at < count) {
      const chunk = this.#chunks[used]!;
      const part = chunk.length <= count - at ? chunk : chunk.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      if (part.length < chunk.length) this.#chunks[used] = chunk.subarray(part.length);
      else used++;
    }
    this.#chunks.splice(0, used);
    return taken;
  }
}
