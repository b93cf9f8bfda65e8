/**
 * The ledger of an application that runs elsewhere, from what its tasks have committed.
 *
 * A task's counters stand in a system entry at the end of each commit's changelog entries, so that
 * little of a changelog is read: its last records, and more of it only where a commit was cut short
 * and the entry that the committed offsets belong to stands before it.
 *
 * @module
 */

import type { Plan, Subtopology } from "../../topology/language/mod.ts";
import { decodeChangelogKey, decodeSystem, isOfCommit, type SystemEntry } from "../state/mod.ts";
import { RecordCursor } from "../wire/mod.ts";
import type { Ledger } from "./ledger.ts";
import type { CommittedOffset, Log, TopicPartition } from "./ports.ts";
import { parsePositionMetadata } from "./position_metadata.ts";

/** What is looked at; nothing is joined, and nothing written. */
export type CommittedLog = Pick<
  Log,
  "partitionCounts" | "committed" | "startOffsets" | "endOffsets" | "read"
>;

/** Counters of one task, as of its last commit. */
export interface CommittedLedger {
  readonly subtopology: string;
  /** Source partition, or that of the repartition topic it reads. */
  readonly partition: number;
  readonly ledger: Ledger;
}

interface TaskPlace {
  readonly subtopology: Subtopology;
  readonly partition: number;
  readonly inputs: readonly TopicPartition[];
}

interface Known {
  readonly commit: string;
  readonly ledger: Ledger;
}

/** Records looked at first; then so many times as many, until the entry is found. */
const FIRST_RECORDS = 1;
const TIMES_MORE = 16;

export class CommittedLedgers {
  readonly #log: CommittedLog;
  readonly #plan: Plan;
  /** By task: what was found for a commit. */
  readonly #known = new Map<string, Known>();

  /** @param log whose `committed` answers for the group of the plan's application */
  constructor(log: CommittedLog, plan: Plan) {
    this.#log = log;
    this.#plan = plan;
  }

  /**
   * One entry per task that has committed work, in the plan's order. A task that commits faster than
   * it can be read keeps the counters that it was last seen with.
   *
   * @throws {MillraceError} transient; STATE_MISMATCH for offsets that some other program committed
   */
  async read(): Promise<readonly CommittedLedger[]> {
    const tasks = await this.#tasks();
    const committed = new Map(
      (await this.#log.committed(tasks.flatMap(({ inputs }) => inputs))).map((offset) => [
        nameOf(offset),
        offset,
      ]),
    );
    const found: CommittedLedger[] = [];
    for (const { subtopology, partition, inputs } of tasks) {
      const offsets = inputs.flatMap((input) => committed.get(nameOf(input)) ?? []);
      if (offsets.length < inputs.length) continue;
      const changelog = { topic: subtopology.changelogTopic, partition };
      const ledger = await this.#ledgerOf(changelog, offsets);
      if (ledger !== undefined) found.push({ subtopology: subtopology.name, partition, ledger });
    }
    return found;
  }

  async #tasks(): Promise<TaskPlace[]> {
    const { subtopologies, streams } = this.#plan;
    const topics = subtopologies.map(({ inputs }) =>
      inputs.map(({ from }) => (from.kind === "stream" ? streams[from.stream]!.topic : from.topic)),
    );
    const changelogs = subtopologies.map(({ changelogTopic }) => changelogTopic);
    const counts = await this.#log.partitionCounts([...new Set([...topics.flat(), ...changelogs])]);
    return subtopologies.flatMap((subtopology, n) =>
      Array.from({ length: counts.get(subtopology.changelogTopic) ?? 0 }, (_, partition) => ({
        subtopology,
        partition,
        inputs: topics[n]!.filter((topic) => partition < (counts.get(topic) ?? 0)).map((topic) => ({
          topic,
          partition,
        })),
      })).filter(({ inputs }) => inputs.length > 0),
    );
  }

  async #ledgerOf(
    changelog: TopicPartition,
    offsets: readonly CommittedOffset[],
  ): Promise<Ledger | undefined> {
    const metadata = offsets.map((offset) => parsePositionMetadata(offset.metadata));
    if (metadata.every(({ fresh }) => fresh)) return undefined;
    const commit = offsets.map((offset) => `${offset.offset} ${offset.metadata}`).join("\n");
    const known = this.#known.get(nameOf(changelog));
    if (known?.commit === commit) return known.ledger;
    const positions = offsets.map(({ offset }) => offset);
    const watermarkMs = Math.max(...metadata.map((each) => each.watermarkMs));
    const entry = await this.#find(changelog, (system) =>
      isOfCommit(system, positions, watermarkMs),
    );
    if (entry === undefined) return known?.ledger;
    this.#known.set(nameOf(changelog), { commit, ledger: entry.ledger });
    return entry.ledger;
  }

  /** Looks back from the end, further and further. */
  async #find(
    at: TopicPartition,
    fits: (entry: SystemEntry) => boolean,
  ): Promise<SystemEntry | undefined> {
    const [start = 0] = await this.#log.startOffsets([at]);
    const [end = 0] = await this.#log.endOffsets([at]);
    for (let records = FIRST_RECORDS; ; records *= TIMES_MORE) {
      const from = Math.max(start, end - records);
      if (from >= end) return undefined;
      const found = await this.#lastOf(at, from, end, fits);
      if (found !== undefined || from === start) return found;
    }
  }

  async #lastOf(
    at: TopicPartition,
    from: number,
    to: number,
    fits: (entry: SystemEntry) => boolean,
  ): Promise<SystemEntry | undefined> {
    const cursor = new RecordCursor();
    let last: SystemEntry | undefined;
    for await (const { bytes } of this.#log.read(at, from, to)) {
      cursor.reset(bytes);
      while (cursor.nextBatch()) {
        while (!cursor.isControl && cursor.nextRecord()) {
          const { buffer, keyStart, keyEnd, valueStart, valueEnd } = cursor;
          if (valueStart < 0) continue;
          const key = decodeChangelogKey(
            buffer.subarray(Math.max(0, keyStart), Math.max(0, keyEnd)),
          );
          if (key.kind !== "system") continue;
          const entry = decodeSystem(buffer.subarray(valueStart, valueEnd));
          if (fits(entry)) last = entry;
        }
      }
    }
    return last;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
