/**
 * Runs a case on the test driver: the production engine, one partition, records one at a time.
 *
 * @module
 */

import { TestDriver } from "../../runtime/testing/mod.ts";
import type { Plan } from "../../topology/language/mod.ts";
import type { Topology } from "../../topology/mod.ts";
import { keysFrom } from "./output_keys.ts";
import { planOf, type Unplanned } from "./plan_of.ts";
import { translateUnwindowed, translateWindowed } from "./translate_reduce.ts";
import { translateStateless } from "./translate_stateless.ts";
import type { Outcome, OutputRecord, TopologyVector, Value } from "./vectors.ts";

/** What came of a case, and what should not have: codes and messages of dead letters. */
export type Observed = Outcome & { readonly deadLetters: readonly string[] };

export async function runVector(vector: TopologyVector): Promise<Observed | Unplanned> {
  const planned = planOf(vector.id, translate(vector));
  return planned.plan === undefined ? planned : drive(vector, planned.plan);
}

function translate(vector: TopologyVector): Topology {
  switch (vector.kind) {
    case "stateless":
      return translateStateless(vector);
    case "unwindowed":
      return translateUnwindowed(vector);
    default:
      return translateWindowed(vector);
  }
}

async function drive(vector: TopologyVector, plan: Plan): Promise<Observed> {
  const sources = new Map(Object.values(plan.streams).map(({ name, topic }) => [topic, name]));
  const outputs = Object.values(plan.streams)
    .filter(({ topic }) => topic.startsWith("out"))
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  const driver = await TestDriver.open({ plan });
  const output: OutputRecord[] = [];
  const droppedAt: number[] = [];
  for (const [i, { topic, key, value, ts }] of vector.input.entries()) {
    await driver.send(sources.get(topic ?? "input")!, [{ atMs: ts, key, value }]);
    for (const stream of outputs) {
      const written = await driver.written(stream.name);
      if (written.length === 0) continue;
      const keys = keysFrom(driver, stream.topic, 0, written[0]!.offset);
      for (const [n, record] of written.entries()) {
        output.push({
          i,
          ...(vector.kind === "stateless" && { topic: stream.topic }),
          key: record.key as string | null,
          ...(record.window && {
            windowStart: record.window[0],
            windowEnd: record.window[1],
          }),
          value: vector.kind === "stateless" ? (record.value as Value) : resultOf(record.value),
          ts: record.timestampMs,
          ...(record.window && { keyHex: keys[n]! }),
        });
      }
    }
    while (droppedAt.length < droppedBy(driver)) droppedAt.push(i);
  }
  const deadLetters = (await driver.written("dead_letters")).map(
    ({ headers }) =>
      `${headers["millrace.code"]} ${headers["__streams.errors.message"]} (${headers["millrace.stage"]})`,
  );
  driver.abandon();
  return { output, droppedAt, deadLetters };
}

/** A tombstone is null; a result that is there and null shows as what it is. */
function resultOf(value: unknown): Value {
  if (value === null) return null;
  const { result } = value as { readonly result: Value };
  return result === null ? JSON.stringify(value) : result;
}

/** Records that a stage was given and did not take, and windows that refused one. */
function droppedBy(driver: TestDriver): number {
  return Object.values(driver.ledger()).reduce(
    (sum, { nullDropped = 0, lateAtSource = 0, lateAtOperator = 0 }) =>
      sum + nullDropped + lateAtSource + lateAtOperator,
    0,
  );
}
