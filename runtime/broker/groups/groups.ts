import type { ResolvedClusterOptions } from "../options.ts";
import type { Timers } from "../timers.ts";
import { Group } from "./group.ts";

/** All consumer groups. */
export class Groups {
  readonly #options: ResolvedClusterOptions;
  readonly #timers: Timers;
  readonly #groups = new Map<string, Group>();

  constructor(options: ResolvedClusterOptions, timers: Timers) {
    this.#options = options;
    this.#timers = timers;
  }

  get size(): number {
    return this.#groups.size;
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  all(): IterableIterator<Group> {
    return this.#groups.values();
  }

  /** Undefined when there are too many groups that something would be missed of. */
  getOrCreate(id: string): Group | undefined {
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    if (this.#groups.size >= this.#options.maxGroups) this.#disposeOfUnused();
    if (this.#groups.size >= this.#options.maxGroups) return undefined;
    const { clock, uuid, maxGroupMembers } = this.#options;
    const group = new Group(id, {
      timers: this.#timers,
      monotonic: () => clock.monotonic(),
      newMemberId: (prefix) => `${prefix}-${uuid()}`,
      maxMembers: maxGroupMembers,
    });
    this.#groups.set(id, group);
    return group;
  }

  delete(id: string): void {
    this.#groups.delete(id);
  }

  /** Its offsets mean nothing to a topic of the same name that is created later. */
  forgetTopic(topic: string): void {
    for (const { offsets } of this.#groups.values()) offsets.forgetTopic(topic);
  }

  #disposeOfUnused(): void {
    for (const [id, group] of this.#groups) {
      if (group.isDisposable) this.#groups.delete(id);
    }
  }
}
