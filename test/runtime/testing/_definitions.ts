import { readFileSync } from "node:fs";
import { runDefinitionTest, type TestFailure } from "../../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";

const root = new URL("../../../", import.meta.url);
export const DOUBLE11 = readFileSync(new URL("topology/double11.yaml", root), "utf8");
const SCHEMA = readFileSync(new URL("schemas/user_log.avsc", root), "utf8");

export const FILE = "topology/double11.yaml";

export function planned(text: string): Plan {
  const { plan, diagnostics } = planTopology({ file: FILE, text, files: { read: () => SCHEMA } });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

/** What the only test of a definition says. */
export async function failuresOf(text: string): Promise<TestFailure[]> {
  const plan = planned(text);
  if (plan.tests.length !== 1) throw new Error(`It has ${plan.tests.length} tests`);
  return runDefinitionTest(plan, plan.tests[0]!);
}

/** A definition that measures words, with one test of these steps. */
export function measuring(steps: string, test = "name: one"): string {
  return `topology: t
streams: { s: { key: string, value: string }, out: {} }
pipelines: { p: [{ source: s }, { map: { value: { text: value, n: size(value) } } }, { sink: out }] }
tests:
  - ${test}
    steps:
${steps.replaceAll(/^/gm, "      ")}
`;
}

/** Where a text first stands in a file. */
export function placeOf(text: string, part: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(part)).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
