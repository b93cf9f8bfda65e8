/**
 * Which tests there are: those inside definitions, and those in files of their own beside them.
 *
 * @module
 */

import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import {
  type Diagnostic,
  type Plan,
  readTestFile,
  type TestPlan,
  type TestSource,
} from "../../topology/language/mod.ts";
import type { Functions } from "../engine/mod.ts";
import { loadTopology } from "./load_topology.ts";
import { DiagnosticsError, filesBeside, readText } from "./topology_file.ts";

/** A definition with the tests that were asked for. */
export interface TestedTopology {
  /** The definition, or a test file that names none. */
  readonly file: string;
  /** Absent when any diagnostic is an error. */
  readonly plan: Plan | undefined;
  readonly functions: Functions;
  readonly diagnostics: readonly Diagnostic[];
  /** In the order of the definition, then of its test files. */
  readonly tests: readonly TestPlan[];
  /** Texts of the definition and its test files, by the names diagnostics use. */
  readonly texts: ReadonlyMap<string, string>;
  /** Every file that was looked at, absolute. */
  readonly files: readonly string[];
}

const TEST_FILE = /\.test\.(?:ya?ml|json)$/;
/** A JSON Schema is no definition. */
const DEFINITION = /(?<!\.schema)\.(?:ya?ml|json)$/;

interface Wanted {
  readonly definition: string;
  /** Whether its own tests were asked for, not only those of a test file. */
  inline: boolean;
  readonly testFiles: TestSource[];
}

/**
 * Reads the definitions and test files that `paths` stand for: a definition with its test files, a
 * test file alone, or a folder with everything in it.
 *
 * @throws {DiagnosticsError} when one of them cannot be read
 */
export async function readTests(paths: readonly string[]): Promise<readonly TestedTopology[]> {
  const wanted = new Map<string, Wanted>();
  const broken = new Map<string, TestedTopology>();
  const known = new Map<string, ReturnType<typeof readOwn>>();
  for (const path of paths.flatMap(expand)) {
    if (TEST_FILE.test(path)) {
      addTestFile(path);
      continue;
    }
    want(path).inline = true;
    for (const beside of filesIn(dirname(path)).filter((name) => TEST_FILE.test(name))) {
      const { definition } = read(beside);
      // What is wrong with a file of this name is worth telling, whatever it meant to name.
      const meant = definition === undefined && basename(beside).startsWith(`${stemOf(path)}.`);
      if (definition === resolve(path) || meant) addTestFile(beside);
    }
  }
  const planned = await Promise.all([...wanted.values()].map(plan));
  return [...planned, ...broken.values()];

  function read(file: string): ReturnType<typeof readOwn> {
    const found = known.get(file) ?? readOwn(file);
    known.set(file, found);
    return found;
  }

  function want(definition: string): Wanted {
    const name = resolve(definition);
    let found = wanted.get(name);
    if (found === undefined) {
      found = { definition, inline: false, testFiles: [] };
      wanted.set(name, found);
    }
    return found;
  }

  function addTestFile(file: string): void {
    const { source, shown, diagnostics, files } = read(file);
    if (shown === undefined) {
      const texts = new Map([[file, source.text]]);
      const nothing = { plan: undefined, functions: {}, tests: [] };
      broken.set(resolve(file), { file, ...nothing, diagnostics, texts, files });
      return;
    }
    const { testFiles } = want(shown);
    if (!testFiles.some((other) => resolve(other.file) === resolve(file))) testFiles.push(source);
  }
}

/** A folder stands for the definitions and test files in it. */
function expand(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (error) {
    throw new DiagnosticsError(`millrace: cannot read ${path}: ${(error as Error).message}`);
  }
  return filesIn(path).filter((name) => DEFINITION.test(name));
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}

/** `orders` of `topology/orders.yaml`. */
function stemOf(definition: string): string {
  return basename(definition).replace(/\.\w+$/, "");
}

/** A test file by itself: which definition it names, and what is wrong with its form. */
function readOwn(file: string) {
  const source = { file, text: readText(file) };
  const files = [resolve(file)];
  const beside = filesBeside(file, (path) => files.push(path));
  const { definition, diagnostics } = readTestFile(source, beside);
  // As a person would write it: beside a test file given by a relative path, a relative path.
  const shown = definition === undefined ? undefined : join(dirname(file), definition);
  return { source, shown, definition: shown && resolve(shown), diagnostics, files };
}

async function plan({ definition, inline, testFiles }: Wanted): Promise<TestedTopology> {
  const text = readText(definition);
  const planned = await loadTopology({ file: definition, text, testFiles });
  const tests = (planned.plan?.tests ?? []).filter(
    ({ place }) => inline || place.file !== definition,
  );
  const texts = new Map([[definition, text], ...testFiles.map((t) => [t.file, t.text] as const)]);
  const { diagnostics, files, functions } = planned;
  return { file: definition, plan: planned.plan, functions, diagnostics, tests, texts, files };
}
