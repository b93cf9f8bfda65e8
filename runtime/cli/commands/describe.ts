/**
 * `millrace describe`: what a definition becomes, as text or as a diagram.
 *
 * @module
 */

import {
  DESCRIPTION_FORMATS,
  type DescriptionFormat,
  describePlan,
} from "../../../topology/language/mod.ts";
import { type Command, UsageError } from "../command.ts";
import { formatTopology, readTopology, requirePlan } from "../topology_file.ts";

export const describe: Command = {
  name: "describe",
  summary: "Shows what a topology file becomes: subtopologies, processors, stores, topics.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    format: {
      type: "string",
      value: DESCRIPTION_FORMATS.join("|"),
      help: "text reads as Kafka Streams' own",
      default: "text",
    },
    json: { type: "boolean", help: "the same as --format json" },
  },
  async run({ positionals, text, flag, print, note }) {
    const format = flag("json") ? "json" : text("format")!;
    if (!isFormat(format)) {
      const formats = DESCRIPTION_FORMATS.join(", ");
      throw new UsageError(`--format takes one of ${formats}, got "${format}"`);
    }
    const topology = await readTopology(positionals[0]!);
    const plan = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    print(describePlan(plan, format).trimEnd());
    return 0;
  },
};

function isFormat(text: string): text is DescriptionFormat {
  return (DESCRIPTION_FORMATS as readonly string[]).includes(text);
}
