/**
 * Runs the tests that stand in a definition, step by step, on the test driver.
 *
 * @module
 */

import type { ExpectedRecord, Plan, TestPlan, TestStep } from "../../topology/language/mod.ts";
import { toJson } from "../serde/mod.ts";
import { TestDriver, type WrittenRecord } from "./test_driver.ts";

export interface TestFailure {
  readonly test: string;
  /** Line of the step in the definition, from 1. */
  readonly line: number;
  readonly message: string;
}

/** Runs one test. @returns what failed; empty when all holds */
export async function runDefinitionTest(plan: Plan, test: TestPlan): Promise<TestFailure[]> {
  const driver = await TestDriver.open({ plan, partitions: test.partitions });
  try {
    for (const step of test.steps) {
      const message = await runStep(driver, plan, step);
      if (message !== undefined) return [{ test: test.name, line: step.line, message }];
    }
    return [];
  } finally {
    await driver.close();
  }
}

async function runStep(
  driver: TestDriver,
  plan: Plan,
  step: TestStep,
): Promise<string | undefined> {
  switch (step.kind) {
    case "send":
      await driver.send(step.stream, step.records);
      return undefined;
    case "wait":
      await driver.wait(step.ms);
      return undefined;
    case "restart":
      await driver.restart(step.how);
      return undefined;
    case "expect":
    case "contain":
      for (const [stream, expected] of Object.entries(step.streams)) {
        const message = compare(stream, await driver.written(stream), expected, step.kind);
        if (message !== undefined) return message;
      }
      return undefined;
    case "ledger": {
      const ledger = driver.ledger();
      for (const [name, counts] of Object.entries(step.counts)) {
        const actual = ledger[name] ?? ledger[pipelineOf(plan, name) ?? ""] ?? {};
        for (const [count, expected] of Object.entries(counts)) {
          if (actual[count] !== expected) {
            return `ledger of ${name}: expected ${count} ${expected}, got ${actual[count] ?? "none"}`;
          }
        }
      }
      return undefined;
    }
  }
}

/** A source is counted under its pipeline; tests may name the stream. */
function pipelineOf(plan: Plan, stream: string): string | undefined {
  for (const { inputs } of plan.subtopologies) {
    for (const { from, nodes } of inputs) {
      if (from.kind === "stream" && from.stream === stream) {
        return /^pipelines\.([^[]+)/.exec(nodes[0]?.path ?? "")?.[1];
      }
    }
  }
  return undefined;
}

/**
 * Records are matched in any order, partition order apart; only what is expected is compared. One
 * expectation may fit several records, so each takes over another's record if that one has a further.
 */
function compare(
  stream: string,
  written: readonly WrittenRecord[],
  expected: readonly ExpectedRecord[],
  kind: "expect" | "contain",
): string | undefined {
  /** Expectation that has the n-th written record. */
  const owners = new Map<number, ExpectedRecord>();
  const place = (wanted: ExpectedRecord, tried: Set<number>): boolean =>
    written.some((record, n) => {
      if (tried.has(n) || !matches(record, wanted)) return false;
      tried.add(n);
      const owner = owners.get(n);
      if (owner !== undefined && !place(owner, tried)) return false;
      owners.set(n, wanted);
      return true;
    });
  for (const wanted of expected) {
    if (place(wanted, new Set())) continue;
    const all = written.map((record) => show(record, wanted.headers !== undefined));
    return `${stream}: expected ${show(wanted, true)}\n  written: ${all.join("\n           ") || "nothing"}`;
  }
  const rest = written.filter((_, n) => !owners.has(n));
  if (kind === "expect" && rest.length > 0) {
    const all = rest.map((record) => show(record, false));
    return `${stream}: not expected: ${all.join("\n               ")}`;
  }
  return undefined;
}

function matches(record: WrittenRecord, wanted: ExpectedRecord): boolean {
  if ("key" in wanted && !covers(toJson(record.key), wanted.key)) return false;
  if (wanted.window !== undefined && !covers(record.window, wanted.window)) return false;
  if ("value" in wanted && !covers(toJson(record.value), wanted.value)) return false;
  return wanted.headers === undefined || covers(record.headers, wanted.headers);
}

/** Equal, except that a record may have more fields than expected. */
function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, n) => covers(actual[n], item))
    );
  }
  if (wanted !== null && typeof wanted === "object") {
    if (actual === null || typeof actual !== "object") return false;
    return Object.entries(wanted).every(
      ([name, value]) =>
        Object.hasOwn(actual, name) && covers((actual as Record<string, unknown>)[name], value),
    );
  }
  return Object.is(actual, wanted);
}

function show(record: ExpectedRecord, withHeaders: boolean): string {
  const { key, window, value, headers } = record;
  return JSON.stringify({
    ...(key === undefined ? {} : { key: toJson(key) }),
    ...(window === undefined ? {} : { window }),
    ...(value === undefined ? {} : { value: toJson(value) }),
    ...(withHeaders && headers !== undefined ? { headers } : {}),
  });
}
