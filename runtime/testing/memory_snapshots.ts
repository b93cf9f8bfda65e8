/**
 * The `SnapshotStore` port in memory.
 *
 * @module
 */

import type { SnapshotStore, StoredSnapshot } from "../engine/mod.ts";

export class MemorySnapshots implements SnapshotStore {
  /** By the tasks' names, for tests that look at them or change them. */
  readonly files = new Map<string, Uint8Array>();

  async open(task: string): Promise<StoredSnapshot | undefined> {
    const file = this.files.get(task);
    if (file === undefined) return undefined;
    let at = 0;
    return {
      get leftBytes() {
        return file.length - at;
      },
      async fill(target) {
        if (target.length > file.length - at) return false;
        target.set(file.subarray(at, at + target.length));
        at += target.length;
        return true;
      },
      async close() {},
    };
  }

  async write(task: string, parts: readonly Uint8Array[]): Promise<void> {
    const file = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      file.set(part, at);
      at += part.length;
    }
    this.files.set(task, file);
  }

  async discard(task: string): Promise<void> {
    this.files.delete(task);
  }
}
