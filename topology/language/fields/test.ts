/**
 * Inline tests: ordered steps on one virtual clock.
 *
 * @module
 */

import { list, literal, type ObjectSpec, object, positiveDuration } from "./types.ts";

const EXPECTED = {
  kind: "fields",
  names: "name",
  of: list(object("ExpectedRecord")),
} as const;

const HEADERS = { kind: "fields", names: "any", of: { kind: "string" } } as const;

export const TEST_OBJECTS = {
  TestFile: {
    doc: "Tests in a file of their own, `<name>.test.yaml`.",
    fields: {
      definition: {
        type: { kind: "string" },
        required: true,
        doc: "The definition they are about: a path from this file's folder.",
      },
      tests: { type: list(object("Test")), required: true, doc: "Steps on a virtual clock." },
    },
  },
  Test: {
    doc: "What goes in and what must come out.",
    fields: {
      name: { type: { kind: "string" }, required: true, doc: "A sentence about behaviour." },
      partitions: {
        type: { kind: "integer", minimum: 1, maximum: 64 },
        default: "1",
        doc: "Partitions of every source topic; what the topology creates follows.",
      },
      steps: { type: list(object("Step")), required: true, doc: "In this order." },
    },
  },
  Step: {
    doc: "One step of a test.",
    exactlyOne: ["send", "wait", "restart", "instances", "expect", "contain", "ledger"],
    fields: {
      send: { type: { kind: "string" }, doc: "Stream to write to." },
      records: {
        type: list(object("SentRecord")),
        beside: ["send"],
        requiredBeside: ["send"],
        doc: "One batch; the clock first moves to the highest `at`.",
      },
      wait: { type: positiveDuration, doc: "Moves the clock." },
      restart: {
        type: literal("clean", "crash"),
        doc: "Stops every instance, with a last commit or without, and starts as many again.",
      },
      instances: {
        type: { kind: "integer", minimum: 1, maximum: 16 },
        doc: "How many instances share the partitions from now on; a test begins with 1.",
      },
      leaving: {
        type: literal("clean", "crash"),
        beside: ["instances"],
        default: "clean",
        doc: "How those end that are too many; the newest go first.",
      },
      expect: { type: EXPECTED, doc: "All of what was written since the last expect, by stream." },
      contain: {
        type: EXPECTED,
        doc: "Some of what was written since the last expect, by stream.",
      },
      ledger: {
        type: {
          kind: "fields",
          names: "any",
          of: {
            kind: "fields",
            names: "any",
            of: { kind: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
          },
        },
        doc: "Counts so far, by stream or stage id.",
      },
    },
  },
  SentRecord: {
    doc: "A record to write.",
    fields: {
      at: { type: { kind: "instant" }, default: "the clock", doc: "Its event time." },
      partition: {
        type: { kind: "integer", minimum: 0, maximum: 63 },
        default: "by key, else in turn",
        doc: "Partition to write to.",
      },
      key: { type: { kind: "data" }, default: "null", doc: "Its key." },
      value: {
        type: { kind: "data" },
        required: true,
        doc: "Its value; fields with a schema default may be left out.",
      },
      headers: { type: HEADERS, doc: "Its headers." },
    },
  },
  ExpectedRecord: {
    doc: "A record that must have been written; what is left out is not compared.",
    fields: {
      key: { type: { kind: "data" }, doc: "Its key." },
      window: {
        type: { kind: "list", of: { kind: "instant" }, length: 2 },
        doc: "Start and end of its window.",
      },
      value: { type: { kind: "data" }, doc: "Its value; fields left out are not compared." },
      headers: { type: HEADERS, doc: "Headers it must have." },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
