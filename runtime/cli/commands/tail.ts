/**
 * `millrace tail`: the decoded records of a stream, with window and key, as they come.
 *
 * @module
 */

import { createTopicReader } from "../../kafka/mod.ts";
import { createRecordDecoder, recordsOf, toJson } from "../../serde/mod.ts";
import type { Command } from "../command.ts";
import { reachExternal, registryOf } from "../external.ts";
import { EXTERNAL_OPTIONS, TOPOLOGY_OPTION } from "../options.ts";
import { readTopology, requirePlan } from "../topology_file.ts";
import { anyStream } from "../words.ts";

const POLL_MS = 250;

export const tail: Command = {
  name: "tail",
  summary: "Shows the decoded records of a stream: window, key, value.",
  arguments: "<stream>",
  positionals: { least: 1, most: 1 },
  options: {
    ...TOPOLOGY_OPTION,
    ...EXTERNAL_OPTIONS,
    latest: { type: "boolean", help: "begin with what comes from now on" },
    until: { type: "string", value: "n", help: "stop after n records" },
    json: { type: "boolean", help: "one JSON object a line" },
  },
  async run({ positionals, text, flag, number, signal, print, note }) {
    const plan = requirePlan(await readTopology(text("topology")!, registryOf(text)));
    const stream = anyStream(plan, positionals[0]!);
    const until = number("until", 1, Number.MAX_SAFE_INTEGER);
    const { brokers, schemas } = await reachExternal({ text, signal });
    const decoder = createRecordDecoder(stream, schemas);
    const reader = createTopicReader({
      brokers,
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
