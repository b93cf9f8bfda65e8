/**
 * Aggregators that choose or keep records. Their order is that of the records, not of their arrival:
 * event time, then source partition and offset.
 *
 * @module
 */

import { type AggregatorSpec, type ArgumentSpec, type Given, typeOfX } from "./spec.ts";

/** Longest list of `collect`. */
const MAX_COLLECTED = 10_000;

const X: ArgumentSpec = { name: "x", takes: "any" };
const argument = ({ expressions }: Given) => expressions[0]!;

export const RECORD_AGGREGATORS: readonly AggregatorSpec[] = [
  {
    name: "first",
    arguments: [X],
    doc: "x of the earliest record, by event time, then source partition and offset.",
    example: "first(value.action)",
    result: "x",
    type: typeOfX,
    plan: (given) => ({ name: "first", argument: argument(given) }),
  },
  {
    name: "last",
    arguments: [X],
    doc: "x of the latest record, in the same order.",
    example: "last(value.province)",
    result: "x",
    type: typeOfX,
    plan: (given) => ({ name: "last", argument: argument(given) }),
  },
  {
    name: "maxBy",
    arguments: [X, { name: "by", takes: "comparable" }],
    doc: "x of the record with the greatest by; of equal ones the earliest. NaN is above every number, text goes by code points.",
    example: "maxBy(value.user_id, value.item_id)",
    result: "x",
    type: typeOfX,
    plan: (given) => ({ name: "maxBy", argument: argument(given), by: given.expressions[1]! }),
  },
  {
    name: "minBy",
    arguments: [X, { name: "by", takes: "comparable" }],
    doc: "x of the record with the least by; of equal ones the earliest.",
    example: "minBy(value.user_id, value.item_id)",
    result: "x",
    type: typeOfX,
    plan: (given) => ({ name: "minBy", argument: argument(given), by: given.expressions[1]! }),
  },
  {
    name: "collect",
    arguments: [X, { name: "max", takes: "limit", most: MAX_COLLECTED }],
    doc: "Every x, in the order of the records. More than max of them: AGGREGATE_LIMIT.",
    example: "collect({key: value.action}, 100)",
    result: "list of x",
    type: (given) => ({ kind: "list", element: typeOfX(given) }),
    plan: (given) => ({ name: "collect", argument: argument(given), limit: given.limit }),
  },
];
