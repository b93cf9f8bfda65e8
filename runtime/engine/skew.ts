/**
 * `maxSkew`: a source partition whose stream time is too far ahead of the group's lowest one waits.
 *
 * What is compared are the partitions of all streams with a `maxSkew`, whoever reads them: this
 * instance's own as they are now, those of others as they have last committed them, looked up every
 * second. What is known of others is old, so that it only ever holds back too much. An idle partition,
 * one that has ended and one that was never read hold nobody back, and the lowest of the others is
 * never ahead of anything: somebody always reads.
 *
 * A partition that waits is not fetched. Nothing shows then that it is read to its end, so it is not
 * idle either.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import type { Input } from "./input.ts";
import type { Clock, Log, TopicPartition } from "./ports.ts";
import { parsePositionMetadata } from "./position_metadata.ts";
import type { Task } from "./task.ts";
import type { Layout } from "./topics.ts";

export interface SkewOptions {
  readonly plan: Plan;
  readonly log: Pick<Log, "committed" | "fetchFrom">;
  readonly clock: Clock;
}

/** How old what is known of others may be, ms. */
const LOOK_MS = 1000;

export class Skew {
  readonly #log: SkewOptions["log"];
  readonly #clock: Clock;
  /** By topic of the streams that have one, ms. */
  readonly #maxSkewMs: ReadonlyMap<string, number>;
  readonly #partitions: readonly TopicPartition[];
  readonly #paused = new Set<Input>();
  /** As last written or to be written with the next commit, by input. */
  readonly #idle = new Map<Input, boolean>();
  /** Lowest stream time that others have committed, ms; Infinity when they hold nobody back. */
  #othersMs = Number.POSITIVE_INFINITY;
  #nextLookMs = Number.NEGATIVE_INFINITY;

  constructor({ plan, log, clock }: SkewOptions, layout: Layout) {
    this.#log = log;
    this.#clock = clock;
    this.#maxSkewMs = new Map(
      Object.values(plan.streams).flatMap(({ topic, maxSkewMs }) =>
        maxSkewMs === undefined ? [] : [[topic, maxSkewMs] as const],
      ),
    );
    this.#partitions = [...this.#maxSkewMs.keys()].flatMap((topic) =>
      Array.from({ length: layout.partitions.get(topic) ?? 0 }, (_, partition) => ({
        topic,
        partition,
      })),
    );
  }

  /** Begins to fetch what the tasks read, except what is too far ahead. @throws transient, fenced */
  async assigned(tasks: readonly Task[]): Promise<void> {
    this.#paused.clear();
    this.#idle.clear();
    this.#nextLookMs = Number.NEGATIVE_INFINITY;
    await this.#choose(tasks);
    this.#fetch(tasks);
  }

  /** Lets partitions wait that have got too far ahead, and others go on. @throws transient, fenced */
  async align(tasks: readonly Task[]): Promise<void> {
    if (this.#maxSkewMs.size > 0 && (await this.#choose(tasks))) this.#fetch(tasks);
  }

  /** @returns whether others wait now than before */
  async #choose(tasks: readonly Task[]): Promise<boolean> {
    const own = tasks.flatMap((task) =>
      task.inputs.flatMap((input) => {
        const maxSkewMs = input.isSource ? this.#maxSkewMs.get(input.topic) : undefined;
        return maxSkewMs === undefined ? [] : [{ task, input, maxSkewMs }];
      }),
    );
    if (own.length === 0) return false;
    await this.#lookAtOthers(new Set(own.map(({ input }) => nameOf(input))));
    let lowestMs = this.#othersMs;
    for (const { task, input } of own) {
      const { idle, streamTimeMs } = input.clock;
      // Others go by the flag that is committed.
      if (idle !== (this.#idle.get(input) ?? false)) task.dirty = true;
      this.#idle.set(input, idle);
      if (idle || input.ended || streamTimeMs === Number.NEGATIVE_INFINITY) continue;
      lowestMs = Math.min(lowestMs, streamTimeMs);
    }
    let hasChanged = false;
    for (const { input, maxSkewMs } of own) {
      const isAhead = input.clock.streamTimeMs - lowestMs > maxSkewMs;
      if (isAhead === this.#paused.has(input)) continue;
      hasChanged = true;
      if (isAhead) {
        this.#paused.add(input);
        input.clock.caughtUp(undefined);
      } else this.#paused.delete(input);
    }
    return hasChanged;
  }

  async #lookAtOthers(own: ReadonlySet<string>): Promise<void> {
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#nextLookMs) return;
    const others = this.#partitions.filter((partition) => !own.has(nameOf(partition)));
    const committed = others.length === 0 ? [] : await this.#log.committed(others);
    const times = committed.flatMap(({ metadata }) => {
      const { streamTimeMs, idle } = parsePositionMetadata(metadata);
      return idle || streamTimeMs === Number.NEGATIVE_INFINITY ? [] : [streamTimeMs];
    });
    this.#othersMs = Math.min(Number.POSITIVE_INFINITY, ...times);
    this.#nextLookMs = nowMs + LOOK_MS;
  }

  #fetch(tasks: readonly Task[]): void {
    this.#log.fetchFrom(
      tasks.flatMap(({ inputs }) =>
        inputs
          .filter((input) => !this.#paused.has(input))
          .map(({ topic, partition, position }) => ({ topic, partition, offset: position })),
      ),
    );
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
