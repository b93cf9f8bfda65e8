import {
  CONFIG_SOURCE,
  CONFIG_TYPE,
  checkConfigValue,
  listOf,
  TOPIC_CONFIGS,
} from "./config_definitions.ts";

/** A setting as it is described to clients. */
export interface DescribedConfig {
  readonly name: string;
  readonly value: string;
  readonly configSource: number;
  readonly configType: number;
  readonly readOnly: boolean;
}

/** What is wrong with settings, or undefined. */
export function checkTopicSettings(
  settings: Iterable<readonly [name: string, value: string | null]>,
): string | undefined {
  for (const [name, value] of settings) {
    const definition = Object.hasOwn(TOPIC_CONFIGS, name) ? TOPIC_CONFIGS[name] : undefined;
    if (definition === undefined) return `Unknown topic config name: ${name}`;
    if (value === null) return `Null value not supported for topic configs: ${name}`;
    const wrong = checkConfigValue(name, definition, value);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** The settings of one topic: its own, over the broker's, over Kafka's defaults. */
export class TopicConfig {
  /** Set by a client, valid. */
  readonly own: ReadonlyMap<string, string>;
  readonly #brokerDefaults: Readonly<Record<string, string>>;

  // What the log looks at, parsed once.
  readonly deletes: boolean;
  readonly isCompacted: boolean;
  /** -1: for ever. */
  readonly retentionMs: number;
  /** Per partition; -1: no limit. */
  readonly retentionBytes: number;
  readonly maxMessageBytes: number;
  readonly isLogAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;

  constructor(own: ReadonlyMap<string, string>, brokerDefaults: Readonly<Record<string, string>>) {
    this.own = own;
    this.#brokerDefaults = brokerDefaults;
    const policy = listOf(this.value("cleanup.policy"));
    this.deletes = policy.includes("delete");
    this.isCompacted = policy.includes("compact");
    this.retentionMs = Number(this.value("retention.ms"));
    this.retentionBytes = Number(this.value("retention.bytes"));
    this.maxMessageBytes = Number(this.value("max.message.bytes"));
    this.isLogAppendTime = this.value("message.timestamp.type") === "LogAppendTime";
    this.timestampBeforeMaxMs = Number(this.value("message.timestamp.before.max.ms"));
    this.timestampAfterMaxMs = Number(this.value("message.timestamp.after.max.ms"));
  }

  value(name: string): string {
    return this.own.get(name) ?? this.#brokerDefaults[name] ?? TOPIC_CONFIGS[name]?.default ?? "";
  }

  with(own: ReadonlyMap<string, string>): TopicConfig {
    return new TopicConfig(own, this.#brokerDefaults);
  }

  describe(): DescribedConfig[] {
    return Object.entries(TOPIC_CONFIGS).map(([name, definition]) => ({
      name,
      value: this.value(name),
      configSource: this.own.has(name)
        ? CONFIG_SOURCE.topic
        : Object.hasOwn(this.#brokerDefaults, name)
          ? CONFIG_SOURCE.staticBroker
          : CONFIG_SOURCE.default,
      configType: CONFIG_TYPE[definition.type],
      readOnly: false,
    }));
  }
}
