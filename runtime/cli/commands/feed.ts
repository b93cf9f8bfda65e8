/**
 * `millrace feed`: the user log to its topic, from a file or generated.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { type Command, UsageError } from "../command.ts";
import { reachExternal, registryOf } from "../external.ts";
import { EXTERNAL_OPTIONS, TOPOLOGY_OPTION } from "../options.ts";
import { readTopology, requirePlan } from "../topology_file.ts";
import { feedUserLog, rowsOf } from "../user_log_feed.ts";
import { sourceStream } from "../words.ts";

const PROGRESS_MS = 1000;

export const feed: Command = {
  name: "feed",
  summary: "Writes the user log to its topic, now: each record is stamped when it is fed.",
  arguments: "[file.csv]",
  positionals: { least: 0, most: 1 },
  options: {
    generate: { type: "boolean", help: "generated rows instead of a file, without end" },
    rate: { type: "string", value: "n|max", help: "records a second", default: "10" },
    limit: { type: "string", value: "n", help: "stop after n records" },
    seed: { type: "string", value: "n", help: "of the generator" },
    ...TOPOLOGY_OPTION,
    stream: { type: "string", value: "name", help: "source stream, where there are several" },
    ...EXTERNAL_OPTIONS,
    json: { type: "boolean", help: "print { sent, malformed } as one JSON line" },
  },
  async run({ positionals, text, flag, number, signal, print, note }) {
    const [file] = positionals;
    const generate = flag("generate");
    if ((file === undefined) === !generate) throw new UsageError("feed takes a file or --generate");
    if (file !== undefined && !existsSync(file)) throw new UsageError(`there is no file ${file}`);
    const rate = text("rate") === "max" ? ("max" as const) : number("rate", 1, 10_000_000)!;
    const limit = number("limit", 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const stream = sourceStream(
      requirePlan(await readTopology(text("topology")!, registryOf(text))),
      text("stream"),
    );
    const external = await reachExternal({ text, signal });
    let malformed = 0;
    let notedAt = performance.now();
    const rows = rowsOf(file, generate, number("seed", 0, 2 ** 31 - 1), (line, message) => {
      malformed++;
      note(`${file}:${line} ${message}`);
    });
    const sent = await feedUserLog({
      stream,
      ...external,
      rows: take(rows, limit),
      rate,
      signal,
      onProgress(sent) {
        if (performance.now() - notedAt < PROGRESS_MS) return;
        notedAt = performance.now();
        note(`${sent} records fed`);
      },
    });
    if (flag("json")) print(JSON.stringify({ sent, malformed }));
    else print(`${sent} records fed to ${stream.topic}, ${malformed} malformed lines left out`);
    return 0;
  },
};

async function* take<T>(items: AsyncIterable<T>, limit: number): AsyncGenerator<T, void> {
  let taken = 0;
  for await (const item of items) {
    yield item;
    if (++taken >= limit) return;
  }
}
