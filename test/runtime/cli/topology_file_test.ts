import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readTests } from "../../../runtime/cli/test_files.ts";
import { readTopology, requirePlan } from "../../../runtime/cli/topology_file.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "millrace-topology-"));
afterAll(() => {
  delete process.env["MILLRACE_TEST_APPLICATION"];
  rmSync(FOLDER, { recursive: true });
});

test("a definition's variables are those of the process, for running it and for its tests", async () => {
  const file = join(FOLDER, "t.yaml");
  writeFileSync(
    file,
    `topology: $\{MILLRACE_TEST_APPLICATION}
streams: { s: { value: string }, out: {} }
pipelines: { p: [{ source: s }, { sink: out }] }`,
  );
  expect((await readTopology(file)).diagnostics).toMatchObject([
    { code: "UNDEFINED_VARIABLE", line: 1 },
  ]);
  process.env["MILLRACE_TEST_APPLICATION"] = "shop_eu";
  expect(requirePlan(await readTopology(file)).application).toBe("shop_eu");
  expect((await readTests([file]))[0]!.plan?.application).toBe("shop_eu");
});
