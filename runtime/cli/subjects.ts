/**
 * Definitions that name subjects of a registry: planning asks nobody, so what a definition names is
 * fetched first.
 *
 * @module
 */

import type { Subjects } from "../../topology/language/mod.ts";
import type { RegistryClient } from "../registry/mod.ts";
import { readTopology, type TopologyFile } from "./topology_file.ts";

type Registry = Pick<RegistryClient, "schemaText">;

/** A schema that is missing may hide others; each round finds at least one, or is the last. */
const MAX_ROUNDS = 20;

/**
 * Reads a definition, and the schemas of the subjects that it names as the registry has them now.
 *
 * @throws {DiagnosticsError} when the file itself cannot be read
 * @throws {MillraceError} REGISTRY_UNREACHABLE when a subject is named and nobody answers
 */
export async function readTopologyWith(registry: Registry, file: string): Promise<TopologyFile> {
  const fetched = new FetchedSubjects(registry);
  let topology = readTopology(file, fetched);
  for (let round = 0; round < MAX_ROUNDS && (await fetched.fetch()); round++) {
    topology = readTopology(file, fetched);
  }
  return topology;
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
