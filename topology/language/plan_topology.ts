/**
 * The whole way from text to plan.
 *
 * @module
 */

import type { Diagnostic } from "./diagnostics.ts";
import { documentFromObject, type Environment, parseYaml, Report } from "./document/mod.ts";
import { checkDefinition, checkTestFile } from "./fields/mod.ts";
import { formatFunctionTypes } from "./function_types.ts";
import type { Plan } from "./plan.ts";
import {
  type Files,
  type FunctionModules,
  type FunctionPlace,
  planDefinition,
  type Subjects,
} from "./planning/mod.ts";

/** What a definition is read from. */
export type TopologyContent =
  /** YAML or JSON. */
  | { readonly text: string }
  /** What a module exports: plain data, which is read before this returns. */
  | { readonly object: unknown };

export type TopologySource = TopologyContent & TopologySurroundings;

export interface TopologySurroundings {
  /** Name of the file, for diagnostics. */
  readonly file: string;
  /** Texts of the files it names, by the path as it is written there: from the file's folder on. */
  readonly files: Files;
  /** Schemas of the registry; absent: a definition that names a subject is refused. */
  readonly subjects?: Subjects;
  /** What the module of functions exports; absent: names of functions are taken on trust. */
  readonly functions?: FunctionModules;
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
  /** The module of functions that it names. */
  readonly functionModule?: FunctionModule;
}

export interface FunctionModule {
  /** As written: from the definition's folder. */
  readonly path: string;
  /** Functions that are used. */
  readonly names: readonly string[];
  /** Their declarations, in TypeScript. */
  readonly types: string;
}

/**
 * Reads a definition and decides everything that can be decided before anything runs.
 *
 * Pure: what it returns depends on the text, the named files, subjects and variables alone. Hostile text costs under a
 * second; it never throws.
 */
export function planTopology(source: TopologySource): PlannedTopology {
  const { file, files, subjects, functions } = source;
  const { root, report } =
    "object" in source
      ? documentFromObject(file, source.object)
      : parseText(file, source.text, source.environment);
  const definition = root && checkDefinition(root, report);
  const testFiles = (source.testFiles ?? []).map(parseTestFile);
  const places: FunctionPlace[] = [];
  const plan =
    definition && planDefinition(definition, files, report, subjects, testFiles, functions, places);
  const reports = [report, ...testFiles.map((testFile) => testFile.report)];
  return {
    ...(plan !== undefined && !reports.some(({ failed }) => failed) && { plan }),
    diagnostics: reports.flatMap(({ diagnostics }) => diagnostics),
    ...(definition?.functions !== undefined && {
      functionModule: {
        path: definition.functions,
        names: [...new Set(places.map(({ fn }) => fn))],
        types: formatFunctionTypes(file, places),
      },
    }),
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

/** It is no character of the text: columns are counted without it. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function parseText(file: string, written: string, environment?: Environment) {
  const text = withoutByteOrderMark(written);
  const report = new Report(file, text);
  return { root: parseYaml(text, report, "definition", environment), report };
}

function parseTestFile(source: TestSource) {
  const { file } = source;
  const text = withoutByteOrderMark(source.text);
  const report = new Report(file, text);
  const root = parseYaml(text, report, "tests");
  const { definition, tests = [] } = (root && checkTestFile(root, report)) ?? {};
  return { definition, tests, report };
}
