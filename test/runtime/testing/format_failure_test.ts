import { describe, expect, test } from "vitest";
import { type Difference, formatFailure } from "../../../runtime/testing/mod.ts";

const failure = (differences: readonly Difference[], test = "a test") => ({
  test,
  place: { file: "t.yaml", line: 3, column: 7 },
  message: "out: differs",
  differences,
});

describe("a failure", () => {
  test("is a place, a message and an aligned table", () => {
    const differences = [
      { field: "key", expected: "a", actual: "bbb" },
      { field: "window", expected: [0, 1500], actual: [1447171200000, 1447171201000] },
      { field: "value.count", expected: 10, actual: undefined },
      { field: "value.tags", expected: [], actual: ["x"] },
      { field: "value.ratio", expected: 1, actual: Number.NaN },
    ];
    expect(formatFailure(failure(differences))).toBe(`t.yaml:3:7 FAILED a test
  out: differs
    field        expected      written
    key          "a"           "bbb"
    window       [0s, 1500ms]  [2015-11-10T16:00:00.000Z, 2015-11-10T16:00:01.000Z]
    value.count  10            (none)
    value.tags   []            ["x"]
    value.ratio  1             NaN`);
  });

  test("stays short however much differs", () => {
    const differences = Array.from({ length: 30 }, (_, n) => ({
      field: `value.f${n}`,
      expected: "x".repeat(1000),
      actual: "y".repeat(1000),
    }));
    const lines = formatFailure(failure(differences)).split("\n");
    expect(lines).toHaveLength(16);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(150);
    expect(lines.at(-1)).toBe("    and 18 more");
  });

  test("does not let a record drive the terminal", () => {
    const differences = [{ field: "value.\u001b[2J", expected: "\u009b", actual: "\u001b[31m" }];
    const text = formatFailure(failure(differences, "\u001b]0;title\u0007"));
    const driving = Array.from(text).filter((c) => c !== "\n" && /\p{Cc}/u.test(c));
    expect(driving).toEqual([]);
  });

  test("has colours where they are asked for", () => {
    expect(formatFailure(failure([]), { color: true })).toContain("\u001b[31mFAILED\u001b[0m");
  });
});
