/**
 * `millrace tail`: the decoded records of a stream, with window and key, as they come; or what became
 * of all records so far.
 *
 * @module
 */

import type { Plan } from "../../../topology/language/mod.ts";
import { sumLedgers } from "../../engine/mod.ts";
import { createTopicReader } from "../../kafka/mod.ts";
import { createRecordDecoder, recordsOf, toJson } from "../../serde/mod.ts";
import { type Command, type CommandContext, UsageError } from "../command.ts";
import { type External, reachExternal, registryOf } from "../external.ts";
import { followLedger } from "../follow_ledger.ts";
import { formatLedger } from "../format_ledger.ts";
import { EXTERNAL_OPTIONS, TOPOLOGY_OPTION } from "../options.ts";
import { readTopology, requirePlan } from "../topology_file.ts";
import { anyStream } from "../words.ts";

const POLL_MS = 250;

export const tail: Command = {
  name: "tail",
  summary:
    "Shows the decoded records of a stream: window, key, value. With --ledger, what became of every record.",
  arguments: "<stream> | --ledger",
  positionals: { least: 0, most: 1 },
  options: {
    ...TOPOLOGY_OPTION,
    ...EXTERNAL_OPTIONS,
    latest: { type: "boolean", help: "begin with what comes from now on" },
    ledger: {
      type: "boolean",
      help: "the application's committed counts by stage instead, each time they change",
    },
    until: { type: "string", value: "n", help: "stop after n records, or n times the ledger" },
    json: { type: "boolean", help: "one JSON object a line; of the ledger also each task's" },
  },
  async run(context) {
    const { positionals, text, credentials, flag, number, signal, print, note } = context;
    if (flag("ledger") === (positionals[0] !== undefined)) {
      throw new UsageError("tail takes a stream or --ledger");
    }
    const plan = requirePlan(
      await readTopology(text("topology")!, registryOf({ text, credentials })),
    );
    const until = number("until", 1, Number.MAX_SAFE_INTEGER);
    if (flag("ledger")) {
      const external = await reachExternal({ text, credentials, signal });
      return await tailLedger(plan, external, until, context);
    }
    const stream = anyStream(plan, positionals[0]!);
    const { schemas, ...access } = await reachExternal({ text, credentials, signal });
    const decoder = createRecordDecoder(stream, schemas);
    const reader = createTopicReader({
      ...access,
      topics: [stream.topic],
      from: flag("latest") ? "latest" : "earliest",
      onStatus: (status, cause) => {
        if (status === "reconnecting") note(`${cause?.message ?? "connection lost"}; trying again`);
      },
    });
    signal.addEventListener("abort", () => void reader.close(), { once: true });
    let shown = 0;
    while (!signal.aborted) {
      for (const { bytes, partition } of await reader.poll(POLL_MS)) {
        for (const record of recordsOf(bytes)) {
          print(await line(record, partition));
          if (++shown === until) {
            await reader.close();
            return 0;
          }
        }
      }
    }
    return 0;

    async function line(
      record: {
        offset: number;
        timestampMs: number;
        key: Uint8Array | null;
        value: Uint8Array | null;
      },
      partition: number,
    ): Promise<string> {
      const { offset, timestampMs } = record;
      let shown: Record<string, unknown>;
      try {
        const { key, window, value } = await decoder.decode(record.key, record.value);
        shown = {
          key: toJson(key),
          ...(window === undefined ? {} : { window }),
          value: toJson(value),
        };
      } catch (error) {
        shown = { error: error instanceof Error ? error.message : String(error) };
      }
      if (flag("json"))
        return JSON.stringify({ partition, offset, timestamp: timestampMs, ...shown });
      const { key, window, value, error } = shown;
      const when = Array.isArray(window)
        ? `${new Date(window[0]).toISOString()} +${window[1] - window[0]} ms`
        : new Date(timestampMs).toISOString();
      const what =
        error === undefined ? `${JSON.stringify(key)}  ${JSON.stringify(value)}` : `! ${error}`;
      return `${partition}/${offset}  ${when}  ${what}`;
    }
  },
};

async function tailLedger(
  plan: Plan,
  external: External,
  until: number | undefined,
  { signal, flag, print, note }: CommandContext,
): Promise<number> {
  const onProblem = (error: Error) => note(`${error.message}; trying again`);
  let shown = 0;
  for await (const tasks of followLedger({ plan, ...external, signal, onProblem })) {
    const ledger = sumLedgers(tasks.map((task) => task.ledger));
    const at = Date.now();
    if (flag("json")) print(JSON.stringify({ at, ledger, tasks }));
    else {
      const since = `${plan.application}, as committed at ${new Date(at).toISOString()}`;
      print(tasks.length === 0 ? `${since}: nothing yet` : since);
      if (tasks.length > 0) for (const line of formatLedger(ledger, plan)) print(`  ${line}`);
    }
    if (++shown === until) break;
  }
  return 0;
}
