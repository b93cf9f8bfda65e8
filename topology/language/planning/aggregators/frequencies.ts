/**
 * Aggregators of how often, and how many different, values came.
 *
 * @module
 */

import { type AggregatorSpec, type Given, INT, MAX_RANKED, typeOfX } from "./spec.ts";

const argument = ({ expressions }: Given) => expressions[0]!;

export const FREQUENCY_AGGREGATORS: readonly AggregatorSpec[] = [
  {
    name: "mostFrequent",
    arguments: [
      { name: "x", takes: "countable" },
      { name: "k", takes: "limit", most: MAX_RANKED },
    ],
    doc: "The k most frequent values with their exact counts; of equally frequent ones the lesser value first. More than 10,000 different values: AGGREGATE_LIMIT.",
    example: "mostFrequent(value.item_id, 3)",
    result: "list of { value: x, count: int }",
    type: (given, typeName) => ({
      kind: "list",
      element: {
        kind: "record",
        name: typeName,
        fields: [
          { name: "value", type: typeOfX(given) },
          { name: "count", type: INT },
        ],
      },
    }),
    plan: (given) => ({ name: "mostFrequent", argument: argument(given), limit: given.limit }),
  },
  {
    name: "countBy",
    arguments: [{ name: "x", takes: "countable" }],
    doc: "Records by x, which is written as text, in the order of x. More than 10,000 different values: AGGREGATE_LIMIT.",
    example: "countBy(value.action)",
    result: "map of int",
    type: () => ({ kind: "map", value: INT }),
    plan: (given) => ({ name: "countBy", argument: argument(given) }),
  },
  {
    name: "distinct",
    arguments: [{ name: "x", takes: "distinguishable" }],
    doc: "How many different values, where NaN equals itself and −0 is 0: exact up to 1,024 of them, beyond that a HyperLogLog with a standard error of 1.6 %.",
    example: "distinct(value.user_id)",
    result: "int",
    type: () => INT,
    plan: (given) => ({ name: "distinct", argument: argument(given) }),
  },
];
