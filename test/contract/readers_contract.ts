/**
 * The shipped sample through the running product, on whatever broker it is given, and the same result
 * topic read by everyone: kafkajs, kcat, `millrace tail`, our reader and Kafka's console consumer.
 */

import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { Pipeline, type PipelineBroker } from "./_pipeline.ts";
import { hasKcat, hex, readWithKafkajs, readWithKcat } from "./_readers.ts";

const SAMPLE = fileURLToPath(new URL("../../data/user_log_sample.csv", import.meta.url));
const CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer";

export function describeReaders(name: string, start: () => Promise<PipelineBroker>): void {
  describe(`the results of double11 on ${name}`, () => {
    let broker: PipelineBroker;
    let registry: RegistryServer;
    let pipeline: Pipeline;

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      const schemas = createRegistryClient({ url: registry.url });
      pipeline = new Pipeline("_readers", broker.broker, registry.url, schemas);
    });
    afterEach(() => pipeline.close());
    afterAll(async () => {
      await registry.close();
      await broker.close();
    });

    it("count the sample exactly, and are the same for every reader", {
      timeout: 120_000,
    }, async () => {
      const instance = pipeline.run();
      await instance.saw(/running/);
      await pipeline.feedFile(SAMPLE).saw(/"sent":10000,"malformed":0/);
      const truth = await pipeline.truth();
      await pipeline.settles(truth.counts.size);
      expect((await instance.stop("SIGTERM")).code).toBe(0);
      const { counts } = await pipeline.finals();
      expect([...counts].sort()).toEqual([...truth.counts].sort());
      const total = (gender: string, part: 0 | 1) =>
        [...counts]
          .filter(([id]) => id.startsWith(gender))
          .reduce((sum, [, pair]) => sum + Number(pair.split("/")[part]), 0);
      expect({
        FEMALE: total("FEMALE", 0),
        MALE: total("MALE", 0),
        UNKNOWN: total("UNKNOWN", 0),
        buyers: total("", 1),
      }).toEqual({ FEMALE: 5230, MALE: 3980, UNKNOWN: 790, buyers: 1074 });

      const topic = pipeline.topicOf("shoppers");
      const stored = await pipeline.read("shoppers");
      const raw = stored
        .map((r) => `${r.partition}/${r.offset} ${hex(r.key)} ${hex(r.value)}`)
        .sort();
      expect((await readWithKafkajs(broker.broker, topic, raw.length)).sort()).toEqual(raw);
      if (hasKcat) expect((await readWithKcat(broker.broker, topic)).sort()).toEqual(raw);
      const tail = pipeline.tail("shoppers", raw.length);
      await tail.exited;
      const lines = tail.output().trim().split("\n");
      const shown = lines.map((line) => {
        const { key, window, value } = JSON.parse(line);
        return `${key}@${window[0]} ${value.people}/${value.buyers}`;
      });
      expect(shown.sort()).toEqual([...counts].map(([id, pair]) => `${id} ${pair}`).sort());
      if (broker.tool !== undefined) {
        const printed = await broker.tool(CONSOLE_CONSUMER, [
          ...["--bootstrap-server", broker.broker, "--topic", topic, "--from-beginning"],
          ...["--max-messages", String(raw.length), "--timeout-ms", "20000"],
          ...["--formatter-property", "print.key=true"],
          ...["--formatter-property", "print.value=false"],
          ...[
            "--formatter-property",
            "key.deserializer=org.apache.kafka.common.serialization.BytesDeserializer",
          ],
        ]);
        const genders = printed.match(/FEMALE|MALE|UNKNOWN/g)?.sort();
        expect(genders).toEqual([...counts.keys()].map((id) => id.split("@")[0]).sort());
      }
    });
  });
}
