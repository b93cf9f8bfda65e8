/**
 * The whole way from text to plan.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import { parseYaml, Report } from "./document/mod.ts";
import { checkDefinition } from "./fields/mod.ts";
import type { Plan } from "./plan.ts";
import { type Files, planDefinition } from "./planning/mod.ts";

export interface TopologySource {
  /** Name of the file, for diagnostics. */
  readonly file: string;
  /** YAML or JSON. */
  readonly text: string;
  /** Texts of the files it names, by the path as it is written there: from the file's folder on. */
  readonly files: Files;
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
 * Pure: what it returns depends on the text and the named files alone. Hostile text costs under a
 * second; it never throws.
 */
export function planTopology({ file, text, files }: TopologySource): PlannedTopology {
  const report = new Report(file, text);
  const root = parseYaml(text, report);
  const definition = root && checkDefinition(root, report);
  const plan = definition && planDefinition(definition, files, report);
  return {
    ...(plan !== undefined && !report.failed && { plan }),
    diagnostics: report.diagnostics,
  };
}
