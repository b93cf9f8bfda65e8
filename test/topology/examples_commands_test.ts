/** Every definition that ships goes through the commands that a reader would try on it. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { takesUserLog } from "../../runtime/cli/record_file.ts";
import { readTopology, requirePlan } from "../../runtime/cli/topology_file.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { cli } from "../runtime/cli/_cli.ts";
import { EXAMPLES } from "../support/examples.ts";

const FOLDER = fileURLToPath(new URL("../../topology/", import.meta.url));
const SAMPLE = fileURLToPath(new URL("../../data/user_log_sample.csv", import.meta.url));
const SCRATCH = mkdtempSync(join(tmpdir(), "millrace-examples-"));

afterAll(() => {
  rmSync(SCRATCH, { recursive: true, force: true });
});

/** The sample of the user log where the source takes it, else what its own tests send. */
function recordsFor(plan: Plan, name: string): { file: string; stream: string; records?: number } {
  const sources = plan.subtopologies.flatMap(({ inputs }) =>
    inputs.flatMap(({ from }) => (from.kind === "stream" ? [from.stream] : [])),
  );
  const [stream] = sources as [string];
  if (takesUserLog(plan.streams[stream]!)) return { file: SAMPLE, stream };
  const lines = plan.tests
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === "send" && step.stream === stream ? step.records : []))
    .map(({ atMs, key, value }) => JSON.stringify({ at: atMs ?? 0, key, value }));
  const file = join(SCRATCH, `${name}.jsonl`);
  writeFileSync(file, lines.join("\n"));
  return { file, stream, records: lines.length };
}

describe.each(EXAMPLES)("%s", { timeout: 60_000 }, (name) => {
  const file = FOLDER + name;

  test("is fine for check, without a warning", async () => {
    expect(await cli("check", file)).toMatchObject({ code: 0, stderr: "" });
  });

  test("is described, with every one of its stages", async () => {
    const plan = requirePlan(await readTopology(file));
    const { code, stdout } = await cli("describe", file);
    expect(code).toBe(0);
    for (const { inputs, stores } of plan.subtopologies) {
      const tables = inputs.flatMap(({ from }) => (from.kind === "stream" ? [from.rows] : []));
      for (const { stage } of stores) {
        const name = tables.includes(stage) ? `${stage}-rows` : stage;
        expect(stdout).toContain(`Processor: ${name} `);
      }
    }
  });

  test("passes its own tests", async () => {
    const { code, stdout } = await cli("test", file);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/[1-9]\d* passed, 0 failed/)]);
  });

  test("takes a file of records, every one of them", async () => {
    const plan = requirePlan(await readTopology(file));
    const { file: records, stream, records: count } = recordsFor(plan, name);
    const { code, stdout } = await cli(
      ...["replay", file, "--file", records, "--stream", stream, "--json"],
    );
    expect(code).toBe(0);
    const { results, ledger } = JSON.parse(stdout);
    const read = Object.values<Record<string, number>>(ledger).reduce(
      (sum, counts) => sum + (counts["read"] ?? 0),
      0,
    );
    expect(read).toBeGreaterThanOrEqual(count ?? 5000);
    expect(Object.values<unknown[]>(results).flat().length).toBeGreaterThan(0);
  });
});
