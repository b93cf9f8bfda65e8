/** YAML, JSON and TypeScript are one language: each example, written in all three, has one plan. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readTopology, requirePlan } from "../../runtime/cli/topology_file.ts";
import { runDefinitionTest } from "../../runtime/testing/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import { EXAMPLES } from "../support/examples.ts";

const FOLDER = fileURLToPath(new URL("../../topology/", import.meta.url));

/** Beside the examples' folder, so that `../schemas` is where they look for it. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(FOLDER, "../.spellings-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The plan without the places of its tests, which differ as the texts do. */
function withoutPlaces(plan: Plan): unknown {
  return JSON.parse(JSON.stringify(plan, (key, value) => (key === "place" ? undefined : value)));
}

describe.each(EXAMPLES)("%s", (name) => {
  const yaml = readFileSync(FOLDER + name, "utf8");
  const data = JSON.stringify(parse(yaml), null, 2);
  const spellings = {
    json: data,
    ts: `import { defineTopology } from "millrace";\nexport default defineTopology(${data});\n`,
  };

  test.each(["json", "ts"] as const)("as .%s it becomes the same plan", async (ending) => {
    const file = join(folder, name.replace(/\.yaml$/, `.${ending}`));
    writeFileSync(file, spellings[ending]);
    const spelt = await readTopology(file);
    expect(spelt.diagnostics).toEqual([]);
    const plan = requirePlan(spelt);
    expect(withoutPlaces(plan)).toEqual(
      withoutPlaces(requirePlan(await readTopology(FOLDER + name))),
    );
    // What the plans say of the places is not needed to run them.
    for (const own of plan.tests) expect(await runDefinitionTest(plan, own)).toEqual([]);
  });
});

test("a comparison of plans would notice another window", async () => {
  const yaml = readFileSync(`${FOLDER}double11.yaml`, "utf8");
  const file = join(folder, "other.json");
  writeFileSync(file, JSON.stringify(parse(yaml.replace("tumbling: 1s", "tumbling: 2s"))));
  const other = withoutPlaces(requirePlan(await readTopology(file)));
  const plan = withoutPlaces(requirePlan(await readTopology(`${FOLDER}double11.yaml`)));
  expect(other).not.toEqual(plan);
});

test("the README's definition in TypeScript is fine as it stands", async () => {
  const readme = readFileSync(join(FOLDER, "../README.md"), "utf8");
  const [, text] = /```ts\n(import \{ defineTopology[\s\S]*?)```/.exec(readme)!;
  const file = join(folder, "readme.ts");
  writeFileSync(file, text!);
  const { plan, diagnostics } = await readTopology(file);
  expect([plan?.application, diagnostics]).toEqual(["fast_buyers", []]);
});
