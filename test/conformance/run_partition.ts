/**
 * Cases of partitioners. Plain keys go to the function that every producer here calls; windowed ones
 * through the engine, which has to hash the base key alone and to write the whole one.
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import { murmur2, partitionFor } from "../../runtime/wire/mod.ts";
import type { Duration, Topology, Window } from "../../topology/mod.ts";
import { keysFrom } from "./output_keys.ts";
import { planOf, type Unplanned } from "./plan_of.ts";
import { TIMELESS } from "./translate_reduce.ts";
import type { PartitionInput, PartitionOutput, PartitionVector } from "./vectors.ts";

type WindowedInput = Extract<PartitionInput, { readonly windowed: string }>;

export type ObservedPartitions = { readonly output: readonly PartitionOutput[] } | Unplanned;

export async function runPartition({ id, input }: PartitionVector): Promise<ObservedPartitions> {
  const output: PartitionOutput[] = [];
  for (const item of input) {
    if ("keyHex" in item) {
      const key = bytesOf(item.keyHex);
      const partition = partitionFor(key, 0, key.length, item.partitions);
      output.push({ partition, murmur2: murmur2(key) });
      continue;
    }
    const found = await runWindowed(id, item);
    if ("plan" in found) return found;
    output.push(found);
  }
  return { output };
}

async function runWindowed(id: string, input: WindowedInput): Promise<PartitionOutput | Unplanned> {
  const planned = planOf(id, definitionOf(input));
  if (planned.plan === undefined) return planned;
  const driver = await TestDriver.open({ plan: planned.plan });
  const { key, windowStart, windowEnd, windowed } = input;
  const times = windowed === "session" ? [windowStart, windowEnd] : [windowStart];
  await driver.send(
    "input",
    times.map((atMs) => ({ atMs, key, value: "" })),
  );
  // Of a session the newest update has both its ends.
  const { partition, offset } = (await driver.written("output")).at(-1)!;
  const [keyHex] = keysFrom(driver, "output", partition, offset);
  driver.abandon();
  return { partition, keyHex: keyHex! };
}

function definitionOf({ windowed, windowStart, windowEnd, partitions }: WindowedInput): Topology {
  const size: Duration = `${windowEnd - windowStart}ms`;
  const window: Window =
    windowed === "session"
      ? { session: size, grace: "0ms" }
      : { tumbling: size, offset: `${windowStart % (windowEnd - windowStart)}ms`, grace: "0ms" };
  return {
    topology: "conformance",
    streams: {
      input: { key: "string", value: "string", ...TIMELESS },
      output: { create: { partitions }, value: "json" },
    },
    pipelines: {
      reduced: [
        { source: "input" },
        { id: "counted", windowedReduce: { window, value: { n: "count()" }, emit: "updates" } },
        { sink: "output" },
      ],
    },
  };
}

export function partitionDifferences(
  { input, output }: PartitionVector,
  got: readonly PartitionOutput[],
): readonly string[] {
  return output.flatMap((expected, n) => {
    const [left, right] = [show(expected), show(got[n])];
    if (left === right) return [];
    return [`output[${n}] of ${JSON.stringify(input[n])}: expected ${left}, got ${right}`];
  });
}

function show(output: PartitionOutput | undefined): string {
  if (output === undefined) return "nothing";
  const { partition, murmur2, keyHex } = output;
  return JSON.stringify({ partition, murmur2, keyHex });
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
