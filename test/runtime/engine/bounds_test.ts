import { describe, expect, test } from "vitest";
import { Engine } from "../../../runtime/engine/mod.ts";
import { systemClock as clock } from "../../../runtime/kafka/mod.ts";
import {
  appendRecord,
  MemoryCluster,
  MemoryLog,
  PreparedPlan,
} from "../../../runtime/testing/mod.ts";
import { readRecords } from "../../../runtime/testing/record_batches.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { define, reduce } from "./_driver.ts";

/** Reads what it writes, through a repartition topic before that and one behind. */
const PLAN = define({
  source: "key: string",
  streams: "twice: {}",
  stages: reduce({ key: "string(value.n)", window: "{ tumbling: 10ms, grace: 0s }" }),
  pipelines: [
    "again:",
    "  - source: out",
    "  - id: counted_again",
    "    windowedReduce: { key: string(value.n), window: { tumbling: 100ms, grace: 0s }, value: { n: count() }, emit: final }",
    "  - sink: twice",
  ].join("\n"),
});

describe("a bounded run", () => {
  test.each([false, true])(
    "ends when all that it writes and reads itself has been read: atomic commits %s",
    async (atomicCommits) => {
      const cluster = new MemoryCluster();
      const prepared = new PreparedPlan(PLAN);
      cluster.createTopic({ topic: "s", partitions: 1 });
      const builder = new BatchBuilder();
      for (const [atMs, n] of [
        [1, 1],
        [2, 1],
        [3, 2],
        [15, 1],
      ] as const) {
        const { value } = await prepared
          .encoder(prepared.stream("s"))
          .encode({ key: "k", value: { n } });
        appendRecord(builder, atMs, new TextEncoder().encode("k"), value);
      }
      cluster.partition({ topic: "s", partition: 0 }).append(builder.finish());
      const engine = await Engine.start({
        plan: PLAN,
        log: new MemoryLog({ cluster, clock, atomicCommits }),
        schemas: prepared.schemas,
        programs: prepared.programs,
        clock,
        bounded: true,
        commitIntervalMs: 20,
      });
      await engine.run();
      const found = cluster.partition({ topic: "twice", partition: 0 }).read(0, 100);
      const decoder = prepared.decoder(prepared.stream("twice"));
      const written = await Promise.all(
        [...readRecords(found!.bytes, 0)].map(({ key, value }) => decoder.decode(key, value)),
      );
      // Of the windows from 0 on: two of key 1, one of key 2; from 10 on one of key 1.
      expect(written.map(({ key, value }) => [key, value])).toEqual([
        ["1", { n: 2 }],
        ["2", { n: 1 }],
      ]);
    },
    10_000,
  );
});
