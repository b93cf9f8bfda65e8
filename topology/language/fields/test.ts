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
        example: "double11.yaml",
        doc: "The definition they are about: a path from this file's folder.",
      },
      tests: {
        type: list(object("Test")),
        required: true,
        example: "[{ name: it begins empty, steps: [{ expect: { shoppers: [] } }] }]",
        doc: "Steps on a virtual clock.",
      },
      $schema: {
        type: { kind: "string" },
        example: "./test.schema.json",
        doc: "For editors, in JSON: the schema of this file. Nothing else reads it.",
      },
    },
  },
  Test: {
    doc: "What goes in and what must come out.",
    fields: {
      name: {
        type: { kind: "string" },
        required: true,
        example: "two girls and a boy in one second",
        doc: "A sentence about behaviour.",
      },
      partitions: {
        type: { kind: "integer", minimum: 1, maximum: 64 },
        default: "1",
        example: "2",
        doc: "Partitions of every source topic; what the topology creates follows.",
      },
      steps: {
        type: list(object("Step")),
        required: true,
        example: "[{ wait: 3s }, { expect: { shoppers: [] } }]",
        doc: "In this order.",
      },
    },
  },
  Step: {
    doc: "One step of a test.",
    exactlyOne: ["send", "wait", "restart", "instances", "expect", "contain", "ledger"],
    fields: {
      send: { type: { kind: "string" }, example: "user_log", doc: "Stream to write to." },
      records: {
        type: list(object("SentRecord")),
        beside: ["send"],
        requiredBeside: ["send"],
        example: "[{ at: 0s, value: { user_id: 1, gender: MALE } }]",
        doc: "One batch; the clock first moves to the highest `at`.",
      },
      wait: { type: positiveDuration, example: "3s", doc: "Moves the clock." },
      restart: {
        type: literal("clean", "crash"),
        example: "crash",
        doc: "Stops every instance, with a last commit or without, and starts as many again.",
      },
      instances: {
        type: { kind: "integer", minimum: 1, maximum: 16 },
        example: "2",
        doc: "How many instances share the partitions from now on; a test begins with 1.",
      },
      leaving: {
        type: literal("clean", "crash"),
        beside: ["instances"],
        default: "clean",
        example: "crash",
        doc: "How those end that are too many; the newest go first.",
      },
      expect: {
        type: EXPECTED,
        example: "{ shoppers: [{ key: MALE, value: { people: 1 } }] }",
        doc: "All of what was written since the last expect, by stream.",
      },
      contain: {
        type: EXPECTED,
        example: "{ shoppers: [{ key: MALE }] }",
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
        example: "{ per_second: { accepted: 4 } }",
        doc: "Counts so far, by stream or stage id.",
      },
    },
  },
  SentRecord: {
    doc: "A record to write.",
    fields: {
      at: {
        type: { kind: "instant" },
        default: "the clock",
        example: "400ms",
        doc: "Its event time.",
      },
      partition: {
        type: { kind: "integer", minimum: 0, maximum: 63 },
        default: "by key, else in turn",
        unit: "number, from 0",
        example: "1",
        doc: "Partition to write to.",
      },
      key: { type: { kind: "data" }, default: "null", example: "MALE", doc: "Its key." },
      window: {
        type: { kind: "list", of: { kind: "instant" }, length: 2 },
        example: "[0s, 1s]",
        doc: "Start and end of its window, where the stream's keys have one.",
      },
      value: {
        type: { kind: "data" },
        required: true,
        example: "{ user_id: 1, gender: MALE }",
        doc: "Its value; fields with a schema default may be left out.",
      },
      headers: { type: HEADERS, example: "{ origin: shop }", doc: "Its headers." },
    },
  },
  ExpectedRecord: {
    doc: "A record that must have been written; what is left out is not compared.",
    fields: {
      key: { type: { kind: "data" }, example: "MALE", doc: "Its key." },
      window: {
        type: { kind: "list", of: { kind: "instant" }, length: 2 },
        example: "[0s, 1s]",
        doc: "Start and end of its window.",
      },
      value: {
        type: { kind: "data" },
        example: "{ people: 1 }",
        doc: "Its value; fields left out are not compared.",
      },
      headers: { type: HEADERS, example: "{ origin: shop }", doc: "Headers it must have." },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
