/**
 * Streams: topics and how their bytes become values.
 *
 * @module
 */

import {
  expression,
  type FieldType,
  literal,
  type ObjectSpec,
  object,
  positiveDuration,
  union,
} from "./types.ts";

export const ERROR_POLICY: FieldType = literal("deadLetter", "skip", "fail");

const VALUE_TYPES: readonly FieldType[] = [
  {
    kind: "literal",
    values: ["string", "int", "long", "double", "boolean", "bytes", "json", "avro"],
    otherWords: {
      ".avsc": "for a schema in a file write { avro: % }",
      float: "did you mean double?",
      number: "did you mean int, long or double?",
      decimal: "did you mean double?",
      integer: "did you mean int (32 bits) or long (64 bits)?",
      bigint: "did you mean long?",
      text: "did you mean string?",
      str: "did you mean string?",
    },
  },
  object("AvroFile"),
  object("Subject"),
  object("JsonFile"),
];

export const VALUE_TYPE: FieldType = union(...VALUE_TYPES);

export const KEY_TYPE: FieldType = union(...VALUE_TYPES, object("WindowedKey"));

export const STREAM_OBJECTS = {
  Stream: {
    doc: "A topic.",
    shortFor: "{ value: % }",
    fields: {
      topic: {
        type: { kind: "string" },
        default: "the stream's name",
        example: "shop.orders.v1",
        doc: "The topic's name.",
      },
      key: {
        type: KEY_TYPE,
        default: "written here: what the pipeline writes; read: bytes",
        example: "string",
        doc: "Type of the key.",
      },
      value: {
        type: VALUE_TYPE,
        default: "written here: what the pipeline writes",
        example: "{ avro: order.avsc }",
        doc: "Type of the value. Required for a stream that is only read.",
      },
      partitionedBy: {
        type: literal("key"),
        example: "key",
        doc: "The producers partition by the key (a windowed one without its window), as Kafka's Java client does: no repartition is needed to reduce by it.",
      },
      eventTime: {
        type: expression,
        default: "the record's timestamp",
        unit: "ms since 1970",
        example: "value.placed_at",
        doc: "Event time of a record, int, Unix epoch ms. Sees key and value.",
      },
      idle: {
        type: { kind: "duration", words: ["never"], positive: true },
        default: "5s",
        example: "2s",
        doc: "Silence after which a partition that has been read to its end no longer holds time back.",
      },
      maxFuture: {
        type: { kind: "duration", words: ["unlimited"] },
        default: "1h",
        example: "1h",
        doc: "How far ahead of the wall clock an event time may be; further ahead is a bad record.",
      },
      maxSkew: {
        type: positiveDuration,
        default: "off",
        example: "10m",
        doc: "How far a partition may be ahead in event time of the lowest one of all streams that have a maxSkew, before it waits. Partitions that are idle hold nobody back.",
      },
      start: {
        type: literal("earliest", "latest"),
        default: "earliest",
        example: "latest",
        doc: "Where to begin when nothing has been committed.",
      },
      onError: {
        type: ERROR_POLICY,
        default: "deadLetter",
        example: "skip",
        doc: "What happens to a record that cannot be read: it goes to the stream dead_letters, is counted and left out, or stops the application.",
      },
      create: {
        type: object("Create"),
        example: "{ partitions: 4 }",
        doc: "How the topic is created when it does not exist.",
      },
    },
  },
  Create: {
    doc: "Settings of a topic that has to be created.",
    fields: {
      partitions: {
        type: { kind: "integer", minimum: 1, maximum: 10_000 },
        default: "1 for a source; for a sink those of its writer",
        example: "4",
        doc: "Number of partitions.",
      },
      replication: {
        type: { kind: "integer", minimum: 1, maximum: 100 },
        default: "the broker's",
        example: "3",
        doc: "Replication factor.",
      },
      cleanup: {
        type: {
          kind: "literal",
          values: ["delete", "compact", "compact,delete"],
          otherWords: { "delete,compact": "did you mean compact,delete?" },
        },
        default: "delete",
        example: "compact",
        doc: "cleanup.policy of the topic.",
      },
      retention: {
        type: { kind: "duration", words: ["forever"], positive: true },
        default: "forever",
        example: "7d",
        doc: "retention.ms of the topic, measured by event time.",
      },
    },
  },
  AvroFile: {
    doc: "An Avro schema in a file.",
    fields: {
      avro: {
        type: { kind: "string" },
        required: true,
        example: "../schemas/order.avsc",
        doc: "Path of the .avsc file, from this file.",
      },
    },
  },
  Subject: {
    doc: "An Avro schema in the registry.",
    fields: {
      subject: {
        type: { kind: "string" },
        required: true,
        example: "orders-value",
        doc: "Subject in the registry.",
      },
      version: {
        type: { kind: "integer", minimum: 1, maximum: 2 ** 31 - 1 },
        default: "the latest",
        example: "3",
        doc: "Version of the subject.",
      },
    },
  },
  JsonFile: {
    doc: "JSON text checked against an Avro schema.",
    fields: {
      json: {
        type: { kind: "string" },
        required: true,
        example: "../schemas/reading.avsc",
        doc: "Path of the .avsc file, from this file.",
      },
    },
  },
  WindowedKey: {
    doc: "The key of a result of a window stage.",
    fields: {
      window: {
        type: VALUE_TYPE,
        required: true,
        example: "string",
        doc: "Type of the key without the window.",
      },
      as: {
        type: literal("binary", "record"),
        default: "binary",
        example: "record",
        doc: "binary: the key's bytes and the window's start, 8 bytes big-endian, with its end before it if it is a session. record: Avro, the fields key, windowStart and windowEnd, ms since 1970.",
      },
      size: {
        type: { kind: "duration", positive: true, words: ["session"] },
        default: "written here: that of the stage's window",
        example: "1s",
        doc: "Size of the windows, or session. Required for a stream that is only read: the bytes do not tell where a window ends.",
      },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
