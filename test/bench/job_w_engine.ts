/**
 * The engine on Job W: the production engine over Kafka, bounded, with changelog, ledger, markers,
 * CRC check and commits every second.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Engine } from "../../runtime/engine/mod.ts";
import {
  createKafkaAdmin,
  createKafkaLog,
  createTopicReader,
  systemClock,
} from "../../runtime/kafka/mod.ts";
import { createRegistryClient } from "../../runtime/registry/mod.ts";
import { createRecordDecoder, recordsOf } from "../../runtime/serde/mod.ts";
import { planTopology } from "../../topology/language/mod.ts";

const [brokers, registry] = process.argv.slice(2) as [string, string];
const here = (name: string) => new URL(name, import.meta.url);
const application = `job_w_${Date.now()}`;
const text = readFileSync(here("job_w.yaml"), "utf8").replace(
  "topology: job_w",
  `topology: ${application}`,
);
const { plan, diagnostics } = planTopology({
  file: "job_w.yaml",
  text: text.replace("views: {}", `views: { topic: views-${application} }`),
  files: { read: (path) => readFileSync(here(path), "utf8") },
});
if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
const schemas = createRegistryClient({ url: registry });
const log = createKafkaLog({ brokers: [brokers] });

const cpuBefore = process.cpuUsage();
const started = performance.now();
const engine = await Engine.start({ plan, log, schemas, clock: systemClock, bounded: true });
await engine.run();
const cpu = process.cpuUsage(cpuBefore);
const wallSeconds = (performance.now() - started) / 1000;
await log.close();

const { topic } = plan.streams["views"]!;
const admin = createKafkaAdmin({ brokers: [brokers] });
const ends = await admin.endOffsets(
  Array.from({ length: (await admin.partitionCounts([topic])).get(topic)! }, (_, partition) => ({
    topic,
    partition,
  })),
);
let left = ends.reduce((sum, end) => sum + end, 0);
const reader = createTopicReader({ brokers: [brokers], topics: [topic] });
const decoder = createRecordDecoder(plan.streams["views"]!, schemas);
const counts: Record<string, number> = {};
while (left > 0) {
  for (const { bytes } of await reader.poll(100)) {
    for (const record of recordsOf(bytes)) {
      left--;
      const { key, window, value } = await decoder.decode(record.key, record.value);
      counts[`${key}@${window![0]}`] = (value as { views: number }).views;
    }
  }
}
await reader.close();
await admin.close();
const outcome = { cpuSeconds: (cpu.user + cpu.system) / 1e6, wallSeconds, counts };
// A pipe takes a long line in parts: exit when it has them all.
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
