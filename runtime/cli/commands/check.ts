/**
 * `millrace check`: everything that is wrong with a definition, at once.
 *
 * @module
 */

import type { Command, CommandContext } from "../command.ts";
import type { Registry } from "../load_topology.ts";
import { formatTopology, readTopology } from "../topology_file.ts";

export const check: Command = {
  name: "check",
  summary: "Says what is wrong with a topology file, and where. Starts nothing.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    registry: {
      type: "string",
      value: "URL",
      help: "schema registry, for a definition that names subjects",
    },
    json: { type: "boolean", help: "one JSON document: { file, ok, diagnostics }" },
  },
  async run({ positionals, text, flag, print, note }) {
    const file = positionals[0]!;
    const topology = await readTopology(file, await registryOf(text));
    const { plan, diagnostics } = topology;
    const ok = plan !== undefined;
    if (flag("json")) {
      print(JSON.stringify({ file, ok, diagnostics }));
      return ok ? 0 : 1;
    }
    if (diagnostics.length > 0) note(formatTopology(topology));
    if (plan !== undefined) {
      const stages = plan.subtopologies.map(({ name }) => name).join(", ");
      print(`${file} is fine: ${plan.application}, subtopologies ${stages}`);
    }
    return ok ? 0 : 1;
  },
};

/** The code of clients is loaded when there is someone to ask: without, `check` answers sooner. */
async function registryOf(text: CommandContext["text"]): Promise<Registry | undefined> {
  if (text("registry") === undefined) return undefined;
  const external = await import("../external.ts");
  return external.registryOf(text);
}
