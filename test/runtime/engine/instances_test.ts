import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ManualClock,
  MemoryCluster,
  MemoryLog,
  MemorySchemas,
  TestDriver,
} from "../../../runtime/testing/mod.ts";
import type { Plan, SentRecord } from "../../../topology/language/mod.ts";
import { define, reduce } from "./_driver.ts";

const PLAN = define({
  source: "idle: never, maxFuture: unlimited",
  stages: `- map: { key: value.who }\n${reduce({ value: "{ n: count(), sum: sum(value.n) }" })}`,
});
const PARTITIONS = 4;

interface Instance {
  readonly driver: TestDriver;
  readonly log: MemoryLog;
}

/** Instances of one application that take turns on one clock. */
class Instances {
  readonly running: Instance[] = [];
  readonly finals = new Map<string, string>();
  repeats = 0;
  readonly #world = {
    cluster: new MemoryCluster(),
    clock: new ManualClock(),
    schemas: new MemorySchemas(),
  };
  readonly #plan: Plan;
  readonly #commitIntervalMs: number;
  #reader: TestDriver | undefined;

  constructor(plan: Plan, commitIntervalMs: number) {
    this.#plan = plan;
    this.#commitIntervalMs = commitIntervalMs;
  }

  async add(): Promise<void> {
    let log!: MemoryLog;
    let opened = false;
    const opening = TestDriver.open({
      plan: this.#plan,
      partitions: PARTITIONS,
      commitIntervalMs: this.#commitIntervalMs,
      ...this.#world,
      createLog: (options) => {
        log = new MemoryLog(options);
        return log;
      },
    }).then((driver) => {
      opened = true;
      return driver;
    });
    // The others have to give up what they own before the new one is given anything.
    while (!opened) {
      for (const { driver } of this.running) await driver.engine.step(0);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const driver = await opening;
    this.#reader ??= driver;
    this.running.push({ driver, log });
    await this.work();
  }

  async crash(n: number): Promise<void> {
    const [gone] = this.running.splice(n % this.running.length, 1);
    gone?.log.abandon();
    await this.work();
  }

  async leave(n: number): Promise<void> {
    const [gone] = this.running.splice(n % this.running.length, 1);
    await gone?.driver.close();
    await this.work();
  }

  async send(records: readonly SentRecord[]): Promise<void> {
    await this.running[0]!.driver.send("s", records);
    await this.work();
  }

  async wait(ms: number): Promise<void> {
    for (let waited = 0; waited < ms; waited += 100) {
      this.#world.clock.moveTo(this.#world.clock.now() + 100);
      for (const { driver } of this.running) await driver.engine.step(0);
    }
    await this.work();
  }

  /** Turns of everyone until nothing moves, and the finals that came out. */
  async work(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      for (const { driver } of this.running) await driver.settle();
    }
    for (const { key, window, value } of (await this.#reader?.written("out")) ?? []) {
      const name = `${String(key)}@${window![0]}`;
      const text = JSON.stringify(value);
      if (this.finals.has(name)) {
        this.repeats++;
        expect(`${name} ${text}`).toBe(`${name} ${this.finals.get(name)}`);
      }
      this.finals.set(name, text);
    }
  }

  get tasks(): string[] {
    return this.running.flatMap(({ driver }) => driver.engine.tasks).sort();
  }

  count(stage: string, name: string): number {
    return this.running.reduce((sum, { driver }) => sum + (driver.ledger()[stage]?.[name] ?? 0), 0);
  }
}

const ALL_TASKS = [0, 1, 2, 3].flatMap((n) => [`counted/${n}`, `p/${n}`]).sort();

const everywhere = (atMs: number, n = 0): SentRecord[] =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({
    partition,
    atMs,
    value: { who: "A", n },
  }));

describe("two instances", () => {
  test("share the partitions, and the one left takes over what the other one had not committed", async () => {
    const all = new Instances(PLAN, 1e9);
    await all.add();
    await all.send(everywhere(0, 1));
    await all.add();
    expect(all.tasks).toEqual(ALL_TASKS);
    expect(all.running.map(({ driver }) => driver.engine.tasks.length)).toEqual([4, 4]);
    await all.send(everywhere(100, 2));
    await all.crash(1);
    expect(all.tasks).toEqual(ALL_TASKS);
    await all.send(everywhere(1000));
    await all.wait(1500);
    expect([...all.finals]).toEqual([["A@0", '{"n":8,"sum":12}']]);
    expect(all.count("counted", "accepted")).toBe(12);
    expect(all.count("p", "read")).toBe(12);
  });

  test.each([[0], [1]])("hand over cleanly: nothing is written twice when %i leaves", async (n) => {
    const all = new Instances(PLAN, 1e9);
    await all.add();
    await all.add();
    await all.send(everywhere(0, 1));
    await all.send(everywhere(1000, 1));
    await all.leave(n);
    await all.send(everywhere(2000, 1));
    await all.wait(1500);
    expect([...all.finals].sort()).toEqual([
      ["A@0", '{"n":4,"sum":4}'],
      ["A@1000", '{"n":4,"sum":4}'],
    ]);
    expect(all.repeats).toBe(0);
  });
});

type Act =
  | { readonly kind: "send"; readonly records: readonly SentRecord[] }
  | { readonly kind: "add" }
  | { readonly kind: "crash" | "leave"; readonly n: number }
  | { readonly kind: "wait"; readonly ms: number };

const record: fc.Arbitrary<SentRecord> = fc.record({
  partition: fc.nat({ max: PARTITIONS - 1 }),
  atMs: fc.nat({ max: 4000 }),
  value: fc.record({ who: fc.constantFrom("A", "B", "C"), n: fc.nat({ max: 9 }) }),
});

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      records: fc.array(record, { minLength: 1, maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "add" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("crash" as const, "leave" as const),
      n: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(1500) }) },
);

/** The numbers of a window in the order of their records, which is no instance's. */
const ORDERED = define({
  source: "idle: never, maxFuture: unlimited",
  stages: `- map: { key: value.who }\n${reduce({
    value: "{ n: count(), sum: sum(value.n), last: last(value.n), all: 'collect(value.n, 1000)' }",
  })}`,
});

/** From the records alone. */
function oracle(acts: readonly Act[]) {
  const streamTimes = new Array<number>(PARTITIONS).fill(-1);
  const windows = new Map<string, { atMs: number; partition: number; n: number }[]>();
  let all = 0;
  let late = 0;
  for (const act of acts) {
    if (act.kind !== "send") continue;
    for (const { partition, atMs, value } of act.records) {
      const { who, n } = value as { who: string; n: number };
      all++;
      streamTimes[partition!] = Math.max(streamTimes[partition!]!, atMs!);
      const start = Math.floor(atMs! / 1000) * 1000;
      if (start + 1000 <= streamTimes[partition!]!) {
        late++;
        continue;
      }
      const window = windows.get(`${who}@${start}`) ?? [];
      windows.set(`${who}@${start}`, [...window, { atMs: atMs!, partition: partition!, n }]);
    }
  }
  const finals = [...windows].map(([name, window]) => {
    // Of one partition they stand in the order of their offsets already.
    const inOrder = window
      .toSorted((a, b) => a.atMs - b.atMs || a.partition - b.partition)
      .map(({ n }) => n);
    const sum = inOrder.reduce((total, n) => total + n, 0);
    const value = { n: inOrder.length, sum, last: inOrder.at(-1), all: inOrder };
    return [name, JSON.stringify(value)];
  });
  return { all, late, finals };
}

test("any number of instances that come, leave and crash make the same finals", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 1, maxLength: 10 }),
      fc.constantFrom(100, 1000, 1e9),
      async (acts, commitIntervalMs) => {
        const expected = oracle(acts);
        const all = new Instances(ORDERED, commitIntervalMs);
        await all.add();
        for (const act of acts) {
          if (act.kind === "send") await all.send(act.records);
          else if (act.kind === "wait") await all.wait(act.ms);
          else if (act.kind === "add" && all.running.length < 3) await all.add();
          else if (act.kind === "crash" || act.kind === "leave") {
            await all[act.kind](act.n);
            if (all.running.length === 0) await all.add();
          }
        }
        await all.send(everywhere(100_000));
        await all.wait(1500);
        expect([...all.finals].sort()).toEqual(expected.finals.sort());
        expect(all.tasks).toEqual(ALL_TASKS);
        expect(all.count("p", "read")).toBe(expected.all + PARTITIONS);
        expect(all.count("counted", "lateAtSource")).toBe(expected.late);
        expect(all.count("counted", "lateAtOperator")).toBe(0);
        expect(all.count("counted", "resultRecords")).toBe(expected.all - expected.late);
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
