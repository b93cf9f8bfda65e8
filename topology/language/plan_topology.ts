/**
 * The whole way from text to plan.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import { parseYaml, Report } from "./document/mod.ts";
import { checkDefinition } from "./fields/mod.ts";
import type { Plan } from "./plan.ts";
import { type Files, planDefinition, type Subjects } from "./planning/mod.ts";

export interface TopologySource {
  /** Name of the file, for diagnostics. */
  readonly file: string;
  /** YAML or JSON. */
  readonly text: string;
  /** Texts of the files it names, by the path as it is written there: from the file's folder on. */
  readonly files: Files;
  /** Schemas of the registry; absent: a definition that names a subject is refused. */
  readonly subjects?: Subjects;
}

export interface PlannedTopology {
  /** Absent when any diagnostic is an error. */
  readonly plan?: Plan;
  /** All at once, in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a definition and decides everything that can be decided before anything runs.
 *
 * Pure: what it returns depends on the text, the named files and subjects alone. Hostile text costs under a
 * second; it never throws.
 */
export function planTopology({ file, text, files, subjects }: TopologySource): PlannedTopology {
  const report = new Report(file, text);
  const root = parseYaml(text, report);
  const definition = root && checkDefinition(root, report);
  const plan = definition && planDefinition(definition, files, report, subjects);
  return {
    ...(plan !== undefined && !report.failed && { plan }),
    diagnostics: report.diagnostics,
  };
}
