/**
 * Reads a definition and the files it names from disk.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { formatDiagnostics, type Plan } from "../../topology/language/mod.ts";
import { type LoadedTopology, loadTopology, type Registry } from "./load_topology.ts";

export interface TopologyFile extends LoadedTopology {
  readonly file: string;
  readonly text: string;
}

/** A definition with errors: its message is what a person reads. Exit code 1. */
export class DiagnosticsError extends Error {
  override readonly name = "DiagnosticsError";
}

/**
 * @param registry Has the schemas of the subjects that the definition names.
 * @throws {DiagnosticsError} when the file itself cannot be read
 * @throws {MillraceError} REGISTRY_UNREACHABLE when a subject is named and nobody answers
 */
export async function readTopology(file: string, registry?: Registry): Promise<TopologyFile> {
  const text = readText(file);
  return { file, text, ...(await loadTopology({ file, text, registry })) };
}

/** @throws {DiagnosticsError} when it cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new DiagnosticsError(`millrace: cannot read ${file}: ${(error as Error).message}`);
  }
}

/**
 * Texts of files by their paths from another file's folder.
 * @param onRead hears of each that is asked for, absolute, whether it is there or not
 */
export function filesBeside(
  file: string,
  onRead: (path: string) => void,
): { read(path: string): string | undefined } {
  return {
    read: (path) => {
      const full = resolve(dirname(file), path);
      onRead(full);
      try {
        if (!statSync(full).isFile()) return undefined;
        return readFileSync(full, "utf8");
      } catch {
        return undefined; // the planner says which file is missing, and where it is named
      }
    },
  };
}

/** @throws {DiagnosticsError} when there are errors */
export function requirePlan(topology: TopologyFile): Plan {
  if (topology.plan === undefined) throw new DiagnosticsError(formatTopology(topology));
  return topology.plan;
}

/**
 * Diagnostics as text, with frames; colour where stdout is a terminal.
 * @param texts of other files that they are about, by name
 */
export function formatTopology(
  { file, text, diagnostics }: Pick<TopologyFile, "file" | "text" | "diagnostics">,
  texts: ReadonlyMap<string, string> = new Map(),
): string {
  return formatDiagnostics(diagnostics, (name) => (name === file ? text : texts.get(name)), {
    color: process.stderr.isTTY === true,
  });
}
