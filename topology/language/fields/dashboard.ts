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
  stream: { type: { kind: "string" }, required: true, doc: "The stream that is shown." },
  y: {
    type: expression,
    required: true,
    doc: "A number of each record. Sees key, value and window.",
  },
  series: { type: expression, default: "one curve", doc: "Splits the records into curves." },
  only: {
    type: list({ kind: "string" }),
    default: "all",
    doc: "The series that are shown, in this order; the others are counted, not drawn.",
  },
  labels: {
    type: { kind: "fields", names: "any", of: text },
    default: "the series as it is",
    doc: "What to call each series.",
  },
} as const satisfies Record<string, FieldSpec>;

export const DASHBOARD_OBJECTS = {
  Dashboard: {
    doc: "What the page shows.",
    fields: {
      title: { type: text, default: "the description", doc: "Heading of the page." },
      charts: {
        type: list(object("Chart")),
        default: "one per windowed sink",
        doc: "Charts, from top to bottom.",
      },
      counters: {
        type: list(object("Series")),
        default: "none",
        doc: "Numbers of the newest window.",
      },
    },
  },
  Series: { doc: "Numbers of a stream.", fields: SERIES_FIELDS },
  Chart: {
    doc: "Numbers of a stream over time.",
    fields: {
      ...SERIES_FIELDS,
      title: { type: text, doc: "Heading of the chart." },
      x: {
        type: {
          kind: "notBuilt",
          type: expression,
          what: "an x of your own",
          instead: "leave it out: x is the window's start",
        },
        default: "window.start",
        doc: "Place on the time axis.",
      },
      points: {
        type: { kind: "integer", minimum: 2, maximum: 10_000 },
        default: "20",
        doc: "Windows shown.",
      },
      missing: {
        type: literal("zero", "gap"),
        default: "zero for final counts and sums, else gap",
        doc: "What a window without a result is drawn as.",
      },
      as: {
        type: literal("line", "spline", "step", "bar"),
        default: "line",
        doc: "How it is drawn.",
      },
    },
  },
} as const satisfies Record<string, ObjectSpec>;
