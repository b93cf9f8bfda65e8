/**
 * From a definition on disk to a plan, with what the definition names elsewhere: files beside it and
 * schemas of a registry. Planning asks nobody, so what it has named is fetched, and it is planned again.
 *
 * @module
 */

import { resolve } from "node:path";
import {
  type Diagnostic,
  type PlannedTopology,
  planTopology,
  type Subjects,
  type TestSource,
  type TopologyContent,
} from "../../topology/language/mod.ts";
import type { Functions } from "../engine/mod.ts";
import type { RegistryClient } from "../registry/mod.ts";
import { isModule, readDefinitionModule } from "./definition_module.ts";
import { ImportedModules } from "./function_modules.ts";
import { filesBeside } from "./topology_file.ts";

export type Registry = Pick<RegistryClient, "schemaText">;

export interface TopologySources {
  readonly file: string;
  /** YAML or JSON; a module is imported instead. */
  readonly text: string;
  readonly testFiles?: readonly TestSource[];
  /** Without it a definition that names a subject is refused. */
  readonly registry?: Registry | undefined;
}

export interface LoadedTopology extends PlannedTopology {
  /** Every file that was looked at, absolute, the definition first. */
  readonly files: readonly string[];
  /** What the module of functions exports that it names. */
  readonly functions: Functions;
}

/** What is missing may hide more that is; each round finds at least one, or is the last. */
const MAX_ROUNDS = 20;

/** @throws {MillraceError} REGISTRY_UNREACHABLE when a subject is named and nobody answers */
export async function loadTopology({
  file,
  text,
  testFiles = [],
  registry,
}: TopologySources): Promise<LoadedTopology> {
  const subjects = registry && new FetchedSubjects(registry);
  const module = isModule(file) ? await readDefinitionModule(file) : undefined;
  if (module !== undefined && "fault" in module)
    return failed(module.fault, module.files, testFiles);
  const content: TopologyContent = module === undefined ? { text } : { object: module.object };
  const modules = new ImportedModules(file);
  for (let round = 0; ; round++) {
    const read = module?.files ?? [resolve(file)];
    const files = new Set([...read, ...testFiles.map((test) => resolve(test.file))]);
    const planned = planTopology({
      ...content,
      file,
      testFiles,
      files: filesBeside(file, (path) => files.add(path)),
      functions: modules,
      environment: process.env,
      ...(subjects !== undefined && { subjects }),
    });
    const fetched = [await subjects?.fetch(), await modules.fetch()];
    if (round < MAX_ROUNDS && fetched.includes(true)) continue;
    return { ...planned, files: [...files, ...modules.files], functions: modules.functions };
  }
}

/** A module that could not be run: it is watched all the same, until it can. */
function failed(
  fault: Diagnostic,
  files: readonly string[],
  testFiles: readonly TestSource[],
): LoadedTopology {
  const tests = testFiles.map(({ file }) => resolve(file));
  return { diagnostics: [fault], files: [...files, ...tests], functions: {} };
}

class FetchedSubjects implements Subjects {
  readonly #registry: Registry;
  readonly #texts = new Map<string, string | undefined>();
  /** Asked for and not fetched yet. */
  readonly #named = new Map<string, readonly [subject: string, version: number | "latest"]>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  read(subject: string, version: number | "latest"): string | undefined {
    const name = `${version}/${subject}`;
    if (!this.#texts.has(name)) this.#named.set(name, [subject, version]);
    return this.#texts.get(name);
  }

  /** @returns true when there was something to fetch */
  async fetch(): Promise<boolean> {
    const named = [...this.#named];
    this.#named.clear();
    for (const [name, [subject, version]] of named) {
      this.#texts.set(name, await this.#registry.schemaText(subject, version));
    }
    return named.length > 0;
  }
}
