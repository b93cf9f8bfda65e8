/** `millrace check`: what it prints for good and broken definitions. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli } from "./_cli.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BROKEN = `topology: broken
streams:
  user_log:
    value: { avro: ../schemas/user_log.avsc }
  out: {}
pipelines:
  boys:
    - source: user_log
    - filter: value.gendr == 'MALE'
    - sink: out
  girls:
    - source: user_log
    - fliter: value.gender == 'FEMALE'
    - sink: out
`;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-check-"));
  mkdirSync(join(folder, "topology"));
  cpSync(join(ROOT, "schemas"), join(folder, "schemas"), { recursive: true });
  file = join(folder, "topology/broken.yaml");
  writeFileSync(file, BROKEN);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("check", () => {
  it("of the shipped definition says that it is fine and exits 0", async () => {
    const { code, stdout, stderr } = await cli("check", "topology/double11.yaml");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^topology\/double11\.yaml is fine: double11\b/);
  });

  it("of a broken one prints file:line:col, the words and a caret for each mistake, and exits 1", async () => {
    const { code, stdout, stderr } = await cli("check", file);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`${file}:13:7 error`);
    expect(stderr).toMatch(/13 \| {5}- fliter: .*\n +\| {7}\^{6}$/m);
    expect(stderr).toContain('"filter"');
  });

  it("--json prints the same places as one document on stdout", async () => {
    const [broken, fine] = await Promise.all([
      cli("check", file, "--json"),
      cli("check", "topology/double11.yaml", "--json"),
    ]);
    expect([broken.code, broken.stderr]).toEqual([1, ""]);
    const { ok, diagnostics } = JSON.parse(broken.stdout);
    expect(ok).toBe(false);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ severity: "error", file, line: 13, column: 7, endColumn: 13 }),
    );
    expect([fine.code, JSON.parse(fine.stdout)]).toEqual([
      0,
      { file: "topology/double11.yaml", ok: true, diagnostics: [] },
    ]);
  });

  it("is what run says before it starts anything", async () => {
    const [checked, ran] = await Promise.all([
      cli("check", file),
      cli("run", file, "--brokers", "127.0.0.1:1"),
    ]);
    expect([ran.code, ran.stderr, ran.stdout]).toEqual([1, checked.stderr, ""]);
  });
});
