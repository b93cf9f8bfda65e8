import { describe, expect, test } from "vitest";
import { describePlan } from "../../../../topology/language/mod.ts";
import { planOf } from "../_fixtures.ts";
import { changesOf, compare } from "./_comparison.ts";

const HEAD = `topology: t
tables:
  users: { key: string, value: string }
streams: { counts: {}, named: {}, rest: {} }
pipelines:
`;
const COUNTED = `  p:
    - source: users
    - filter: value != 'nobody'
    - map: { value: value.lowerAscii() }
    - reduce: { key: value, value: { n: count() }, emit: updates }
    - sink: counts
`;
const NAMED = `  q:
    - source: users
    - filter: value != 'x'
    - sink: named
`;
const TABLE = HEAD + COUNTED + NAMED;

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

  test("is lost with a change of the branch that rows come through", () => {
    const counting =
      "{ id: counted, reduce: { key: value, value: { n: count() }, emit: updates } }";
    const branches = (large: string, small: string) => `${HEAD}  q:
    - source: users
    - branch:
        - { when: size(value) > 3, stages: [${large}] }
        - { stages: [${small}] }
`;
    const before = branches("{ sink: named }", `${counting}, { sink: counts }`);
    const after = branches(`${counting}, { sink: counts }`, "{ sink: named }");
    expect(changesOf(compare(before, after)).join("\n")).toMatch(/newState counted: .*rows: made/);
  });

  test("would lack the rows that stand, behind a table that has been read", () => {
    expect(changesOf(compare(HEAD + NAMED, TABLE))).toContain(
      "newState p: added behind a table that has been read: rows that stand would be missing",
    );
    const others = "topology: t\nstreams: { s: { value: string }, named: {} }\npipelines:\n";
    const before = others + NAMED.replace("source: users", "source: s");
    const added = compare(before, TABLE).stages.find(({ stage }) => stage === "p");
    expect(added).toMatchObject({
      class: "compatible",
      reasons: ["added: it begins empty, with the first record of its table"],
    });
  });

  test("is lost where the table becomes a stream", () => {
    const declared = HEAD.slice(HEAD.indexOf("tables:"), HEAD.indexOf("pipelines:"));
    const streams =
      "streams: { users: { key: string, value: string }, counts: {}, named: {}, rest: {} }\n";
    expect(compare(TABLE, TABLE.replace(declared, streams)).verdict).toBe("losing");
  });
});

test("a description shows the rows and their store", () => {
  const text = describePlan(planOf(TABLE));
  expect(text).toContain("Source: users-source (topics: [users])");
  expect(text).toContain("users-rows (stores: [users-store])");
});

test.each([
  ["key: string", "key: long", "key: made or encoded in another way"],
  ["value: string }", "value: json }", "rows: made in another way"],
  ["value: string }", "value: string, topic: others }", "source topic: users, now others"],
])("rows do not fit a table of %s any more with %s", (from, to, why) => {
  const text = HEAD + NAMED.replace("value != 'x'", "true");
  const { stages } = compare(text, text.replace(from, to));
  expect(stages.find(({ kind }) => kind === "table")).toMatchObject({
    stage: "users",
    class: "newState",
    reasons: expect.arrayContaining([expect.stringContaining(why)]),
    lost: "the rows of users, and its counts",
  });
});

test("how long a table's partitions stay silent is no part of its rows", () => {
  expect(change("value: string }", "value: string, idle: 9s }")).toEqual([
    "hot p.0: users.idle: 5000, now 9000",
    "hot q.0: users.idle: 5000, now 9000",
  ]);
});
