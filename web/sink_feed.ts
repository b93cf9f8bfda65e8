/**
 * Feeds the dashboard: follows the sink topics from their earliest record, decodes, pushes. All state
 * is the topics' own, so a server that was killed and started again shows the same numbers.
 *
 * @module
 */

import { MillraceError } from "../runtime/fault/mod.ts";
import { createTopicReader } from "../runtime/kafka/mod.ts";
import { createRecordDecoder, type RecordDecoder, recordsOf } from "../runtime/serde/mod.ts";
import type { Plan } from "../topology/language/mod.ts";
import type { Dashboard } from "./server.ts";

export interface SinkFeedOptions {
  readonly plan: Plan;
  readonly brokers: readonly string[];
  readonly schemas: Parameters<typeof createRecordDecoder>[1];
  readonly dashboard: Dashboard;
  /** A record that cannot be shown; the feed goes on. */
  readonly onProblem?: (error: unknown) => void;
}

export interface SinkFeed {
  close(): Promise<void>;
}

/** How long one poll waits for records, ms. */
const POLL_MS = 250;
/** Between two attempts to look up a schema while the registry is away, ms. */
const REGISTRY_RETRY_MS = 500;

/** Starts to follow the streams that charts and counters read. The caller closes it. */
export function startSinkFeed(options: SinkFeedOptions): SinkFeed {
  const { plan, dashboard } = options;
  const { charts, counters } = plan.dashboard;
  const streams = new Set([...charts, ...counters].map(({ stream }) => stream));
  const decoders = new Map<string, { stream: string; decoder: RecordDecoder }>();
  for (const name of streams) {
    const stream = plan.streams[name]!;
    decoders.set(stream.topic, {
      stream: name,
      decoder: createRecordDecoder(stream, options.schemas),
    });
  }
  let connected = false;
  const reader = createTopicReader({
    brokers: options.brokers,
    topics: [...decoders.keys()],
    onStatus: (status) => {
      connected = status === "connected";
      if (status === "reconnecting") dashboard.setStatus({ feed: "down" });
    },
  });
  let closing = false;
  let epoch = "";

  /** Other topics under the same names are another history: pages start over. */
  function noteEpoch(): void {
    const incarnations = [...decoders.keys()].map((topic) => reader.incarnations.get(topic) ?? "");
    const now = [reader.clusterId ?? "", ...incarnations].join("/");
    if (now === epoch) return;
    epoch = now;
    dashboard.setDashboard(plan.dashboard, epoch);
  }

  async function follow(): Promise<void> {
    while (!closing) {
      const entries = await reader.poll(POLL_MS);
      if (entries.length > 0) noteEpoch();
      let behind = false;
      for (const entry of entries) {
        const { stream, decoder } = decoders.get(entry.topic)!;
        let next = entry.lastStableOffset;
        for (const record of recordsOf(entry.bytes)) {
          next = record.offset + 1;
          const decoded = await decode(decoder, record.key, record.value);
          if (decoded === undefined) continue;
          dashboard.push({
            stream,
            partition: entry.partition,
            offset: record.offset,
            timestampMs: record.timestampMs,
            ...decoded,
          });
        }
        if (next < entry.lastStableOffset) behind = true;
      }
      if (connected && !behind && entries.length > 0) dashboard.setStatus({ feed: "live" });
    }
  }

  /** Waits out a registry that is away; undefined for a record that nobody can decode. */
  async function decode(decoder: RecordDecoder, key: Uint8Array | null, value: Uint8Array | null) {
    for (;;) {
      try {
        const { key: decodedKey, window, value: fields } = await decoder.decode(key, value);
        return {
          key: decodedKey,
          ...(window === undefined ? {} : { window }),
          value: fields as Readonly<Record<string, unknown>> | null,
        };
      } catch (error) {
        const transient = error instanceof MillraceError && error.faultClass === "transient";
        options.onProblem?.(error);
        if (!transient || closing) return undefined;
        await new Promise((resolve) => setTimeout(resolve, REGISTRY_RETRY_MS));
      }
    }
  }

  const following = follow().catch((error: unknown) => {
    if (!closing) options.onProblem?.(error);
  });
  return {
    async close() {
      closing = true;
      await reader.close();
      await following;
    },
  };
}
