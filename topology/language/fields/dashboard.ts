/**
 * The dashboard.
 *
 * @module
 */

import {
  expression,
  type FieldSpec,
  list,
  literal,
  type ObjectSpec,
  object,
  text,
} from "./types.ts";

const SERIES_FIELDS = {
  stream: {
    type: { kind: "string" },
    required: true,
    example: "shoppers",
    doc: "The stream that is shown.",
  },
  y: {
    type: expression,
    required: true,
    example: "value.people",
    doc: "A number of each record. Sees key, value and window.",
  },
  series: {
    type: expression,
    default: "one curve",
    example: "key",
    doc: "Splits the records into curves.",
  },
  only: {
    type: list({ kind: "string" }),
    default: "all",
    example: "[FEMALE, MALE]",
    doc: "The series that are shown, in this order; the others are counted, not drawn.",
  },
  labels: {
    type: { kind: "fields", names: "any", of: text },
    default: "the series as it is",
    example: "{ FEMALE: { zh: 女生, en: Girls } }",
    doc: "What to call each series.",
  },
} as const satisfies Record<string, FieldSpec>;

export const DASHBOARD_OBJECTS = {
  Dashboard: {
    doc: "What the page shows.",
    fields: {
      title: {
        type: text,
        default: "the description",
        example: "{ zh: 购物人数, en: Shoppers }",
        doc: "Heading of the page.",
      },
      charts: {
        type: list(object("Chart")),
        default: "one per windowed sink",
        example: "[{ stream: shoppers, y: value.people, series: key }]",
        doc: "Charts, from top to bottom.",
      },
      counters: {
        type: list(object("Series")),
        default: "none",
        example: "[{ stream: shoppers, y: value.people }]",
        doc: "Numbers of the newest window.",
      },
    },
  },
  Series: { doc: "Numbers of a stream.", fields: SERIES_FIELDS },
  Chart: {
    doc: "Numbers of a stream over time.",
    fields: {
      ...SERIES_FIELDS,
      title: { type: text, example: "Shoppers by gender", doc: "Heading of the chart." },
      x: {
        type: {
          kind: "notBuilt",
          type: expression,
          what: "an x of your own",
          instead: "leave it out: x is the window's start",
        },
        default: "window.start",
        example: "window.end",
        doc: "Place on the time axis.",
      },
      points: {
        type: { kind: "integer", minimum: 2, maximum: 10_000 },
        default: "20",
        unit: "windows",
        example: "60",
        doc: "Windows shown.",
      },
      missing: {
        type: literal("zero", "gap"),
        default: "zero for final counts and sums, else gap",
        example: "gap",
        doc: "What a window without a result is drawn as.",
      },
      as: {
        type: literal("line", "spline", "step", "bar"),
        default: "line",
        example: "bar",
        doc: "How it is drawn.",
      },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
