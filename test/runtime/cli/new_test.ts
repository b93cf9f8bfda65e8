/** `millrace new`: what it writes stands as it is, and nothing is written over. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runTests } from "../../../runtime/cli/run_tests.ts";
import { TEMPLATES } from "../../../runtime/cli/templates/mod.ts";
import { readTests } from "../../../runtime/cli/test_files.ts";
import { cli } from "./_cli.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

let folder: string;
beforeAll(() => {
  // Inside the checkout: a definition in TypeScript finds the package it belongs to.
  folder = mkdtempSync(join(ROOT, ".new-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(Object.keys(TEMPLATES))("the template %s", (template) => {
  it.each([
    ["yaml", []],
    ["ts", ["--ts"]],
  ])("in %s checks without a word, and its tests pass", async (ending, flags) => {
    const path = join(folder, ending, template, "first_try");
    const { code, stdout } = await cli("new", path, "--template", template, ...flags);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`next: millrace check ${path}`)]);
    const topologies = await readTests([`${path}.${ending}`]);
    expect(topologies.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
    expect(topologies[0]!.plan?.application).toBe("first_try");
    const report = await runTests(topologies, "", new AbortController().signal);
    expect(report).toMatchObject({ ok: true, passed: 1, failed: 0 });
  });

  it("names schemas that are beside it, and accept it", () => {
    const here = join(folder, "yaml", template);
    for (const name of readdirSync(here).filter((file) => file.endsWith(".yaml"))) {
      const text = readFileSync(join(here, name), "utf8");
      const [, schema] = /^# yaml-language-server: \$schema=\.\/(\S+)\n/.exec(text)!;
      const ajv = new Ajv({ strictTypes: false, strictRequired: false });
      const validate = ajv.compile(JSON.parse(readFileSync(join(here, schema!), "utf8")) as object);
      validate(parse(text));
      expect([name, validate.errors ?? []]).toEqual([name, []]);
    }
  });
});

describe("new", () => {
  it("writes nothing where any of its files is there", async () => {
    const path = join(folder, "again", "visits");
    expect((await cli("new", path)).code).toBe(0);
    rmSync(`${path}.yaml`);
    const before = readdirSync(join(folder, "again"));
    const { code, stderr } = await cli("new", path, "--template", "words");
    expect([code, stderr]).toEqual([1, expect.stringContaining("is there already; nothing was")]);
    expect(readdirSync(join(folder, "again"))).toEqual(before);
  });

  it.each([
    ["a name that is none", ["Visits"], "is no name"],
    ["a template that is none", ["visits", "--template", "joins"], "count, words, clean"],
  ])("refuses %s as wrong use", async (_, args, message) => {
    const { code, stderr } = await cli("new", ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
