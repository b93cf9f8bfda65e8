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
  notBuilt,
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
  key: { type: made, default: "as it came", doc: "The key that goes out." },
  value: {
    type: made,
    default: "as it came",
    doc: "The value that goes out, whole or field by field.",
  },
  set: {
    type: { kind: "fields", names: "field", of: made },
    doc: "Instead of value: what came, plus these fields.",
  },
  drop: {
    type: list({ kind: "string" }),
    doc: "Instead of value: what came, less these fields.",
  },
  tombstone: {
    type: literal(true),
    doc: "Instead of value: null, which deletes the key downstream.",
  },
  headers: {
    type: { kind: "fields", names: "any", of: expression },
    doc: "Headers that go out, as UTF-8 text or bytes, beside those that came under other names.",
  },
} as const satisfies Record<string, FieldSpec>;

const REDUCE_FIELDS = {
  key: { type: made, default: "as it came", doc: "Re-keys in place before reducing." },
  value: {
    type: {
      kind: "fields",
      names: "field",
      notEmpty: true,
      shortFor: "{ n: % }",
      of: union({ kind: "string" }, CALL, object("Reducer")),
    },
    required: true,
    doc: "The result, field by field: each exactly one call of an aggregator.",
  },
  retention: {
    type: notBuilt(
      { kind: "duration", words: ["forever"] },
      "retention of state",
      "leave it out: state lives until its window closes",
    ),
    doc: "How long state is kept.",
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
        doc: "Names the store, the changelog and the metric. State is found again by it.",
      },
      description: { type: text, doc: "What it is for." },
      onError: {
        type: ERROR_POLICY,
        default: "deadLetter",
        doc: "What happens to a record for which an expression fails.",
      },
      source: {
        type: { kind: "oneOrMany", of: { kind: "string" } },
        doc: "The streams and pipelines whose records come in. The first stage of every pipeline.",
      },
      filter: { type: expression, doc: "Only records for which it is true go on." },
      map: { type: union(object("Emit"), CALL), doc: "One record out of each one in." },
      flatMap: {
        type: { kind: "oneOrMany", of: union(object("LoopedEmit"), CALL) },
        doc: "Zero, one or many records out of each one in.",
      },
      branch: {
        type: { kind: "list", of: object("Branch"), notEmpty: true },
        doc: "The first branch whose condition holds takes the record. The last stage of its pipeline.",
      },
      reduce: {
        type: object("Reduce"),
        doc: "One running result per key.",
      },
      windowedReduce: { type: object("WindowedReduce"), doc: "One result per key and window." },
      peek: { type: object("Peek"), doc: "Shows a sample of what passes, and passes it on." },
      sink: {
        type: union({ kind: "string" }, object("Sink")),
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
        doc: "Names with lists: one record per element; of several lists, per combination.",
      },
      when: { type: expression, default: "true", doc: "Nothing goes out unless it is true." },
    },
  },
  Call: {
    doc: "A function of the module that `functions:` names.",
    fields: {
      fn: { type: { kind: "string" }, required: true, doc: "An exported name." },
      returns: { type: VALUE_TYPE, default: "the type that came in", doc: "What it returns." },
    },
  },
  Branch: {
    doc: "One branch.",
    fields: {
      when: { type: expression, default: "the rest", doc: "Which records it takes." },
      stages: {
        type: { kind: "list", of: object("Stage"), notEmpty: true },
        required: true,
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
        doc: "updates: after every record; every: the newest result of each changed key, at most that often.",
      },
    },
  },
  WindowedReduce: {
    doc: "One result per key and window.",
    fields: {
      window: {
        type: union(literal("same"), object("Window")),
        required: true,
        doc: "Which records are reduced together; same: results of a window stage, each in its window.",
      },
      ...REDUCE_FIELDS,
      emit: {
        type: union(literal("final", "updates"), object("Every")),
        required: true,
        doc: "final: once, when the window closes; updates: after every record; every: the newest result of each changed key and window, at most that often.",
      },
      late: {
        type: { kind: "string" },
        doc: "Stream that takes the records that came too late for their window.",
      },
    },
  },
  Every: {
    doc: "The newest result of each changed key, at most once per interval.",
    fields: { every: { type: positiveDuration, required: true, doc: "Wall-clock interval." } },
  },
  Reducer: {
    doc: "A reducer written as expressions.",
    fields: {
      lift: { type: made, required: true, doc: "A partial result of one record." },
      combine: { type: made, required: true, doc: "Joins the partial results a and b." },
      inverse: { type: made, doc: "inverse(combine(a, b), b) = a." },
      lower: { type: made, default: "the partial itself", doc: "The result of a partial." },
      ordered: { type: literal(true), doc: "The order of the records matters." },
    },
  },
  Window: {
    doc: "Which records are reduced together, by event time.",
    shortFor: "{ tumbling: %, grace: 0s }",
    exactlyOne: ["tumbling", "hopping", "sliding", "session", "calendar"],
    fields: {
      tumbling: { type: positiveDuration, doc: "Length of windows that follow each other." },
      hopping: { type: positiveDuration, doc: "Length of windows that overlap." },
      every: {
        type: positiveDuration,
        beside: ["hopping"],
        requiredBeside: ["hopping"],
        doc: "Distance between the starts of hopping windows.",
      },
      sliding: {
        type: notBuilt(duration, "sliding windows", "tumbling"),
        doc: "Greatest distance of two records.",
      },
      session: {
        type: notBuilt(duration, "session windows", "tumbling"),
        doc: "Silence that ends a session.",
      },
      calendar: {
        type: notBuilt(
          literal("hour", "day", "week", "month"),
          "calendar windows",
          "tumbling with an offset",
        ),
        doc: "Windows of a calendar.",
      },
      zone: {
        type: { kind: "string" },
        beside: ["calendar"],
        requiredBeside: ["calendar"],
        doc: "IANA time zone of the calendar.",
      },
      offset: {
        type: duration,
        beside: ["tumbling", "hopping"],
        default: "0s",
        doc: "Shifts the starts, which are multiples of the distance otherwise.",
      },
      grace: {
        type: duration,
        required: true,
        doc: "How long after its end, in event time, a window still takes records.",
      },
    },
  },
  Peek: {
    doc: "A sample of what passes.",
    fields: {
      value: { type: expression, default: "the whole record", doc: "What to show." },
      every: { type: positiveDuration, default: "1s", doc: "How often." },
    },
  },
  Sink: {
    doc: "A stream to write to.",
    fields: {
      stream: { type: { kind: "string" }, required: true, doc: "The stream." },
      partition: { type: expression, default: "by key", doc: "Partition to write to." },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
