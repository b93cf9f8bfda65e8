/** Numbers of the protocol for the type of a setting. */
export const CONFIG_TYPE = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

/** Numbers of the protocol for where a setting's value comes from. */
export const CONFIG_SOURCE = { topic: 1, staticBroker: 4, default: 5 } as const;

/** One setting: type, bounds or choices, and Kafka's default. */
export interface ConfigDefinition {
  readonly type: keyof typeof CONFIG_TYPE;
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

const LONG_MAX = "9223372036854775807";
const INT_MAX = 2147483647;

const long = (value: string, min: number): ConfigDefinition => ({
  type: "long",
  default: value,
  min,
});
const int = (value: string, min: number, max = INT_MAX): ConfigDefinition => ({
  type: "int",
  default: value,
  min,
  max,
});
const bool = (value: string): ConfigDefinition => ({ type: "boolean", default: value });
const choice = (value: string, choices: readonly string[]): ConfigDefinition => ({
  type: "string",
  default: value,
  choices,
});

/**
 * The settings that a topic of Apache Kafka 4 has. All can be set and are told back; what they do here
 * is in the README.
 */
export const TOPIC_CONFIGS: Readonly<Record<string, ConfigDefinition>> = {
  "cleanup.policy": { type: "list", default: "delete", choices: ["compact", "delete"] },
  "compression.type": choice("producer", [
    "uncompressed",
    "zstd",
    "lz4",
    "snappy",
    "gzip",
    "producer",
  ]),
  "delete.retention.ms": long("86400000", 0),
  "file.delete.delay.ms": long("60000", 0),
  "flush.messages": long(LONG_MAX, 1),
  "flush.ms": long(LONG_MAX, 0),
  "follower.replication.throttled.replicas": { type: "list", default: "" },
  "index.interval.bytes": int("4096", 0),
  "leader.replication.throttled.replicas": { type: "list", default: "" },
  "local.retention.bytes": long("-2", -2),
  "local.retention.ms": long("-2", -2),
  "max.compaction.lag.ms": long(LONG_MAX, 1),
  "max.message.bytes": int("1048588", 0),
  "message.timestamp.after.max.ms": long("3600000", 0),
  "message.timestamp.before.max.ms": long(LONG_MAX, 0),
  "message.timestamp.type": choice("CreateTime", ["CreateTime", "LogAppendTime"]),
  "min.cleanable.dirty.ratio": { type: "double", default: "0.5", min: 0, max: 1 },
  "min.compaction.lag.ms": long("0", 0),
  "min.insync.replicas": int("1", 1),
  preallocate: bool("false"),
  "remote.storage.enable": bool("false"),
  "retention.bytes": long("-1", -1),
  "retention.ms": long("604800000", -1),
  "segment.bytes": int("1073741824", 14),
  "segment.index.bytes": int("10485760", 4),
  "segment.jitter.ms": long("0", 0),
  "segment.ms": long("604800000", 1),
  "unclean.leader.election.enable": bool("false"),
};

/** Why a value does not fit its setting, or undefined when it does. */
export function checkConfigValue(
  name: string,
  definition: ConfigDefinition,
  value: string,
): string | undefined {
  const wrong = (why: string) => `Invalid value ${value} for configuration ${name}: ${why}`;
  switch (definition.type) {
    case "boolean":
      return /^(true|false)$/i.test(value) ? undefined : wrong("must be true or false");
    case "int":
    case "long":
      if (!/^[+-]?\d{1,19}$/.test(value)) return wrong("not a number");
      if (BigInt(value) > BigInt(LONG_MAX)) return wrong("beyond 64 bits");
      return checkBounds(Number(value), definition, wrong);
    case "double": {
      const number = value.trim() === "" ? Number.NaN : Number(value);
      return Number.isFinite(number)
        ? checkBounds(number, definition, wrong)
        : wrong("not a number");
    }
    case "string":
      return checkChoices([value], definition, wrong);
    case "list":
      return checkChoices(listOf(value), definition, wrong);
  }
}

/** The entries of a list setting. */
export function listOf(value: string): string[] {
  return value
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function checkBounds(
  value: number,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: ConfigDefinition,
  wrong: (why: string) => string,
): string | undefined {
  if (value < min) return wrong(`must be at least ${min}`);
  return value > max ? wrong(`must be at most ${max}`) : undefined;
}

function checkChoices(
  values: readonly string[],
  { choices }: ConfigDefinition,
  wrong: (why: string) => string,
): string | undefined {
  if (choices === undefined || values.every((value) => choices.includes(value))) return undefined;
  return wrong(`must be among ${choices.join(", ")}`);
}
