/**
 * The engine of `dev`: swapped for a new plan when the file changes.
 *
 * The same stateful fingerprint keeps state, offsets and results: the new plan goes on where the old
 * one committed. Otherwise the application's internal topics, offsets, written topics and their
 * subjects are deleted, and it starts over from the earliest record of the in-memory log.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import type { RegistryClient } from "../registry/mod.ts";
import { describeEvent, type Instance, startInstance } from "./instance.ts";
import { deleteApplication, internalTopics, writtenTopics } from "./reset.ts";

export interface DevSessionOptions {
  readonly brokers: readonly string[];
  readonly schemas: RegistryClient;
  readonly note: (line: string) => void;
}

/** A newcomer's laptop may sleep: nobody else waits for this group. */
const SESSION_TIMEOUT_MS = 30_000;

export class DevSession {
  readonly #options: DevSessionOptions;
  #plan: Plan | undefined;
  #instance: Instance | undefined;
  #fail!: (error: unknown) => void;
  /** Rejects when the engine fails for good. */
  readonly failed: Promise<never>;

  constructor(options: DevSessionOptions) {
    this.#options = options;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // It is awaited only while the command waits; a failure on the way out is not news.
    this.failed.catch(() => undefined);
  }

  /** @throws {MillraceError} what keeps the plan from running */
  async start(plan: Plan): Promise<void> {
    const instance = await startInstance({
      plan,
      brokers: this.#options.brokers,
      schemas: this.#options.schemas,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      onEvent: (event) => {
        const line = event.kind === "assigned" ? undefined : describeEvent(event);
        if (line !== undefined) this.#options.note(`${plan.application} ${line}`);
      },
    });
    this.#plan = plan;
    this.#instance = instance;
    instance.done.catch((error: unknown) => {
      if (this.#instance === instance) this.#fail(error);
    });
  }

  /** Runs another plan instead. */
  async change(plan: Plan): Promise<"none" | "swapped" | "started over"> {
    const before = this.#plan;
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(plan)) return "none";
    await this.stop();
    const keeps = before?.statefulFingerprint === plan.statefulFingerprint;
    if (!keeps) {
      for (const old of before === undefined ? [plan] : [before, plan]) await this.#forget(old);
    }
    await this.start(plan);
    return keeps ? "swapped" : "started over";
  }

  async stop(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    await instance?.stop();
  }

  async #forget(plan: Plan): Promise<void> {
    const { brokers, schemas } = this.#options;
    const written = writtenTopics(plan);
    await deleteApplication(brokers, plan.application, [...internalTopics(plan), ...written]);
    for (const topic of written) {
      await schemas.deleteSubject(`${topic}-key`);
      await schemas.deleteSubject(`${topic}-value`);
    }
  }
}
