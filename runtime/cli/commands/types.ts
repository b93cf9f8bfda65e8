/**
 * `millrace types`: the types of the functions that a definition uses.
 *
 * @module
 */

import { type Command, UsageError } from "../command.ts";
import { typesFile, writeFunctionTypes } from "../function_types.ts";
import { formatTopology, readTopology } from "../topology_file.ts";

export const types: Command = {
  name: "types",
  summary: "Writes the types of the functions that a topology file uses, beside it.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    print: { type: "boolean", help: "print them instead" },
  },
  async run({ positionals, flag, print, note }) {
    const file = positionals[0]!;
    const topology = await readTopology(file);
    const { diagnostics, functionModule } = topology;
    // What is wrong with a function is what the types are needed for.
    if (diagnostics.length > 0) note(formatTopology(topology));
    if (functionModule === undefined) {
      throw new UsageError(`${file} names no module of functions: functions: ./functions.ts`);
    }
    if (flag("print")) {
      print(functionModule.types.trimEnd());
    } else {
      writeFunctionTypes(file, functionModule);
      print(`${typesFile(file)}: ${functionModule.names.join(", ") || "no function is used"}`);
    }
    return 0;
  },
};
