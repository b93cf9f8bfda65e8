/**
 * Runs the tests of a definition, step by step, on the test driver.
 *
 * @module
 */

import type {
  ExpectedCount,
  Place,
  Plan,
  TestPlan,
  TestStep,
} from "../../topology/language/mod.ts";
import { type Ledger, sourceLedgerName } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { compareRecords, type Mismatch } from "./expectations.ts";
import { PreparedPlan } from "./prepared_plan.ts";
import { TestDriver } from "./test_driver.ts";

/** What does not hold in a test; a step may have several. */
export interface TestFailure extends Mismatch {
  readonly test: string;
}

/**
 * Runs one test up to the first step that does not hold: those after it build on it.
 *
 * @param prepared Of the same plan; give the same to all its tests.
 * @returns what failed, in the order of the file; empty when all holds
 */
export async function runDefinitionTest(
  plan: Plan,
  test: TestPlan,
  prepared = new PreparedPlan(plan),
): Promise<TestFailure[]> {
  const failed = (mismatches: readonly Mismatch[]): TestFailure[] =>
    mismatches.map((mismatch) => ({ test: test.name, ...mismatch }));
  const opened = await attempt(test.place, () =>
    TestDriver.open({ plan, partitions: test.partitions, prepared }),
  );
  if (!(opened instanceof TestDriver)) return failed([opened]);
  try {
    for (const step of test.steps) {
      const result = await attempt(step.place, () => runStep(opened, plan, step));
      const mismatches = Array.isArray(result) ? result : [result];
      if (mismatches.length > 0) return failed(mismatches);
    }
    return [];
  } finally {
    opened.abandon();
  }
}

/** What the engine refuses is the test's failure, at the step that brought it about. */
async function attempt<T>(place: Place, run: () => Promise<T>): Promise<T | Mismatch> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const where = Object.entries(error.where).map(([name, value]) => `${name} ${value}`);
    const at = where.length === 0 ? "" : ` (${where.join(", ")})`;
    return { place, message: `${error.code} ${error.message}${at}`, differences: [] };
  }
}

async function runStep(driver: TestDriver, plan: Plan, step: TestStep): Promise<Mismatch[]> {
  switch (step.kind) {
    case "send":
      await driver.send(step.stream, step.records);
      return [];
    case "wait":
      await driver.wait(step.ms);
      return [];
    case "restart":
      await driver.restart(step.how);
      return [];
    case "instances":
      await driver.instances(step.count, step.leaving);
      return [];
    case "expect":
    case "contain": {
      const mismatches: Mismatch[] = [];
      for (const expected of step.streams) {
        const written = await driver.written(expected.stream);
        mismatches.push(...compareRecords(expected, written, step.kind));
      }
      return mismatches;
    }
    case "ledger": {
      const ledger = driver.ledger();
      return step.counts.flatMap((count) => compareCount(count, ledger, plan) ?? []);
    }
  }
}

function compareCount(
  { of, count, expected, place }: ExpectedCount,
  ledger: Ledger,
  plan: Plan,
): Mismatch | undefined {
  const counts = ledger[of] ?? ledger[nameOf(plan, of) ?? ""] ?? {};
  const actual = counts[count];
  if (actual === expected) return undefined;
  if (actual === undefined) {
    const names = Object.keys(counts).join(", ") || "nothing";
    const message = `the ledger of ${of} does not count "${count}" but ${names}`;
    return { place, message, differences: [] };
  }
  const message = `the ledger of ${of} differs`;
  return { place, message, differences: [{ field: count, expected, actual }] };
}

/** What is counted of a stream; tests may name that, or the name in the ledger. */
function nameOf(plan: Plan, stream: string): string | undefined {
  const input = plan.subtopologies
    .flatMap(({ inputs }) => inputs)
    .find(({ from }) => from.kind === "stream" && from.stream === stream);
  return input && sourceLedgerName(plan, input);
}
