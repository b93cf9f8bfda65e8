/**
 * How many small inline tests run in a second, one after the other in one process.
 *
 *     node --import tsx test/bench/definition_tests.ts [seconds]
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { PreparedPlan, runDefinitionTest } from "../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../topology/language/mod.ts";

const SECONDS = Number(process.argv[2] ?? 3);
const ROOT = new URL("../../", import.meta.url);

const STATELESS = `topology: lengths
streams: { words: { key: string, value: string }, out: {} }
pipelines:
  p: [{ source: words }, { map: { value: { text: value, length: size(value) } } }, { sink: out }]
tests:
  - name: a word has a length
    steps:
      - send: words
        records: [{ at: 0s, key: a, value: one }, { at: 1s, key: b, value: three }]
      - expect: { out: [{ key: a, value: { length: 3 } }, { key: b, value: { length: 5 } }] }
`;

const CASES = {
  "map, 2 records": STATELESS,
  "double11: repartition, window, 5 records, wait 3s": readFileSync(
    new URL("topology/double11.yaml", ROOT),
    "utf8",
  ),
};

for (const [name, text] of Object.entries(CASES)) {
  const plan = planned(text);
  await measure(plan, 0.5);
  const { cases, seconds, cpuSeconds } = await measure(plan, SECONDS);
  const wall = `${Math.round(cases / seconds)} tests/s`;
  const cpu = `${Math.round(cases / cpuSeconds)} a second of CPU time`;
  console.log(`${name.padEnd(52)} ${wall}, ${cpu}`);
}

async function measure(plan: Plan, atLeastS: number) {
  const prepared = new PreparedPlan(plan);
  const start = performance.now();
  const cpu = process.cpuUsage();
  for (let cases = 1; ; cases++) {
    const failures = await runDefinitionTest(plan, plan.tests[0]!, prepared);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    const seconds = (performance.now() - start) / 1000;
    if (seconds < atLeastS) continue;
    const { user, system } = process.cpuUsage(cpu);
    return { cases, seconds, cpuSeconds: (user + system) / 1e6 };
  }
}

function planned(text: string): Plan {
  const { plan, diagnostics } = planTopology({
    file: "topology/bench.yaml",
    text,
    files: { read: (path) => readFileSync(new URL(path, new URL("topology/", ROOT)), "utf8") },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
  return plan;
}
