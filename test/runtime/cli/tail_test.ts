import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { createKafkaLog } from "../../../runtime/kafka/mod.ts";
import { createRegistryServer, type RegistryServer } from "../../../runtime/registry/mod.ts";
import { appendRecord } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { cli } from "./_cli.ts";

const DEFINITION = `topology: t
streams:
  s: { key: { window: string, size: 1s }, value: string }
  out: {}
pipelines:
  p: [{ source: s }, { sink: out }]
`;

let broker: Broker;
let registry: RegistryServer;
let folder: string;
beforeAll(async () => {
  [broker, registry] = await Promise.all([createBroker({}), createRegistryServer()]);
  folder = mkdtempSync(join(tmpdir(), "millrace-tail-"));
});
afterAll(async () => {
  await Promise.all([broker.close(), registry.close()]);
  rmSync(folder, { recursive: true });
});

test("tail shows the window of a key that others have written, and what is wrong with a key", async () => {
  const file = join(folder, "t.yaml");
  writeFileSync(file, DEFINITION);
  const utf8 = new TextEncoder();
  const batch = new BatchBuilder();
  appendRecord(batch, 5, utf8.encode("ab\0\0\0\0\0\0\x04\0"), utf8.encode("x"));
  appendRecord(batch, 6, utf8.encode("short"), utf8.encode("y"));
  const brokers = `127.0.0.1:${broker.port}`;
  const log = createKafkaLog({ brokers: [brokers] });
  await log.createTopics([{ topic: "s", partitions: 1, configs: {} }]);
  await log.append([{ topic: "s", partition: 0, batches: [batch.finish()] }]);
  await log.close();

  const where = ["--brokers", brokers, "--registry", registry.url];
  const { stdout, stderr } = await cli(
    ...["tail", "s", "--topology", file, ...where, "--json", "--until", "2"],
  );
  expect(stderr).toBe("");
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { partition: 0, offset: 0, timestamp: 5, key: "ab", window: [1024, 2024], value: "x" },
    {
      partition: 0,
      offset: 1,
      timestamp: 6,
      error: "Cannot decode key: it has 5 bytes, and its window alone has 8",
    },
  ]);
});
