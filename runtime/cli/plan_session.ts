/**
 * An engine whose plan can change while the process goes on.
 *
 *     compare ──▶ start ──▶ swap ──▶ swap … ──▶ close
 *
 * A swap is a clean stop and a start: the old plan's last commit covers everything it has read and
 * written, and the new plan goes on at the committed offsets with the state of the changelog. What
 * runs is kept in the application's topology topic, so that the next process can compare.
 *
 * @module
 */

import {
  formatStageChange,
  isLosing,
  type Plan,
  type PlanComparison,
  type PlanSnapshot,
  topicsOf,
} from "../../topology/language/mod.ts";
import type { Functions } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { type Instance, type InstanceOptions, startInstance } from "./instance.ts";
import { PlanStore } from "./plan_store.ts";
import { deleteApplication } from "./reset.ts";

export type PlanSessionOptions = Omit<InstanceOptions, "plan" | "functions">;

/** A plan with the functions that it names. */
export interface Runnable {
  readonly plan: Plan;
  readonly functions: Functions;
}

interface Running extends Runnable {
  readonly snapshot: PlanSnapshot;
  readonly instance: Instance;
}

export class PlanSession {
  readonly #options: PlanSessionOptions;
  readonly #store: PlanStore;
  #running: Running | undefined;
  #fail!: (error: unknown) => void;
  /** Rejects when the engine fails for good. */
  readonly failed: Promise<never>;

  constructor(options: PlanSessionOptions) {
    this.#options = options;
    this.#store = new PlanStore(options.brokers);
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // It is awaited only while the command waits; a failure on the way out is not news.
    this.failed.catch(() => undefined);
  }

  /** The plan that runs. */
  get plan(): Plan | undefined {
    return this.#running?.plan;
  }

  /** With what runs here; before the start, with what the application last ran anywhere. */
  async compare(plan: Plan): Promise<PlanComparison> {
    const before = this.#running?.snapshot ?? (await this.#store.load(plan.application));
    return await this.#store.compare(before, plan);
  }

  /**
   * Whether the plan fits what was left is for the caller to ask before.
   *
   * @throws {MillraceError} what keeps it from running; nothing runs then
   */
  async start({ plan, functions }: Runnable): Promise<void> {
    const instance = await startInstance({ ...this.#options, plan, functions });
    instance.done.catch((error: unknown) => {
      if (this.#running?.instance === instance) this.#fail(error);
    });
    try {
      const snapshot = await this.#store.snapshot(plan);
      await this.#store.save(snapshot);
      this.#running = { plan, functions, snapshot, instance };
    } catch (error) {
      await instance.stop();
      throw error;
    }
  }

  /**
   * Runs another plan instead. One that cannot start leaves the old one running.
   *
   * @throws {MillraceError} what keeps the new plan from running
   */
  async swap(after: Runnable): Promise<void> {
    const before = this.#running;
    await this.stop();
    try {
      await this.start(after);
    } catch (error) {
      if (before === undefined) throw error;
      try {
        await this.start(before);
      } catch (fatal) {
        this.#fail(fatal);
      }
      throw error;
    }
  }

  /**
   * Stops what runs and deletes what it and the plan have: topics, group, offsets.
   *
   * @param announce is told the topics first
   * @returns topics that were written for others
   */
  async reset(plan: Plan, announce?: (topics: readonly string[]) => void): Promise<string[]> {
    const before = this.#running?.snapshot ?? (await this.#loadAny(plan.application));
    await this.stop();
    const all = [topicsOf(plan), ...(before === undefined ? [] : [before.topics])];
    const written = [...new Set(all.flatMap((topics) => topics.written))];
    const topics = [...new Set([...all.flatMap(({ internal }) => internal), ...written])];
    announce?.(topics);
    const applications = new Set([plan.application, before?.application ?? plan.application]);
    for (const application of applications) {
      await deleteApplication(this.#options.brokers, application, topics);
    }
    return written;
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.instance.stop();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#store.close();
  }

  /** What another version left need not be understood to be deleted. */
  async #loadAny(application: string): Promise<PlanSnapshot | undefined> {
    try {
      return await this.#store.load(application);
    } catch (error) {
      if (error instanceof MillraceError && error.code === "STATE_MISMATCH") return undefined;
      throw error;
    }
  }
}

/** Stages that would lose state, and why; undefined when none would. */
export function describeLoss({ stages }: PlanComparison): string | undefined {
  const losing = stages.filter(isLosing).flatMap(formatStageChange);
  return losing.length === 0 ? undefined : losing.join("\n");
}
