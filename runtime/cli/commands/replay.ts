/**
 * `millrace replay`: a file of records through the whole topology, as fast as it goes.
 *
 * The production engine over a log in memory; the source ends with the file, so that everything
 * closes and is flushed, and there is no idle wait. Rows of a CSV are 100 ms apart from `--start`
 * (the tutorial's ten records a second); records of a `.jsonl` say their own time.
 *
 * @module
 */

import type { Plan } from "../../../topology/language/mod.ts";
import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { formatLedger } from "../format_ledger.ts";
import { type ReplayResult, replayFile } from "../replay.ts";
import { readTopology, requirePlan } from "../topology_file.ts";

/** 2015-11-11, midnight in China: the day of the tutorial's log. */
const DEFAULT_START = "2015-11-11T00:00:00+08:00";

export const replay: Command = {
  name: "replay",
  summary: "Runs a file of records through the whole topology and prints its results and ledger.",
  arguments: "<topology>",
  positionals: { least: 1, most: 1 },
  options: {
    file: { type: "string", value: "csv|jsonl", help: "records to replay (required)" },
    stream: { type: "string", value: "name", help: "source stream, where there are several" },
    start: {
      type: "string",
      value: "instant",
      help: "event time of the first CSV row",
      default: DEFAULT_START,
    },
    json: { type: "boolean", help: "one JSON document: { results, ledger, seconds }" },
  },
  async run({ positionals, text, flag, print, note, signal }) {
    const topology = await readTopology(positionals[0]!);
    const plan = requirePlan(topology);
    const { functions } = topology;
    const file = text("file");
    if (file === undefined) throw new UsageError("replay needs --file");
    const startMs = Date.parse(text("start")!);
    if (Number.isNaN(startMs) || startMs < 0) {
      throw new UsageError(
        `--start takes an ISO 8601 instant such as ${DEFAULT_START}, got "${text("start")}"`,
      );
    }
    const stream = text("stream");
    const result = await replayFile({ plan, functions, file, stream, startMs, note, signal });
    if (flag("json")) print(JSON.stringify(result));
    else printReplay(result, plan, print);
    return 0;
  },
};

function printReplay(
  { results, ledger, seconds }: ReplayResult,
  plan: Plan,
  print: (line: string) => void,
) {
  for (const [stream, records] of Object.entries(results)) {
    print(`${stream}: ${records.length} final results`);
    for (const { key, window, value } of records) {
      const when =
        window === undefined
          ? ""
          : `[${new Date(window[0]).toISOString()}, +${window[1] - window[0]} ms)  `;
      print(`  ${when}${JSON.stringify(key)}  ${JSON.stringify(value)}`);
    }
  }
  print("ledger:");
  for (const line of formatLedger(ledger, plan)) print(`  ${line}`);
  print(`${seconds.toFixed(2)} s`);
}
