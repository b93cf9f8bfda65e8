/**
 * `millrace schema`: what may stand in a definition, for editors and for people.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { formatReference, jsonSchema } from "../../../topology/language/mod.ts";
import { type Command, UsageError } from "../command.ts";
import { DiagnosticsError } from "../topology_file.ts";

export const schema: Command = {
  name: "schema",
  summary: "Prints the JSON Schema of definitions: editors complete and check with it.",
  arguments: "",
  positionals: { least: 0, most: 0 },
  options: {
    tests: { type: "boolean", help: "that of test files" },
    reference: { type: "boolean", help: "the same as tables for people, in Markdown" },
    out: { type: "string", value: "file", help: "write it there" },
  },
  async run({ text, flag, print, note }) {
    if (flag("tests") && flag("reference")) {
      throw new UsageError("--reference has the test files in it: leave --tests out");
    }
    const content = flag("reference")
      ? formatReference()
      : `${JSON.stringify(jsonSchema(flag("tests") ? "TestFile" : "Topology"), null, 2)}\n`;
    const out = text("out");
    if (out === undefined) {
      print(content.trimEnd());
      return 0;
    }
    try {
      writeFileSync(out, content);
    } catch (error) {
      throw new DiagnosticsError(`millrace: cannot write ${out}: ${(error as Error).message}`);
    }
    note(`wrote ${out}`);
    return 0;
  },
};
