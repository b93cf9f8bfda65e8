/** Definitions in TypeScript on the command line: as files of their own, and while they are edited. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, startCli } from "./_cli.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

let folder: string;
beforeAll(() => {
  // Inside the checkout: a definition finds the package it belongs to.
  folder = mkdtempSync(join(ROOT, ".modules-"));
  cpSync(join(ROOT, "schemas"), join(folder, "schemas"), { recursive: true });
  mkdirSync(join(folder, "topology"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, "topology", name);
  writeFileSync(file, text);
  return file;
}

function definition(filter: string, expected = 1): string {
  return `import { defineTopology } from "millrace";

export default defineTopology({
  topology: "modules",
  streams: { user_log: { value: { avro: "../schemas/user_log.avsc" } }, out: {} },
  pipelines: { boys: [{ source: "user_log" }, { filter: ${filter} }, { sink: "out" }] },
  tests: [
    {
      name: "one boy",
      steps: [
        { send: "user_log", records: [{ value: { user_id: 1, gender: "MALE" } }] },
        { expect: { out: Array.from({ length: ${expected} }, () => ({ value: { user_id: 1 } })) } },
      ],
    },
  ],
});
`;
}

describe("a definition in TypeScript", () => {
  it("is checked, and its tests run", async () => {
    const file = write("fine.ts", definition(`"value.gender == 'MALE'"`));
    expect(await cli("check", file)).toMatchObject({ code: 0, stderr: "" });
    expect((await cli("test", file)).stdout).toContain(`${file}: 1 passed, 0 failed`);
  });

  it("has diagnostics at paths, with the expression and its columns", async () => {
    const file = write("broken.ts", definition(`"value.gendr == 'MALE'"`));
    const { code, stderr } = await cli("check", file);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${file}: pipelines.boys[1].filter error UNKNOWN_FIELD  user_log has no field "gendr"; did you mean "gender"?
      | filter: value.gendr == 'MALE'
      |               ^^^^^
`,
    );
  });

  it("names the step of a test that fails by its path", async () => {
    const file = write("failing.ts", definition(`"value.gender == 'MALE'"`, 2));
    const { code, stdout } = await cli("test", file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/failing\.ts: tests\[0\]\.steps\[1\]\.expect\.out.* FAILED one boy/);
  });

  it.each([
    ["does not parse", "export default {\n  a: 1 2\n};\n", /BAD_MODULE/],
    ["throws", 'throw new Error("no luck today");\n', /BAD_MODULE.*no luck today/],
    ["has no default export", "export const topology = {};\n", /BAD_MODULE.*no default export/],
    ["exports a function", "export default () => ({});\n", /NOT_DATA/],
  ])("that %s is an error of the user, told by its code", async (_, text, message) => {
    const { code, stderr } = await cli("check", write("wrong.ts", text));
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
  });

  it("that is no file says so", async () => {
    const { code, stderr } = await cli("check", join(folder, "nowhere.ts"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("cannot read")]);
  });

  it("is read again after a save, on Node with what it imports", async () => {
    const shared = write("shared.ts", "export const boys = \"value.gender == 'MALE'\";\n");
    const importing = (filter: string) =>
      `import { boys } from "./shared.ts";\n${definition(filter)}`;
    const file = write("watched.ts", importing("boys"));
    const watching = startCli(["test", file, "--watch"]);
    const runs = (n: number) => new RegExp(`(?:passed, [\\s\\S]*?failed in [\\s\\S]*?){${n}}`);
    expect(await watching.printed(runs(1))).toContain(`${file}: 1 passed, 0 failed`);
    write("watched.ts", importing("\"value.gender == 'FEMALE'\""));
    expect(await watching.printed(runs(2))).toContain(`${file}: 0 passed, 1 failed`);
    write("watched.ts", importing("boys"));
    expect(await watching.printed(runs(3))).toMatch(/1 passed[\s\S]*0 passed[\s\S]*1 passed/);
    if (!("Deno" in globalThis)) {
      writeFileSync(shared, "export const boys = \"value.gender == 'UNKNOWN'\";\n");
      expect(await watching.printed(runs(4))).toMatch(/1 failed[\s\S]*1 failed/);
    }
    watching.signal("SIGINT");
    expect((await watching.outcome).code).toBe(0);
  });
});
