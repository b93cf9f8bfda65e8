/** Random topologies, inputs and runs, compared with the oracle. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { partitionFor } from "../../runtime/wire/mod.ts";
import { Application } from "./application.ts";
import { brokenSums, closedWhileIdle, expectedReport, observedReport } from "./comparison.ts";
import type { Topology } from "./description.ts";
import { workOut } from "./oracle.ts";
import { type Run, run } from "./runs.ts";
import { cases } from "./topologies.ts";

const utf8 = new TextEncoder();

/** As producers do: by the key's bytes. */
function partitionOf(key: string, partitions: number): number {
  const bytes = utf8.encode(key);
  return partitionFor(bytes, 0, bytes.length, partitions);
}

const ENV = process.env;
const ON_DEMAND = ENV["MILLRACE_RUNS"];
/** In files of their own, which run side by side. */
const PARTS = 4;
/** How many in all. Other runtimes have nothing of their own here: fewer show that. */
const RUNS = Number(ON_DEMAND ?? ("deno" in process.versions ? 2000 : 20_000));
/**
 * Where they begin: the same seed makes the same ones, and a failure names its path. Always the same
 * ones, unless it is said how many.
 */
const SEED = Number(ENV["MILLRACE_SEED"] ?? (ON_DEMAND === undefined ? 1 : Date.now() % 2 ** 31));
/** Of one topology and its input: planning costs more than a run. */
const RUNS_PER_CASE = 3;

/** A run that the topology allows. */
function fitting({ sources, pipelines }: Topology, run: Run): Run {
  const running = pipelines
    .flatMap(({ stages }) => stages)
    .filter((stage) => stage.kind === "reduce" && stage.emit !== "final");
  return {
    ...run,
    // A far record without a value has no time where that is a field of the value.
    end: sources.some(({ timed }) => timed) ? "bounded" : run.end,
    // What an idle partition let close, and a crash took back, may close with other records in it.
    // So may what a session was for a while before a crash, which then grew in another order.
    atomic:
      run.atomic ||
      sources.some(({ idleMs }) => idleMs !== null) ||
      running.some((stage) => stage.kind === "reduce" && stage.window?.kind === "session"),
  };
}

/** The n-th part of them, from 1 on, as a test. The first part has the seed itself. */
export function testRandomRuns(part: number): void {
  const seed = SEED + part - 1;
  test(`random topologies, inputs and runs agree with the oracle (MILLRACE_SEED=${seed})`, async () => {
    let compared = 0;
    let skipped = 0;
    const startedMs = performance.now();
    await fc.assert(
      fc.asyncProperty(
        cases(partitionOf),
        fc.array(run, { minLength: RUNS_PER_CASE, maxLength: RUNS_PER_CASE }),
        async ({ topology, input }, runs) => {
          const application = new Application(topology);
          for (const run of runs) {
            const given = fitting(topology, run);
            const all = [...input, ...application.closing(given)];
            const observed = await application.run(all, given);
            expect(brokenSums(topology, observed)).toEqual([]);
            if (closedWhileIdle(observed) > 0 && topology.sources[0]!.idleMs !== null) {
              skipped++;
              continue;
            }
            const expected = expectedReport(topology, workOut(topology, all), given);
            expect(observedReport(topology, observed, given)).toEqual(expected);
            compared++;
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / PARTS / RUNS_PER_CASE), seed },
    );
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(
      `${compared} runs compared, ${skipped} with closed-while-idle, ${seconds.toFixed(1)} s`,
    );
  }, 3_600_000);
}
