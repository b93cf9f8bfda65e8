/**
 * Aggregators of numbers.
 *
 * @module
 */

import { type AggregatorSpec, DOUBLE, type Given, INT, MAX_RANKED, typeOfX } from "./spec.ts";

const NUMBER = [{ name: "x", takes: "number" }] as const;
const argument = ({ expressions }: Given) => expressions[0]!;

export const NUMBER_AGGREGATORS: readonly AggregatorSpec[] = [
  {
    name: "count",
    arguments: [{ name: "condition", takes: "condition", optional: true }],
    doc: "Records; with a condition, those for which it holds.",
    example: "count(value.action == 'BUY')",
    result: "int",
    type: () => INT,
    plan: ({ expressions: [predicate] }) => ({ name: "count", ...(predicate && { predicate }) }),
  },
  {
    name: "sum",
    arguments: NUMBER,
    doc: "Exact for ints (beyond ±(2^53−1): SUM_OVERFLOW), compensated for doubles.",
    example: "sum(value.month)",
    result: "int or double, as x",
    type: typeOfX,
    plan: (given) => ({ name: "sum", argument: argument(given) }),
  },
  {
    name: "min",
    arguments: NUMBER,
    doc: "The least. NaN, once there, is the result.",
    example: "min(value.item_id)",
    result: "int or double, as x",
    type: typeOfX,
    plan: (given) => ({ name: "min", argument: argument(given) }),
  },
  {
    name: "max",
    arguments: NUMBER,
    doc: "The greatest. NaN, once there, is the result.",
    example: "max(value.item_id)",
    result: "int or double, as x",
    type: typeOfX,
    plan: (given) => ({ name: "max", argument: argument(given) }),
  },
  {
    name: "avg",
    arguments: NUMBER,
    doc: "The mean: the sum, as `sum` adds it up, divided once.",
    example: "avg(value.day)",
    result: "double",
    type: () => DOUBLE,
    plan: (given) => ({ name: "avg", argument: argument(given) }),
  },
  {
    name: "largest",
    arguments: [
      { name: "x", takes: "number" },
      { name: "k", takes: "limit", most: MAX_RANKED },
    ],
    doc: "The k largest, the largest first, equal ones as often as they came. NaN is above every number.",
    example: "largest(value.item_id, 3)",
    result: "list of x",
    type: (given) => ({ kind: "list", element: typeOfX(given) }),
    plan: (given) => ({ name: "largest", argument: argument(given), limit: given.limit }),
  },
];
