/**
 * Instances of one application that share a log in memory and take turns on one clock.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import type { EndOfInstance } from "../../topology/language/mod.ts";
import { Engine, type EngineOptions, type Ledger, sumLedgers } from "../engine/mod.ts";
import type { MemoryCluster } from "./memory_cluster.ts";
import type { MemoryLog } from "./memory_log.ts";

interface Instance {
  readonly engine: Engine;
  readonly log: MemoryLog;
}

export interface InstancesOptions {
  readonly engine: Omit<EngineOptions, "log">;
  readonly cluster: MemoryCluster;
  readonly createLog: () => MemoryLog;
}

/** Turns of the loop that move no record into a topic or out of it, before it counts as settled. */
const SETTLED_TURNS = 3;
/** In one turn everyone gives up what they own, in the next everyone takes what they are given. */
const REBALANCE_TURNS = 2;

export class Instances {
  readonly #options: InstancesOptions;
  readonly #running: Instance[] = [];

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  /** The oldest one. */
  get first(): Instance {
    return this.#running[0]!;
  }

  /** The oldest first. */
  get engines(): readonly Engine[] {
    return this.#running.map(({ engine }) => engine);
  }

  /** Counts of all that run, summed over partitions. */
  ledger(): Ledger {
    return sumLedgers(this.#running.map(({ engine }) => engine.ledger()));
  }

  /** Tasks by instance, the oldest first. */
  get tasks(): readonly (readonly string[])[] {
    return this.#running.map(({ engine }) => engine.tasks);
  }

  /**
   * Starts instances or ends the newest ones until `count` run.
   * @throws {MillraceError} what keeps one from starting
   */
  async resize(count: number, leaving: EndOfInstance): Promise<void> {
    while (this.#running.length > count) await this.#end(leaving);
    while (this.#running.length < count) await this.#start();
  }

  /** Ends all and starts as many again. */
  async restart(how: EndOfInstance): Promise<void> {
    const count = this.#running.length;
    await this.resize(0, how);
    await this.resize(count, how);
  }

  /** Ends all at once, without a word. */
  abandon(): void {
    for (const { log } of this.#running.splice(0)) log.abandon();
  }

  /** One turn of everyone's loop. */
  async step(): Promise<void> {
    for (const { engine } of this.#running) await engine.step(0);
  }

  /** Turns the loops, without moving the clock, until no record moves any more. */
  async settle(): Promise<void> {
    let before = this.#moves();
    for (let turns = 0; turns < SETTLED_TURNS; ) {
      for (const { engine, log } of this.#running) {
        await engine.step(0);
        await (log.atomicCommits ? engine.commit() : engine.flush());
      }
      const moves = this.#moves();
      turns = moves === before ? turns + 1 : 0;
      before = moves;
    }
  }

  #moves(): number {
    return this.#running.reduce((sum, { log }) => sum + log.reads, this.#options.cluster.changes);
  }

  async #start(): Promise<void> {
    const log = this.#options.createLog();
    const starting = Engine.start({ ...this.#options.engine, log });
    let waiting = true;
    const started = starting.finally(() => {
      waiting = false;
    });
    if (this.#running.length > 0) {
      // The failure is thrown below, when nobody has to be kept going any more.
      started.catch(() => undefined);
      // The others have to give up what they own before the new one is given anything.
      while (waiting) {
        await this.step();
        await setImmediate();
      }
    }
    this.#running.push({ engine: await started, log });
  }

  async #end(how: EndOfInstance): Promise<void> {
    const { engine, log } = this.#running.pop()!;
    if (how === "clean") await engine.close();
    else log.abandon();
    for (let turn = 0; turn < REBALANCE_TURNS; turn++) await this.step();
  }
}
