/**
 * Reads a definition and the files it names from disk.
 *
 * @module
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Diagnostic,
  formatDiagnostics,
  type Plan,
  planTopology,
  type Subjects,
} from "../../topology/language/mod.ts";

export interface TopologyFile {
  readonly file: string;
  readonly text: string;
  readonly plan: Plan | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, absolute, the definition first. */
  readonly files: readonly string[];
}

/** A definition with errors: its message is what a person reads. Exit code 1. */
export class DiagnosticsError extends Error {
  override readonly name = "DiagnosticsError";
}

/**
 * @param subjects Schemas of a registry; without them a definition that names a subject is refused.
 * @throws {DiagnosticsError} when the file itself cannot be read
 */
export function readTopology(file: string, subjects?: Subjects): TopologyFile {
  const text = readText(file);
  const files = [resolve(file)];
  const { plan, diagnostics } = planTopology({
    file,
    text,
    environment: process.env,
    ...(subjects !== undefined && { subjects }),
    files: filesBeside(file, (path) => files.push(path)),
  });
  return { file, text, plan, diagnostics, files };
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

/** Diagnostics as text, with frames; colour where stdout is a terminal. */
export function formatTopology({ file, text, diagnostics }: TopologyFile): string {
  return formatDiagnostics(diagnostics, (name) => (name === file ? text : undefined), {
    color: process.stderr.isTTY === true,
  });
}
