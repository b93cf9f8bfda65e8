import { expect, test } from "vitest";
import { comparePlans, snapshotPlan } from "../../../../topology/language/mod.ts";
import { counting, planOf } from "../_fixtures.ts";

/** What becomes of the stage when one aggregator takes the place of another. */
function classOf(before: string, after: string) {
  const snapshot = (aggregator: string) =>
    snapshotPlan(planOf(counting({ value: `{ n: ${aggregator} }` })), new Map([["s", 1]]));
  const { stages } = comparePlans(snapshot(before), snapshot(after), new Set());
  return stages.find(({ stage }) => stage === "counted")!.class;
}

test.each<[string, string, string, string]>([
  [
    "how many are shown",
    "'mostFrequent(value.action, 3)'",
    "'mostFrequent(value.action, 5)'",
    "hot",
  ],
  ["how many are kept", "'largest(value.price, 3)'", "'largest(value.price, 5)'", "newState"],
  ["what is collected", "'collect(value.price, 3)'", "'collect(value.item_id, 3)'", "newState"],
  [
    "what it is chosen by",
    "'maxBy(value.note, value.price)'",
    "'maxBy(value.note, value.item_id)'",
    "newState",
  ],
  [
    "the lower of a reducer",
    "{ lift: value.price, combine: a + b }",
    "{ lift: value.price, combine: a + b, lower: a / 2.0 }",
    "hot",
  ],
  [
    "the combine of a reducer",
    "{ lift: value.price, combine: a + b }",
    "{ lift: value.price, combine: a * b }",
    "newState",
  ],
  [
    "the brackets of a reducer",
    "{ lift: value.price, combine: a + b }",
    "{ lift: value.price, combine: (a + b) }",
    "unchanged",
  ],
])("a change of %s of an aggregator", (_, before, after, expected) => {
  expect(classOf(before, after)).toBe(expected);
});
