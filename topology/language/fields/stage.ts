/**
 * Stages of a pipeline.
 *
 * @module
 */

import { ERROR_POLICY, VALUE_TYPE } from "./stream.ts";
import {
  duration,
  expression,
  type FieldSpec,
  type FieldType,
  list,
  literal,
  made,
  name,
  type ObjectSpec,
  object,
  positiveDuration,
  text,
  union,
} from "./types.ts";

/** The keys of which a stage has exactly one. */
export const STAGE_KINDS = [
  "source",
  "filter",
  "map",
  "flatMap",
  "branch",
  "reduce",
  "windowedReduce",
  "peek",
  "sink",
] as const;

const CALL: FieldType = object("Call");

const EMIT_FIELDS = {
  key: { type: made, default: "as it came", example: "value.sku", doc: "The key that goes out." },
  value: {
    type: made,
    default: "as it came",
    example: "{ units: value.quantity }",
    doc: "The value that goes out, whole or field by field.",
  },
  set: {
    type: { kind: "fields", names: "field", of: made },
    example: "{ cents: value.quantity * value.unit_cents }",
    doc: "Instead of value: what came, plus these fields.",
  },
  drop: {
    type: list({ kind: "string" }),
    example: "[unit_cents]",
    doc: "Instead of value: what came, less these fields.",
  },
  tombstone: {
    type: literal(true),
    example: "true",
    doc: "Instead of value: null, which deletes the key downstream.",
  },
  headers: {
    type: { kind: "fields", names: "any", of: expression },
    example: "{ origin: topic }",
    doc: "Headers that go out, as UTF-8 text or bytes, beside those that came under other names.",
  },
} as const satisfies Record<string, FieldSpec>;

const REDUCE_FIELDS = {
  key: {
    type: made,
    default: "as it came",
    example: "value.province",
    doc: "Re-keys in place before reducing.",
  },
  value: {
    type: {
      kind: "fields",
      names: "field",
      notEmpty: true,
      shortFor: "{ n: % }",
      of: union({ kind: "string" }, CALL, object("Reducer")),
    },
    required: true,
    example: "{ n: count(), cents: sum(value.cents) }",
    doc: "The result, field by field: each exactly one call of an aggregator.",
  },
} as const satisfies Record<string, FieldSpec>;

export const STAGE_OBJECTS = {
  Stage: {
    doc: "One step of a pipeline.",
    exactlyOne: STAGE_KINDS,
    fields: {
      id: {
        type: name,
        default: "the pipeline's name, for its only stateful stage",
        example: "per_second",
        doc: "Names the store, the changelog and the metric. State is found again by it.",
      },
      description: { type: text, example: "Shoppers of each second.", doc: "What it is for." },
      onError: {
        type: ERROR_POLICY,
        default: "deadLetter",
        example: "skip",
        doc: "What happens to a record for which an expression fails. Behind dead_letters it must be said, and not be deadLetter: one that fails again would come back for ever.",
      },
      source: {
        type: { kind: "oneOrMany", of: { kind: "string" } },
        example: "[clicks, taps]",
        doc: "The streams and pipelines whose records come in. The first stage of every pipeline.",
      },
      filter: {
        type: expression,
        example: "value.status == 'PAID'",
        doc: "Only records for which it is true go on.",
      },
      map: {
        type: union(object("Emit"), CALL),
        example: "{ key: value.id, value: { to: value.customer.name } }",
        doc: "One record out of each one in.",
      },
      flatMap: {
        type: { kind: "oneOrMany", of: union(object("LoopedEmit"), CALL) },
        example: "{ for: { line: value.lines }, key: line.sku, value: line.quantity }",
        doc: "Zero, one or many records out of each one in.",
      },
      branch: {
        type: { kind: "list", of: object("Branch"), notEmpty: true },
        example:
          "[{ when: value.cents > 1000, stages: [{ sink: dear }] }, { stages: [{ sink: cheap }] }]",
        doc: "The first branch whose condition holds takes the record. The last stage of its pipeline.",
      },
      reduce: {
        type: object("Reduce"),
        example: "{ value: { n: count() }, emit: updates }",
        doc: "One running result per key.",
      },
      windowedReduce: {
        type: object("WindowedReduce"),
        example: "{ window: { tumbling: 1m, grace: 5s }, value: { n: count() }, emit: final }",
        doc: "One result per key and window.",
      },
      peek: {
        type: object("Peek"),
        example: "{ value: value.gender, every: 5s }",
        doc: "Shows a sample of what passes, and passes it on.",
      },
      sink: {
        type: union({ kind: "string" }, object("Sink")),
        example: "results",
        doc: "Writes to a stream and passes the record on.",
      },
    },
  },
  Emit: { doc: "A record that goes out.", shortFor: "{ value: % }", fields: EMIT_FIELDS },
  LoopedEmit: {
    doc: "A record that goes out, if `when` holds.",
    shortFor: "{ value: % }",
    fields: {
      ...EMIT_FIELDS,
      for: {
        type: { kind: "fields", names: "name", of: expression, notEmpty: true },
        example: "{ line: value.lines }",
        doc: "Names with lists: one record per element; of several lists, per combination.",
      },
      when: {
        type: expression,
        default: "true",
        example: "line.quantity > 0",
        doc: "Nothing goes out unless it is true.",
      },
    },
  },
  Call: {
    doc: "A function of the module that `functions:` names.",
    fields: {
      fn: { type: { kind: "string" }, required: true, example: "enrich", doc: "An exported name." },
      returns: {
        type: VALUE_TYPE,
        default: "the type that came in",
        example: "{ avro: enriched.avsc }",
        doc: "What it returns.",
      },
    },
  },
  Branch: {
    doc: "One branch.",
    fields: {
      when: {
        type: expression,
        default: "the rest",
        example: "value.cents > 1000",
        doc: "Which records it takes.",
      },
      stages: {
        type: { kind: "list", of: object("Stage"), notEmpty: true },
        required: true,
        example: "[{ sink: dear }]",
        doc: "What happens to them.",
      },
    },
  },
  Reduce: {
    doc: "One running result per key.",
    fields: {
      ...REDUCE_FIELDS,
      emit: {
        type: union(literal("updates"), object("Every")),
        required: true,
        example: "{ every: 10s }",
        doc: "updates: after every record; every: the newest result of each changed key, at most that often.",
      },
      retention: {
        type: { kind: "duration", positive: true, words: ["forever"] },
        default: "forever",
        example: "7d",
        doc: "A key of which no record has come for so long, by event time, is forgotten.",
      },
    },
  },
  WindowedReduce: {
    doc: "One result per key and window.",
    fields: {
      window: {
        type: union(literal("same"), object("Window")),
        required: true,
        example: "{ tumbling: 1h, grace: 5m }",
        doc: "Which records are reduced together; same: results of a window stage, each in its window.",
      },
      ...REDUCE_FIELDS,
      emit: {
        type: union(literal("final", "updates"), object("Every")),
        required: true,
        example: "final",
        doc: "final: once, when the window closes; updates: after every record; every: the newest result of each changed key and window, at most that often.",
      },
      late: {
        type: { kind: "string" },
        example: "late_orders",
        doc: "Stream that takes the records that came too late for their window.",
      },
    },
  },
  Every: {
    doc: "The newest result of each changed key, at most once per interval.",
    fields: {
      every: {
        type: positiveDuration,
        required: true,
        example: "10s",
        doc: "Wall-clock interval.",
      },
    },
  },
  Reducer: {
    doc: "A reducer written as expressions.",
    fields: {
      lift: {
        type: made,
        required: true,
        example: "{ s: value.price, n: 1 }",
        doc: "A partial result of one record.",
      },
      combine: {
        type: made,
        required: true,
        example: "{ s: a.s + b.s, n: a.n + b.n }",
        doc: "Joins the partial results a and b.",
      },
      inverse: {
        type: made,
        example: "{ s: a.s - b.s, n: a.n - b.n }",
        doc: "inverse(combine(a, b), b) = a.",
      },
      lower: {
        type: made,
        default: "the partial itself",
        example: "a.s / double(a.n)",
        doc: "The result of a partial.",
      },
      ordered: {
        type: literal(true),
        example: "true",
        doc: "The order of the records matters. A combine or lift that gives null deletes the key.",
      },
    },
  },
  Window: {
    doc: "Which records are reduced together, by event time.",
    shortFor: "{ tumbling: %, grace: 0s }",
    exactlyOne: ["tumbling", "hopping", "sliding", "session", "calendar"],
    fields: {
      tumbling: {
        type: positiveDuration,
        example: "1s",
        doc: "Length of windows that follow each other.",
      },
      hopping: { type: positiveDuration, example: "1m", doc: "Length of windows that overlap." },
      every: {
        type: positiveDuration,
        beside: ["hopping"],
        requiredBeside: ["hopping"],
        example: "5s",
        doc: "Distance between the starts of hopping windows.",
      },
      sliding: {
        type: duration,
        example: "10s",
        doc: "Greatest distance of two records.",
      },
      session: {
        type: duration,
        example: "30m",
        doc: "Silence that ends a session.",
      },
      calendar: {
        type: literal("hour", "day", "week", "month"),
        example: "day",
        doc: "Windows of a calendar.",
      },
      zone: {
        type: { kind: "string" },
        beside: ["calendar"],
        requiredBeside: ["calendar"],
        example: "Asia/Shanghai",
        doc: "IANA time zone of the calendar.",
      },
      offset: {
        type: duration,
        beside: ["tumbling", "hopping"],
        default: "0s",
        example: "8h",
        doc: "Shifts the starts, which are multiples of the distance otherwise.",
      },
      grace: {
        type: duration,
        required: true,
        example: "0s",
        doc: "How long after its end, in event time, a window still takes records.",
      },
    },
  },
  Peek: {
    doc: "A sample of what passes.",
    fields: {
      value: {
        type: expression,
        default: "the whole record",
        example: "value.gender",
        doc: "What to show.",
      },
      every: { type: positiveDuration, default: "1s", example: "5s", doc: "How often." },
    },
  },
  Sink: {
    doc: "A stream to write to.",
    fields: {
      stream: { type: { kind: "string" }, required: true, example: "results", doc: "The stream." },
      partition: {
        type: expression,
        default: "by key",
        unit: "number, from 0",
        example: "value.user_id % 4",
        doc: "Partition to write to.",
      },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
