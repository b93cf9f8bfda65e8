import { expect, test } from "vitest";
import { suggest } from "../../../topology/language/mod.ts";

test.each([
  ["gendr", "gender"],
  ["gneder", "gender"],
  ["GENDER", "gender"],
  ["aciton", "action"],
  ["windowedreduce", "windowedReduce"],
  ["acton_", "action"],
  ["user", "user_id"],
  ["gen", "gender"],
])("%s may be %s", (word, meant) => {
  expect(suggest(word, ["user_id", "gender", "action", "windowedReduce"])).toBe(meant);
});

test.each(["province", "x", "", "ge", "der_and_more"])("%j is nothing that is known", (word) => {
  expect(suggest(word, ["user_id", "gender", "action"])).toBeUndefined();
});

test("the nearest wins, and the first of equals", () => {
  expect(suggest("streams", ["stream", "strings", "streams_"])).toBe("stream");
});

test("a word of a million letters costs nothing", () => {
  expect(suggest("a".repeat(1_000_000), ["b".repeat(1_000_000)])).toBeUndefined();
});
