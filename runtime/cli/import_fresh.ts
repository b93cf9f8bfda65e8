/**
 * Imports a module as it is on disk now, however often that was done before.
 *
 * @module
 */

import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface FreshModule {
  readonly exports: Readonly<Record<string, unknown>>;
  /** What was read for it, absolute, itself first. */
  readonly files: readonly string[];
}

let imports = 0;

/**
 * On Node with all that the module imports by relative paths. Deno has no way to do that: there what
 * it imports stays as it was first read.
 *
 * @throws whatever the module throws, or what is wrong with its text
 */
export async function importFresh(file: string): Promise<FreshModule> {
  const url = pathToFileURL(resolve(file)).href;
  if ("Deno" in globalThis) {
    const exports = await import(`${url}?read=${++imports}`);
    return { exports, files: [resolve(file)] };
  }
  const { tsImport } = await import("tsx/esm/api");
  const files = new Set([resolve(file)]);
  const exports = await tsImport(url, {
    parentURL: import.meta.url,
    onImport: (read) => {
      const path = fileURLToPath(read.replace(/[?#].*$/, ""));
      if (!path.includes("/node_modules/")) files.add(path);
    },
  });
  // The loader is a thread of its own. What it has told of before the module ran waits for a turn of the
  // loop; one that is under way may have looked already.
  await setImmediate();
  await setImmediate();
  return { exports, files: [...files] };
}
