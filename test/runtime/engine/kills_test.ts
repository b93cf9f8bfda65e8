/**
 * At-least-once through a hundred kills: two instances on a log without atomic commits, each killed at
 * a random one of its operations, again and again. No final may be missing, wrong or extra, and one
 * that is written again must be the first one to the byte.
 */

import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Engine, type Ledger, sumLedgers } from "../../../runtime/engine/mod.ts";
import { recordsOf } from "../../../runtime/serde/mod.ts";
import {
  appendRecord,
  ManualClock,
  MemoryCluster,
  PreparedPlan,
} from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { type Doom, DoomedLog } from "../../support/doomed_log.ts";
import { randomNumbers } from "../../support/random.ts";
import { define, reduce } from "./_driver.ts";

const KILLS = 100;
const INSTANCES = 2;
const PARTITIONS = 3;
/** Operations that an instance lives through at most; to be given its tasks takes about fifty. */
const LONGEST_LIFE = 250;
const GRACE_MS = 500;
/** Between two records of a partition, on average; some are so much out of order that they are late. */
const STEP_MS = 60;
const JITTER_MS = 2500;
const TURN_MS = 50;
/** Turns after the last record, until everything has been closed and committed. */
const LAST_TURNS = 60;
/** Behind all others: closes every window. */
const LAST_MS = 10_000_000;

const ENV = process.env["MILLRACE_SEED"];
const SEEDS = ENV === undefined ? [1, 2, 3] : [Number(ENV)];

const PLAN = define({
  source: "idle: never, maxFuture: unlimited",
  streams: "wide: {}\nlate: {}",
  stages: `- map: { key: value.who }\n${reduce({
    window: `{ tumbling: 1s, grace: ${GRACE_MS}ms }`,
    value: "{ n: count(), total: sum(value.n), first: first(value.id) }",
    late: "late",
  })}`,
  pipelines: [
    "in_a_wider_one:\n  - source: p",
    `  - id: by_wide\n    windowedReduce: { key: "'all'", window: { tumbling: 5s, grace: 0s }, value: { n: sum(value.n), keys: count() }, emit: final }`,
    "  - sink: wide",
  ].join("\n"),
});

interface Sent {
  readonly partition: number;
  readonly atMs: number;
  readonly id: number;
  readonly who: "A" | "B" | "C";
  readonly n: number;
}

test.each(SEEDS)(
  "a hundred kills, MILLRACE_SEED=%d",
  async (seed) => {
    const random = randomNumbers(seed);
    const application = new Application(random);
    const sent: Sent[] = [];
    const latest = Array.from({ length: PARTITIONS }, () => JITTER_MS);
    while (application.kills < KILLS) {
      const before = sent.length;
      for (let left = Math.floor(random() * 5); left > 0; left--) {
        const partition = Math.floor(random() * PARTITIONS);
        latest[partition] = latest[partition]! + Math.floor(random() * 2 * STEP_MS);
        const isEarly = random() < 0.1;
        const atMs = latest[partition]! - (isEarly ? Math.floor(random() * JITTER_MS) : 0);
        const who = (["A", "B", "C"] as const)[Math.floor(random() * 3)]!;
        sent.push({ partition, atMs, id: sent.length, who, n: Math.floor(random() * 100) });
      }
      await application.send(sent.slice(before));
      await application.turn();
    }
    application.mercy();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const last = { partition, atMs: LAST_MS, id: sent.length, who: "A", n: 0 } as const;
      sent.push(last);
      await application.send([last]);
    }
    for (let turn = 0; turn < LAST_TURNS; turn++) await application.turn();

    const expected = workOut(sent);
    const finals = await application.written("out");
    const wide = await application.written("wide");
    const late = await application.written("late");
    expect(finals.values).toEqual(expected.finals);
    expect(wide.values).toEqual(expected.wide);
    expect([...late.values.keys()].map(Number).sort((a, b) => a - b)).toEqual(expected.late);
    const ledger = application.ledger();
    expect(ledger["p"]).toMatchObject({ read: sent.length, passed: sent.length, dead: 0 });
    expect(ledger["counted"]).toMatchObject({
      in: sent.length,
      accepted: sent.length - expected.late.length,
      lateAtSource: expected.late.length,
      lateAtOperator: 0,
      resultRecords: sent.length - expected.late.length - PARTITIONS,
    });
    expect(ledger["by_wide"]).toMatchObject({ in: expected.finals.size, lateAtOperator: 0 });
    // Otherwise the kills have shown nothing.
    expect(expected.late.length).toBeGreaterThan(10);
    expect(finals.repeats).toBeGreaterThan(3);
    await application.close();
  },
  120_000,
);

/** What must come out, from the records alone. */
function workOut(sent: readonly Sent[]): {
  finals: Map<string, unknown>;
  wide: Map<string, unknown>;
  late: number[];
} {
  const latest = new Map<number, number>();
  const late: number[] = [];
  const windows = new Map<string, Sent[]>();
  for (const record of sent) {
    const { partition, atMs, who, id } = record;
    const streamTimeMs = Math.max(latest.get(partition) ?? 0, atMs);
    latest.set(partition, streamTimeMs);
    const start = atMs - (atMs % 1000);
    if (start + 1000 + GRACE_MS <= streamTimeMs) late.push(id);
    else if (atMs < LAST_MS) {
      const name = `${who}@${start}`;
      windows.set(name, [...(windows.get(name) ?? []), record]);
    }
  }
  const finals = new Map<string, unknown>();
  const wide = new Map<string, { n: number; keys: number }>();
  const first = (a: Sent, b: Sent) => a.atMs - b.atMs || a.partition - b.partition || a.id - b.id;
  for (const [name, records] of windows) {
    const total = records.reduce((sum, { n }) => sum + n, 0);
    finals.set(name, { n: records.length, total, first: records.toSorted(first)[0]!.id });
    const start = Number(name.slice(2));
    const all = `all@${start - (start % 5000)}`;
    const { n, keys } = wide.get(all) ?? { n: 0, keys: 0 };
    wide.set(all, { n: n + records.length, keys: keys + 1 });
  }
  return { finals, wide, late };
}

/** Instances that are started again as soon as they have been killed. */
class Application {
  kills = 0;
  readonly #random: () => number;
  readonly #clock = new ManualClock(1_000_000);
  readonly #cluster = new MemoryCluster();
  readonly #prepared = new PreparedPlan(PLAN);
  readonly #instances: ({ engine: Engine; log: DoomedLog } | undefined)[] = Array.from(
    { length: INSTANCES },
    () => undefined,
  );
  readonly #dooms = new Set<Doom>();
  #isMerciful = false;

  constructor(random: () => number) {
    this.#random = random;
    this.#cluster.createTopic({ topic: "s", partitions: PARTITIONS });
  }

  /** No more kills. */
  mercy(): void {
    this.#isMerciful = true;
    for (const doom of this.#dooms) doom.operations = Number.POSITIVE_INFINITY;
  }

  async send(records: readonly Sent[]): Promise<void> {
    const encoder = this.#prepared.encoder(this.#prepared.stream("s"));
    for (const { partition, atMs, id, who, n } of records) {
      const { value } = await encoder.encode({ value: { id, who, n } });
      const batch = new BatchBuilder();
      appendRecord(batch, atMs, null, value);
      this.#cluster.partition({ topic: "s", partition }).append(batch.finish());
    }
    this.#cluster.notify();
  }

  /** A little time for everyone; who is dead is started again. */
  async turn(): Promise<void> {
    this.#clock.moveTo(this.#clock.now() + TURN_MS);
    for (let n = 0; n < INSTANCES; n++) {
      if (this.#instances[n] === undefined) await this.#start(n);
      else await this.#step(n);
    }
  }

  ledger(): Ledger {
    return sumLedgers(this.#instances.map((instance) => instance!.engine.ledger()));
  }

  /** By key and window, or by id; how many were there before, to the byte. */
  async written(name: string): Promise<{ values: Map<string, unknown>; repeats: number }> {
    const stream = this.#prepared.stream(name);
    const decoder = this.#prepared.decoder(stream);
    const values = new Map<string, unknown>();
    const bytes = new Map<string, string>();
    let repeats = 0;
    for (let partition = 0; partition < this.#cluster.partitionCount(stream.topic); partition++) {
      const found = this.#cluster.partition({ topic: stream.topic, partition }).read(0, Infinity);
      for (const { key, value, timestampMs } of recordsOf(found?.bytes ?? new Uint8Array(0))) {
        const decoded = await decoder.decode(key, value);
        const { id } = decoded.value as { id?: number };
        const which =
          decoded.window === undefined ? String(id) : `${decoded.key}@${decoded.window[0]}`;
        const all = [partition, timestampMs, ...(key ?? []), -1, ...(value ?? [])].join();
        if (bytes.has(which)) {
          repeats++;
          expect([which, all]).toEqual([which, bytes.get(which)]);
        }
        bytes.set(which, all);
        values.set(which, decoded.value);
      }
    }
    return { values, repeats };
  }

  async close(): Promise<void> {
    for (const instance of this.#instances.splice(0)) await instance?.engine.close();
  }

  async #start(n: number): Promise<void> {
    const doom = {
      operations: this.#isMerciful
        ? Number.POSITIVE_INFINITY
        : 1 + Math.floor(this.#random() * LONGEST_LIFE),
      share: this.#random,
    };
    this.#dooms.add(doom);
    const { schemas, programs, functions } = this.#prepared;
    const log = new DoomedLog({ cluster: this.#cluster, clock: this.#clock }, doom);
    const options = { plan: PLAN, clock: this.#clock, schemas, programs, functions };
    let isWaiting = true;
    const starting = Engine.start({ ...options, log, commitIntervalMs: 200 }).then(
      (engine) => ({ engine, log }),
      (error) => {
        if (!log.isDead) throw error;
        this.kills++;
        return undefined;
      },
    );
    const started = starting.finally(() => {
      isWaiting = false;
    });
    // The others have to give up what they own before this one is given anything.
    while (isWaiting) {
      for (let other = 0; other < INSTANCES; other++) {
        if (other !== n && this.#instances[other] !== undefined) await this.#step(other);
      }
      await setImmediate();
    }
    this.#instances[n] = await started;
  }

  async #step(n: number): Promise<void> {
    const { engine, log } = this.#instances[n]!;
    try {
      await engine.step(0);
    } catch (error) {
      if (!log.isDead) throw error;
      this.kills++;
      this.#instances[n] = undefined;
    }
  }
}
