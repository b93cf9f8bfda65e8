/** Other people's readers of a topic: each line is `<partition>/<offset> <key> <value>`, bytes in hex. */

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Kafka, logLevel } from "kafkajs";
import { expect } from "vitest";

export const hasKcat = spawnSync("kcat", ["-V"]).status === 0;

export async function readWithKafkajs(
  broker: string,
  topic: string,
  count: number,
): Promise<string[]> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          lines.push(`${partition}/${message.offset} ${hex(message.key)} ${hex(message.value)}`);
          if (lines.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return lines;
}

export async function readWithKcat(broker: string, topic: string): Promise<string[]> {
  // Binary keys and values: their lengths first, then the bytes.
  const args = ["-C", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-q"];
  const child = spawn("kcat", [...args, "-f", "%p %o %K %S %k%s"]);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [status] = await once(child, "close");
  expect(status).toBe(0);
  const stdout = Buffer.concat(chunks);
  const lines: string[] = [];
  for (let at = 0; at < stdout.length; ) {
    const head = /^(\d+) (\d+) (\d+) (\d+) /.exec(stdout.subarray(at, at + 60).toString("latin1"));
    if (head === null) throw new Error(`kcat: cannot read its output at ${at}`);
    const [all, partition, offset, keyBytes, valueBytes] = head as unknown as string[];
    const key = at + all!.length;
    const value = key + Number(keyBytes);
    at = value + Number(valueBytes);
    lines.push(
      `${partition}/${offset} ${hex(stdout.subarray(key, value))} ${hex(stdout.subarray(value, at))}`,
    );
  }
  return lines;
}

export function hex(bytes: Uint8Array | null): string {
  return bytes === null
    ? "null"
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
