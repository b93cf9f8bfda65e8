import type {
  Appended,
  CommittedOffset,
  Fetched,
  TopicPartition,
} from "../../runtime/engine/mod.ts";
import { MillraceError } from "../../runtime/fault/mod.ts";
import { MemoryLog, type MemoryLogOptions } from "../../runtime/testing/mod.ts";

/** When whoever uses a log is killed. */
export interface Doom {
  /** Operations until then; Infinity: never. */
  operations: number;
  /** A share from 0 to 1: how much of an append is still written in the operation that kills. */
  readonly share: () => number;
}

/**
 * The log of an instance that is killed in one of its operations: of an append, any first part of its
 * batches may be written; a commit may have happened, or not; nothing of it is heard by its caller.
 */
export class DoomedLog extends MemoryLog {
  readonly #doom: Doom;
  isDead = false;

  constructor(options: MemoryLogOptions, doom: Doom) {
    super(options);
    this.#doom = doom;
  }

  override async committed(
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommittedOffset[]> {
    if (this.#isDue()) this.#die();
    return await super.committed(partitions);
  }

  override async poll(maxWaitMs: number): Promise<readonly Fetched[]> {
    if (this.#isDue()) this.#die();
    return await super.poll(maxWaitMs);
  }

  override async *read(at: TopicPartition, from: number, to: number): AsyncIterable<Fetched> {
    for await (const fetched of super.read(at, from, to)) {
      if (this.#isDue()) this.#die();
      yield fetched;
    }
  }

  override async confirm(): Promise<void> {
    if (this.#isDue()) this.#die();
    await super.confirm();
  }

  override async append(appended: readonly Appended[]): Promise<void> {
    if (!this.#isDue()) return await super.append(appended);
    const batches = appended.flatMap(({ batches, ...at }) =>
      batches.map((batch) => ({ ...at, batches: [batch] })),
    );
    const written = Math.floor(this.#doom.share() * (batches.length + 1));
    await super.append(batches.slice(0, written));
    this.#die();
  }

  override async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (!this.#isDue()) return await super.commit(offsets);
    if (this.#doom.share() < 0.5) await super.commit(offsets);
    this.#die();
  }

  #isDue(): boolean {
    return this.isDead || --this.#doom.operations <= 0;
  }

  #die(): never {
    this.isDead = true;
    this.abandon();
    throw new MillraceError("INVARIANT", "Cannot go on: killed");
  }
}
