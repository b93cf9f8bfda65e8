/**
 * Definitions that are modules: their default export is the definition.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Diagnostic, moduleFault } from "../../topology/language/mod.ts";
import { importFresh } from "./import_fresh.ts";

export type DefinitionModule = {
  /** Every file that was read for it, absolute. */
  readonly files: readonly string[];
} & ({ readonly object: unknown } | { readonly fault: Diagnostic });

export function isModule(file: string): boolean {
  return /\.m?[tj]s$/.test(file);
}

/** Runs the module, with all that it imports. */
export async function readDefinitionModule(file: string): Promise<DefinitionModule> {
  try {
    const { exports, files } = await importFresh(file);
    if ("default" in exports) return { object: defaultOf(exports), files };
    const hint = "write `export default defineTopology({ … })`";
    return { fault: moduleFault(file, "the module has no default export", hint), files };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { fault: moduleFault(file, reason), files: [resolve(file)] };
  }
}

/** Where no package says `"type": "module"`, Node takes a module for CommonJS and wraps it. */
function defaultOf(exports: Readonly<Record<string, unknown>>): unknown {
  const found = exports["default"];
  const isWrapped =
    typeof found === "object" && found !== null && "__esModule" in found && "default" in found;
  return isWrapped ? found.default : found;
}
