/**
 * The definition itself.
 *
 * @module
 */

import { list, name, type ObjectSpec, object, text } from "./types.ts";

export const TOPOLOGY: ObjectSpec = {
  doc: "A definition: streams, the pipelines over them, what to show and what to expect.",
  fields: {
    topology: {
      type: name,
      required: true,
      example: "orders",
      doc: "Application id: consumer group, prefix of internal topics and transactional ids.",
    },
    description: {
      type: text,
      example: "What customers pay, by the hour.",
      doc: "What it is for.",
    },
    functions: {
      type: { kind: "string" },
      example: "./functions.ts",
      doc: "A module whose exported functions `fn:` may name.",
    },
    streams: {
      type: { kind: "fields", names: "name", of: object("Stream") },
      example: "{ clicks: { value: string } }",
      doc: "Topics, by the name the pipelines use.",
    },
    tables: {
      type: { kind: "fields", names: "name", of: object("Stream") },
      example: "{ customers: { value: string } }",
      doc: "Topics read as the newest value of each key, a row: a null value deletes it, and what was made of it is taken back when another one replaces it.",
    },
    pipelines: {
      type: {
        kind: "fields",
        names: "name",
        notEmpty: true,
        of: { kind: "list", of: object("Stage"), notEmpty: true },
      },
      required: true,
      example: "{ copy: [{ source: clicks }, { sink: copies }] }",
      doc: "Stages, from top to bottom.",
    },
    dashboard: {
      type: object("Dashboard"),
      example: "{ title: Clicks }",
      doc: "What the page shows.",
      default: "one chart per windowed sink",
    },
    tests: {
      type: list(object("Test")),
      example: "[{ name: nothing comes of nothing, steps: [{ expect: { copies: [] } }] }]",
      doc: "Steps on a virtual clock.",
    },
    $schema: {
      type: { kind: "string" },
      example: "./topology.schema.json",
      doc: "For editors, in JSON: the schema of this file. Nothing else reads it.",
    },
  },
};
