import { ERROR, type Refusal, refusal } from "./errors.ts";
import { LogBudget } from "./log/log_budget.ts";
import { PartitionLog } from "./log/partition_log.ts";
import { ProducerSequences } from "./log/producer_sequences.ts";
import { enforceRetention } from "./log/retention.ts";
import type { ResolvedClusterOptions } from "./options.ts";
import { TopicConfig } from "./topic_config.ts";

export interface Partition {
  readonly log: PartitionLog;
  readonly sequences: ProducerSequences;
}

export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits; a topic created again gets another. */
  readonly id: string;
  readonly partitions: Partition[];
  config: TopicConfig;
}

const NAME = /^[a-zA-Z0-9._-]{1,249}$/;

/** All topics with their logs. */
export class Topics {
  readonly budget: LogBudget;
  readonly #options: ResolvedClusterOptions;
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();
  #partitionCount = 0;

  constructor(options: ResolvedClusterOptions) {
    this.#options = options;
    this.budget = new LogBudget(options.maxLogBytes);
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  partition(topic: string, partition: number): Partition | undefined {
    return this.#byName.get(topic)?.partitions[partition];
  }

  all(): IterableIterator<Topic> {
    return this.#byName.values();
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  /** Why a topic could not be created, or undefined. The settings have been checked. */
  refuses(name: string, partitions: number): Refusal | undefined {
    if (!NAME.test(name) || name === "." || name === "..") {
      return refusal(
        ERROR.INVALID_TOPIC_EXCEPTION,
        `Topic name "${name}" is not 1 to 249 of a-z, A-Z, 0-9, ".", "_" and "-"`,
      );
    }
    if (this.#byName.has(name)) {
      return refusal(ERROR.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
    }
    return this.refusesPartitions(partitions);
  }

  refusesPartitions(more: number): Refusal | undefined {
    const { maxPartitions } = this.#options;
    if (this.#partitionCount + more <= maxPartitions) return undefined;
    return refusal(
      ERROR.POLICY_VIOLATION,
      `The broker has ${this.#partitionCount} partitions and takes ${maxPartitions}`,
    );
  }

  /** Creates what `refuses` has no objection to. */
  create(name: string, partitions: number, own: ReadonlyMap<string, string>): Topic {
    const topic: Topic = {
      name,
      id: this.#options.uuid().replaceAll("-", ""),
      partitions: [],
      config: new TopicConfig(own, this.#options.topicDefaults),
    };
    this.#byName.set(name, topic);
    this.#byId.set(topic.id, topic);
    this.addPartitions(topic, partitions);
    return topic;
  }

  /** For a client that asks for a topic that is not there. */
  createByDefault(name: string): Topic | Refusal {
    const { defaultPartitions } = this.#options;
    return this.refuses(name, defaultPartitions) ?? this.create(name, defaultPartitions, new Map());
  }

  addPartitions(topic: Topic, more: number): void {
    for (let count = 0; count < more; count++) {
      topic.partitions.push({
        log: new PartitionLog(this.budget),
        sequences: new ProducerSequences(this.#options.maxProducersPerPartition),
      });
    }
    this.#partitionCount += more;
  }

  /** Takes a topic away, and wakes whoever waits for its records. */
  delete(topic: Topic): void {
    this.#byName.delete(topic.name);
    this.#byId.delete(topic.id);
    this.#partitionCount -= topic.partitions.length;
    for (const { log } of topic.partitions) log.destroy();
  }

  /** Deletes what no topic's settings keep any more. */
  enforceRetention(nowMs: number): void {
    for (const { partitions, config } of this.#byName.values()) {
      for (const { log } of partitions) enforceRetention(log, config, nowMs);
    }
  }
}
