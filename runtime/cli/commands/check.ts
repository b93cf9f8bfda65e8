/**
 * `millrace check`: everything that is wrong with a definition, at once.
 *
 * @module
 */

import type { FunctionModule } from "../../../topology/language/mod.ts";
import type { Command, CommandContext } from "../command.ts";
import type { CheckedFunctions } from "../function_types.ts";
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
    const { plan, functionModule } = topology;
    const functions =
      plan !== undefined && functionModule !== undefined
        ? await checkTypes(file, functionModule, note)
        : undefined;
    const diagnostics = [...topology.diagnostics, ...(functions?.diagnostics ?? [])];
    const ok = plan !== undefined && !diagnostics.some(({ severity }) => severity === "error");
    if (flag("json")) {
      print(JSON.stringify({ file, ok, diagnostics }));
      return ok ? 0 : 1;
    }
    if (diagnostics.length > 0)
      note(formatTopology({ ...topology, diagnostics }, functions?.texts));
    if (ok) {
      const stages = plan.subtopologies.map(({ name }) => name).join(", ");
      print(`${file} is fine: ${plan.application}, subtopologies ${stages}`);
    }
    return ok ? 0 : 1;
  },
};

/** The compiler is loaded when there are functions. */
async function checkTypes(
  file: string,
  module: FunctionModule,
  note: CommandContext["note"],
): Promise<CheckedFunctions | undefined> {
  const { checkFunctionTypes } = await import("../function_types.ts");
  const checked = await checkFunctionTypes(file, module);
  if (checked === undefined) {
    note(`${module.path}: types were not checked, the package typescript is not installed`);
  }
  return checked;
}

/** The code of clients is loaded when there is someone to ask: without, `check` answers sooner. */
async function registryOf(text: CommandContext["text"]): Promise<Registry | undefined> {
  if (text("registry") === undefined) return undefined;
  const external = await import("../external.ts");
  return external.registryOf(text);
}
