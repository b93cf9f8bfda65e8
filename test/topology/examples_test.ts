/** Every definition that ships: it checks without a word, and its own tests hold. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readTopology, requirePlan } from "../../runtime/cli/topology_file.ts";
import { runDefinitionTest } from "../../runtime/testing/mod.ts";

const FOLDER = fileURLToPath(new URL("../../topology/", import.meta.url));
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

test("there are several", () => {
  expect(NAMES).toContain("double11.yaml");
  expect(NAMES.length).toBeGreaterThanOrEqual(4);
});

const TOPOLOGIES = await Promise.all(
  NAMES.map(async (name) => [name, await readTopology(FOLDER + name)] as const),
);

describe.each(TOPOLOGIES)("%s", (_name, topology) => {
  test("has nothing wrong with it, and tests of its own", () => {
    expect(topology.diagnostics).toEqual([]);
    expect(requirePlan(topology).tests.length).toBeGreaterThan(0);
  });

  test.each((topology.plan?.tests ?? []).map((own) => [own.name, own] as const))(
    "%s",
    async (_, own) => {
      expect(await runDefinitionTest(requirePlan(topology), own)).toEqual([]);
    },
  );
});
