/**
 * `millrace check`: everything that is wrong with a definition, at once.
 *
 * @module
 */

import type { Command, CommandContext } from "../command.ts";
import { readTopologyWith } from "../subjects.ts";
import { formatTopology, readTopology, type TopologyFile } from "../topology_file.ts";

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
  async run({ positionals, text, credentials, flag, print, note }) {
    const file = positionals[0]!;
    const topology =
      text("registry") === undefined ? readTopology(file) : await ask(file, { text, credentials });
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
async function ask(
  file: string,
  context: Pick<CommandContext, "text" | "credentials">,
): Promise<TopologyFile> {
  const { registryOf } = await import("../external.ts");
  return await readTopologyWith(registryOf(context), file);
}
