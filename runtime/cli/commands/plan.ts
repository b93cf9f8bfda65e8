/**
 * `millrace plan`: what running this definition would change, before it is run.
 *
 * @module
 */

import { formatComparison, type PlanComparison } from "../../../topology/language/mod.ts";
import type { Command } from "../command.ts";
import { reachExternal, registryOf } from "../external.ts";
import { EXTERNAL_OPTIONS } from "../options.ts";
import { PlanStore } from "../plan_store.ts";
import { formatTopology, readTopology, requirePlan } from "../topology_file.ts";

const EXIT_CODES = {
  unchanged: 0,
  changes: 10,
  losing: 11,
} as const satisfies Record<PlanComparison["verdict"], number>;

export const plan: Command = {
  name: "plan",
  summary:
    "Compares a topology file with what the application last ran. Changes nothing. Exits with 0: nothing to do, 10: changes, 11: changes that lose state.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    ...EXTERNAL_OPTIONS,
    json: {
      type: "boolean",
      help: "one JSON document: { application, ranBefore, verdict, stages, topics }",
    },
  },
  async run({ positionals, text, flag, signal, print, note }) {
    const topology = await readTopology(positionals[0]!, registryOf(text));
    const wanted = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    const { brokers } = await reachExternal({ text, signal });
    const store = new PlanStore(brokers);
    try {
      const before = await store.load(wanted.application);
      const comparison = await store.compare(before, wanted);
      print(flag("json") ? JSON.stringify(comparison) : formatComparison(comparison));
      return EXIT_CODES[comparison.verdict];
    } finally {
      await store.close();
    }
  },
};
