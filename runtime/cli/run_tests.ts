/**
 * Runs the tests of definitions and counts what holds.
 *
 * @module
 */

import type { Diagnostic, Place } from "../../topology/language/mod.ts";
import { PreparedPlan, runDefinitionTest, type TestFailure } from "../testing/mod.ts";
import type { TestedTopology } from "./test_files.ts";

/** What `test --json` prints. */
export interface TestReport {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  /** Running the tests; reading and planning is before. */
  readonly seconds: number;
  readonly topologies: readonly TopologyReport[];
}

export interface TopologyReport {
  /** The definition, or a test file that names none. */
  readonly file: string;
  /** Errors, for which none of its tests has run. */
  readonly errors: readonly Diagnostic[];
  readonly tests: readonly {
    readonly name: string;
    readonly place: Place;
    readonly ok: boolean;
    readonly failures: readonly Omit<TestFailure, "test">[];
  }[];
}

/**
 * @param filter Only tests whose name contains it. @default all
 * @param signal Ends the run before the next test.
 */
export async function runTests(
  topologies: readonly TestedTopology[],
  filter: string,
  signal: AbortSignal,
): Promise<TestReport> {
  const start = performance.now();
  const reports: TopologyReport[] = [];
  for (const topology of topologies) reports.push(await runTopology(topology, filter, signal));
  const tests = reports.flatMap((report) => report.tests);
  const failed = tests.filter(({ ok }) => !ok).length;
  return {
    ok: failed === 0 && reports.every(({ errors }) => errors.length === 0),
    passed: tests.length - failed,
    failed,
    seconds: (performance.now() - start) / 1000,
    topologies: reports,
  };
}

async function runTopology(
  { file, plan, functions, diagnostics, tests: all }: TestedTopology,
  filter: string,
  signal: AbortSignal,
): Promise<TopologyReport> {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const tests: TopologyReport["tests"][number][] = [];
  if (plan !== undefined) {
    const prepared = new PreparedPlan(plan, functions);
    for (const test of all) {
      if (!test.name.includes(filter)) continue;
      signal.throwIfAborted();
      const { name, place } = test;
      const found = await runDefinitionTest(plan, test, prepared);
      const failures = found.map(({ test: _, ...failure }) => failure);
      tests.push({ name, place, ok: failures.length === 0, failures });
    }
  }
  return { file, errors, tests };
}
