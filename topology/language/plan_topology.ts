/**
 * The whole way from text to plan.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import { type Environment, parseYaml, Report } from "./document/mod.ts";
import { checkDefinition, checkTestFile } from "./fields/mod.ts";
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
  /** What `${NAME}` in it stands for. @default nothing is set */
  readonly environment?: Environment;
  /** Files of tests for this definition. @default none */
  readonly testFiles?: readonly TestSource[];
}

/** A `<name>.test.yaml`. */
export interface TestSource {
  /** Name of the file, for diagnostics and places. */
  readonly file: string;
  /** YAML or JSON. */
  readonly text: string;
}

export interface PlannedTopology {
  /** Absent when any diagnostic is an error. */
  readonly plan?: Plan;
  /** All at once, file by file, each in the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a definition and decides everything that can be decided before anything runs.
 *
 * Pure: what it returns depends on the text, the named files, subjects and variables alone. Hostile text costs under a
 * second; it never throws.
 */
export function planTopology(source: TopologySource): PlannedTopology {
  const { file, text, files, subjects } = source;
  const report = new Report(file, text);
  const root = parseYaml(text, report, "definition", source.environment);
  const definition = root && checkDefinition(root, report);
  const testFiles = (source.testFiles ?? []).map(parseTestFile);
  const plan = definition && planDefinition(definition, files, report, subjects, testFiles);
  const reports = [report, ...testFiles.map((testFile) => testFile.report)];
  return {
    ...(plan !== undefined && !reports.some(({ failed }) => failed) && { plan }),
    diagnostics: reports.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * What a test file can say without its definition: which one it is about, and what is wrong with its
 * form. Pure, and as safe as {@link planTopology}.
 *
 * @param files By their paths from the test file's folder: for the definition it names.
 */
export function readTestFile(
  source: TestSource,
  files: Files,
): {
  /** As it is written; absent where it is missing or wrong, which is reported. */
  readonly definition?: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { definition, report } = parseTestFile(source);
  const found = definition !== undefined && files.read(definition) !== undefined;
  if (definition !== undefined && !found) {
    report.error("MISSING_FILE", ["definition"], `there is no file "${definition}"`);
  }
  return { ...(found && { definition }), diagnostics: report.diagnostics };
}

function parseTestFile({ file, text }: TestSource) {
  const report = new Report(file, text);
  const root = parseYaml(text, report, "tests");
  const { definition, tests = [] } = (root && checkTestFile(root, report)) ?? {};
  return { definition, tests, report };
}
