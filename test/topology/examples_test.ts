/** Every definition that ships: it checks without a word, and its own tests hold. */

import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readTopology, requirePlan } from "../../runtime/cli/topology_file.ts";
import { runDefinitionTest } from "../../runtime/testing/mod.ts";
import { EXAMPLES } from "../support/examples.ts";

const FOLDER = fileURLToPath(new URL("../../topology/", import.meta.url));

const TOPOLOGIES = await Promise.all(
  EXAMPLES.map(async (name) => [name, await readTopology(FOLDER + name)] as const),
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
