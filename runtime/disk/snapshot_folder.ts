/**
 * The `SnapshotStore` port on files, of one application on one machine.
 *
 *     <folder>/<application>/lock                            who owns it
 *                           /<subtopology>-<partition>/snapshot        the last one
 *                                                     /snapshot.part   one that is being written
 *                                                     /snapshot.bad    one that was of no use
 *
 * @module
 */

import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotStore, StoredSnapshot } from "../engine/mod.ts";
import { FolderLock } from "./folder_lock.ts";

/** Given to the file system at a time, bytes: others get a turn between. */
const CHUNK_BYTES = 4 * 1024 * 1024;

export class SnapshotFolder implements SnapshotStore {
  readonly #path: string;
  readonly #lock: FolderLock;

  private constructor(path: string, lock: FolderLock) {
    this.#path = path;
    this.#lock = lock;
  }

  /**
   * Makes the folder, if it is not there, and takes it for this process.
   * @throws {MillraceError} STATE_LOCKED while another process has it
   * @throws what the file system says
   */
  static async open(folder: string, application: string): Promise<SnapshotFolder> {
    const path = join(folder, application);
    await mkdir(path, { recursive: true });
    return new SnapshotFolder(path, await FolderLock.take(join(path, "lock")));
  }

  async open(task: string): Promise<StoredSnapshot | undefined> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(join(this.#folderOf(task), "snapshot"), "r");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    let leftBytes = (await file.stat()).size;
    return {
      get leftBytes() {
        return leftBytes;
      },
      async fill(target) {
        for (let at = 0; at < target.length; ) {
          const wanted = Math.min(CHUNK_BYTES, target.length - at);
          const { bytesRead } = await file.read(target, at, wanted, null);
          if (bytesRead === 0) return false;
          at += bytesRead;
          leftBytes -= bytesRead;
        }
        return true;
      },
      close: () => file.close(),
    };
  }

  async write(task: string, parts: readonly Uint8Array[]): Promise<void> {
    const folder = this.#folderOf(task);
    await mkdir(folder, { recursive: true });
    const part = join(folder, "snapshot.part");
    const file = await open(part, "w");
    try {
      for (const bytes of parts) {
        for (let at = 0; at < bytes.length; ) {
          const wanted = Math.min(CHUNK_BYTES, bytes.length - at);
          at += (await file.write(bytes, at, wanted, null)).bytesWritten;
        }
      }
      // What is renamed must be on the disk before its name is.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, join(folder, "snapshot"));
  }

  /** It stays beside as `snapshot.bad`, one for each task, for whoever wants to know. */
  async discard(task: string): Promise<void> {
    const folder = this.#folderOf(task);
    try {
      await rename(join(folder, "snapshot"), join(folder, "snapshot.bad"));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  /** Gives the folder back; what is in it stays. */
  async close(): Promise<void> {
    await this.#lock.release();
  }

  /** Names of stages are letters, digits, `_` and `-`: the last `-` stands before the partition. */
  #folderOf(task: string): string {
    return join(this.#path, task.replace(/\/(\d+)$/, "-$1"));
  }
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "ENOENT";
}
