/**
 * Random runs: records, waits, restarts and torn commits.
 *
 * @module
 */

import fc from "fast-check";
import { expect } from "vitest";
import { MemorySnapshots, TestDriver } from "../../../runtime/testing/mod.ts";
import type { Plan } from "../../../topology/language/mod.ts";
import { TornLog } from "../../support/torn_log.ts";

export const SIZE_MS = 1000;
/** Later than every random record: closes every window. */
export const END_MS = 100_000;

export interface Sent {
  readonly partition: number;
  readonly atMs: number;
  readonly who: "A" | "B" | "C";
  readonly n: number;
}

/** Records through windows of `SIZE_MS`. */
export interface Run {
  readonly partitions: number;
  /** Distance of the windows' starts. */
  readonly everyMs: number;
  readonly graceMs: number;
  readonly commitIntervalMs: number;
  /** How often snapshots are taken; undefined: never, also not when a task is handed over. */
  readonly snapshotIntervalMs: number | undefined;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly kind: "send"; readonly records: readonly Sent[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: "clean" | "crash" }
  /** A commit dies before its offsets: of what it writes to each changelog a first part is there. */
  | { readonly kind: "tear"; readonly kept: number };

const sent = (partitions: number): fc.Arbitrary<Sent> =>
  fc.record({
    partition: fc.nat({ max: partitions - 1 }),
    atMs: fc.nat({ max: 5000 }),
    who: fc.constantFrom("A", "B", "C"),
    n: fc.integer({ min: -5, max: 5 }),
  });

const step = (partitions: number): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("send" as const),
        records: fc.array(sent(partitions), { minLength: 1, maxLength: 6 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms: fc.integer({ min: 1, max: 1500 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("restart" as const),
        how: fc.constantFrom("clean" as const, "crash" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("tear" as const),
        kept: fc.constantFrom(1, 0.5, 0.2),
      }),
    },
  );

export const run = (maxPartitions: number): fc.Arbitrary<Run> =>
  fc.integer({ min: 1, max: maxPartitions }).chain((partitions) =>
    fc.record({
      partitions: fc.constant(partitions),
      everyMs: fc.constantFrom(SIZE_MS, 400),
      graceMs: fc.constantFrom(0, 700),
      commitIntervalMs: fc.constantFrom(100, 500, 1000, 5000),
      snapshotIntervalMs: fc.constantFrom(undefined, 0, 1000, 1_000_000),
      steps: fc.array(step(partitions), { minLength: 1, maxLength: 10 }),
    }),
  );

/** Starts of the windows that cover a time. */
export function startsOf(atMs: number, everyMs: number): number[] {
  const starts: number[] = [];
  for (
    let start = atMs - (atMs % everyMs);
    start >= 0 && start + SIZE_MS > atMs;
    start -= everyMs
  ) {
    starts.push(start);
  }
  return starts;
}

export interface RunningDriver {
  readonly driver: TestDriver;
  /** @param send what a step's records are on their stream */
  take(step: Step, send: (records: readonly Sent[]) => Promise<void>): Promise<void>;
}

/** A driver that can be taken through the steps of a random run. */
export async function openTorn(
  plan: Plan,
  partitions: number,
  commitIntervalMs: number,
  snapshotIntervalMs?: number,
): Promise<RunningDriver> {
  let log: TornLog | undefined;
  const driver = await TestDriver.open({
    plan,
    partitions,
    commitIntervalMs,
    ...(snapshotIntervalMs !== undefined && {
      snapshotIntervalMs,
      snapshots: new MemorySnapshots(),
    }),
    // In these runs nothing is damaged, and nothing gets old.
    onEvent: ({ kind }) => expect(kind).not.toBe("snapshot"),
    createLog: (options) => {
      log = new TornLog(options);
      return log;
    },
  });
  return {
    driver,
    async take(step, send) {
      if (step.kind === "send") await send(step.records);
      else if (step.kind === "wait") await driver.wait(step.ms);
      else if (step.kind === "restart") await driver.restart(step.how);
      else {
        log!.kept = step.kept;
        // Where nothing has changed there is no commit to tear.
        await driver.engine.commit().catch((error) => expect(String(error)).toContain("torn"));
        await driver.restart("crash");
      }
    },
  };
}
