/**
 * Notices when files change, however an editor saves them: in place, or by renaming over them.
 *
 * @module
 */

import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

export interface FileWatcher {
  /** Watches exactly these from now on. */
  watch(files: readonly string[]): void;
  close(): void;
}

/** Editors write more than once for one save. */
const SETTLE_MS = 80;
/** The clock that file systems stamp by moves once in so long, at most. */
const TICK_MS = 10;

/**
 * Watches folders, not files: a rename replaces the file that a watch would hold on to.
 * @param onChange runs once after each burst of changes, never twice at a time; what is watched from
 *   then on was read by it
 * @param sinceMs wall clock before the files were read, ms: what has changed since then counts at once
 */
export function watchFiles(
  files: readonly string[],
  onChange: () => Promise<void>,
  sinceMs: number,
): FileWatcher {
  let watchers: FSWatcher[] = [];
  let watched = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> = Promise.resolve();
  let closed = false;
  let readSinceMs = sinceMs;

  function changed(): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => {
        if (closed) return undefined;
        readSinceMs = Date.now();
        return onChange();
      });
    }, SETTLE_MS);
  }

  function start(list: readonly string[]): void {
    const folders = new Map<string, Set<string>>();
    for (const file of list) {
      const folder = dirname(file);
      const names = folders.get(folder) ?? new Set();
      folders.set(folder, names.add(basename(file)));
    }
    const key = JSON.stringify([...folders].map(([folder, names]) => [folder, [...names]]));
    if (key === watched) return;
    watched = key;
    for (const watcher of watchers) watcher.close();
    watchers = [...folders].map(([folder, names]) =>
      watch(folder, (_event, name) => {
        if (name === null || names.has(name)) changed();
      }),
    );
    if (list.some((file) => changedSince(file, readSinceMs))) changed();
  }

  start(files);
  return {
    watch: start,
    close() {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function changedSince(file: string, sinceMs: number): boolean {
  try {
    return statSync(file).mtimeMs >= sinceMs - TICK_MS;
  } catch {
    return false;
  }
}
