import { describe, expect, test } from "vitest";
import { describePlan } from "../../../../topology/language/mod.ts";
import { planOf } from "../_fixtures.ts";
import { changesOf, compare } from "./_comparison.ts";

const TABLE = `topology: t
tables:
  users: { key: string, value: string }
streams: { counts: {}, named: {} }
pipelines:
  p:
    - source: users
    - filter: value != 'nobody'
    - map: { value: value.lowerAscii() }
    - reduce: { key: value, value: { n: count() }, emit: updates }
    - sink: counts
  q:
    - source: users
    - filter: value != 'x'
    - sink: named
`;

const change = (from: string, to: string) => changesOf(compare(TABLE, TABLE.replace(from, to)));

describe("what has been counted of rows", () => {
  test("stays with the same definition, and with another sink's", () => {
    expect(changesOf(compare(TABLE, TABLE))).toEqual([]);
    expect(change("'x'", "'y'")).toEqual(["hot q.1: predicate has changed"]);
  });

  test.each([
    ["a filter", "'nobody'", "'root'"],
    ["a map", "value.lowerAscii()", "value.upperAscii()"],
    ["a stage", "    - filter: value != 'nobody'\n", ""],
  ])("is lost with a change of %s between the table and the reduce", (_, from, to) => {
    expect(change(from, to).join("\n")).toContain(
      "newState p: rows: made in another way, so that those that have been counted could not be taken back",
    );
  });

  test("is lost where the table becomes a stream", () => {
    const after = TABLE.replace("tables:\n", "streams:\n").replace(
      "streams: { counts: {}, named: {} }",
      "  counts: {}\n  named: {}",
    );
    expect(compare(TABLE, after).verdict).toBe("losing");
  });
});

test("a description shows the rows and their store", () => {
  const text = describePlan(planOf(TABLE));
  expect(text).toContain("Source: users-source (topics: [users])");
  expect(text).toContain("users-rows (stores: [users-store])");
});
