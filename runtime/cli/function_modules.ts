/**
 * Modules of functions that definitions name, imported.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ExportedValue, FunctionModules, ModuleExports } from "../../topology/language/mod.ts";
import type { Functions } from "../engine/mod.ts";
import { importFresh } from "./import_fresh.ts";

const AsyncFunction = (async () => undefined).constructor;

/** Modules named from one definition, imported when planning has asked for them. */
export class ImportedModules implements FunctionModules {
  readonly #folder: string;
  readonly #known = new Map<string, ModuleExports | undefined>();
  readonly #read = new Set<string>();
  /** Of the module that was imported last: a definition names one. */
  functions: Functions = {};

  /** @param file the definition */
  constructor(file: string) {
    this.#folder = dirname(file);
  }

  exports(path: string): ModuleExports | undefined {
    if (!this.#known.has(path)) this.#known.set(path, undefined);
    return this.#known.get(path);
  }

  /** Files that were asked for, and what they import, absolute. */
  get files(): readonly string[] {
    const named = [...this.#known.keys()].map((path) => resolve(this.#folder, path));
    return [...new Set([...named, ...this.#read])];
  }

  /** @returns true when there was something to import */
  async fetch(): Promise<boolean> {
    const missing = [...this.#known].filter(([, found]) => found === undefined);
    for (const [path] of missing) this.#known.set(path, await this.#import(path));
    return missing.length > 0;
  }

  async #import(path: string): Promise<ModuleExports> {
    const file = resolve(this.#folder, path);
    let text: string;
    try {
      if (!statSync(file).isFile()) return { missing: true };
      text = readFileSync(file, "utf8");
    } catch {
      return { missing: true };
    }
    const version = createHash("sha256").update(text).digest("hex").slice(0, 16);
    try {
      const { exports, files } = await importFresh(file);
      this.functions = exports as Functions;
      for (const read of files) this.#read.add(read);
    } catch (error) {
      return { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
    const exports = Object.entries(this.functions).map(
      ([name, value]) => [name, describe(value)] as const,
    );
    return { version, exports: new Map(exports) };
  }
}

function describe(value: unknown): ExportedValue {
  if (typeof value === "object" && value !== null) {
    const functions = Object.entries(value).filter(([, member]) => typeof member === "function");
    return {
      type: "object",
      parameters: 0,
      functions: functions.map(([name]) => name),
      ordered: "ordered" in value && value.ordered === true,
    };
  }
  if (typeof value !== "function") return { type: typeof value, parameters: 0 };
  const type = value instanceof AsyncFunction ? "async function" : "function";
  return { type, parameters: value.length };
}
