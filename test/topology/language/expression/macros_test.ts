import { describe, expect, test } from "vitest";
import { describeType, type ExpressionType, pathsOf } from "../../../../topology/language/mod.ts";
import {
  expectedOutcome,
  FRAME,
  faultsOf,
  generated,
  interpreted,
  SCOPE,
  treeOf,
} from "./_check.ts";

const TABLE: readonly (readonly [text: string, result: unknown])[] = [
  ["[1, 2].all(x, x > 0)", true],
  ["[1, 2].all(x, x > 1)", false],
  ["value.list.filter(x, x > 9).all(x, false)", true],
  ["[1, 2].exists(x, x > 1)", true],
  ["value.list.filter(x, x > 9).exists(x, true)", false],
  ["[1, 2].exists_one(x, x > 1)", true],
  ["[1, 2].exists_one(x, x > 0)", false],
  ["[1, 2].exists_one(x, x > 2)", false],
  ["[1, 2, 3].filter(x, x % 2 == 1)", [1, 3]],
  ["[1, 2].map(x, x * 10)", [10, 20]],
  ["[1, 2, 3].map(x, x > 1, string(x))", ["2", "3"]],
  ["['a', 'b'].map(t, t + t).join(',')", "aa,bb"],
  // Over a map: its keys.
  ["{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", true],
  ["{'a': 1, 'b': 2}.exists(k, {'a': 1, 'b': 2}[k] == 2)", true],
  ["{'a': 1, 'b': 2}.map(k, k + '!')", ["a!", "b!"]],
  ["value.map.filter(k, value.map[k] > 1)", []],
  // One decisive element absorbs errors before and after it.
  ["[0, 1].all(x, 1 / x == 7)", false],
  ["[1, 0].all(x, 1 / x == 7)", false],
  ["[0, 1].exists(x, 1 / x == 1)", true],
  ["[1, 0].exists(x, 1 / x == 1)", true],
  ["[0, 1].all(x, 1 / x == 1)", "<DIVISION_BY_ZERO>"],
  ["[0, 1].exists(x, 1 / x == 7)", "<DIVISION_BY_ZERO>"],
  ["[1, 0].exists_one(x, 1 / x == 1)", "<DIVISION_BY_ZERO>"],
  ["[1, 0].filter(x, 1 / x == 1)", "<DIVISION_BY_ZERO>"],
  ["[1, 0].map(x, 1 / x)", "<DIVISION_BY_ZERO>"],
  ["[1, 0].map(x, x != 0, 1 / x)", [1]],
  ["[0].all(x, 1 / x == 1) || true", true],
  // Inside one another; an inner variable hides an outer one, and the scope's names.
  [
    "[1, 2].map(x, [10, 20].map(y, x + y))",
    [
      [11, 21],
      [12, 22],
    ],
  ],
  [
    "[1, 2].map(x, [10, 20].map(x, x))",
    [
      [10, 20],
      [10, 20],
    ],
  ],
  ["[1, 2].map(x, [x].exists(x, x == 2) ? x : 0)", [0, 2]],
  ["[[1], [2, 3]].map(x, x.map(x, x + 1))", [[2], [3, 4]]],
  ["[1, 2].map(value, value + 1)", [2, 3]],
  ["[1, 2].map(key, key + 1).size() + size(key)", 3],
  ["[[1, 2], [3]].filter(x, x.exists(y, y == 3)).map(x, size(x))", [1]],
  // Records and what may be null.
  ["value.lines.filter(l, l.quantity > 0).map(l, l.sku)", ["A1"]],
  ["value.lines.map(l, l.note == null ? 'none' : l.note.upperAscii())", ["none", "FRAGILE"]],
  ["value.lines.map(l, l.note != null, l.note)", ["fragile"]],
  ["value.marks.map(m, m != null, m + 1)", [2, 4]],
  ["value.marks.filter(m, m != null).map(m, m + 1)", [2, 4]],
  ["value.marks.filter(m, m != null && m > 1).exists(m, m == 3)", true],
  ["value.lines.filter(l, l.note != null).all(l, l.note.startsWith('fra'))", true],
  ["has(value.note) ? value.note.size() : 0", 0],
  ["has(headers.h) && headers.h == 'x'", true],
];

describe("both back ends loop as CEL does", () => {
  test.each(TABLE)("%s is %j", (text, result) => {
    const expected = expectedOutcome(result);
    expect(interpreted(treeOf(text), FRAME)).toEqual(expected);
    expect(generated(treeOf(text), FRAME)).toEqual(expected);
  });
});

describe("types of loops", () => {
  test.each([
    ["value.list.map(x, double(x))", "list(double)"],
    ["value.lines", "list(record Line)"],
    ["value.lines.map(l, l.note)", "list(string or null)"],
    ["value.lines.map(l, l.note != null, l.note)", "list(string)"],
    ["value.marks.filter(m, m != null)", "list(int)"],
    ["value.marks.filter(m, m == null || m > 1)", "list(int or null)"],
    ["value.map.filter(k, true)", "list(string)"],
    ["value.tags.exists(t, t == 'gift')", "bool"],
  ])("%s is %s", (text, type) => {
    expect(describeType(treeOf(text).type)).toBe(type);
  });

  test.each([
    ["value.list.all(x)", ["TYPE_MISMATCH 11-14"]],
    ["value.list.all(x, true, true)", ["TYPE_MISMATCH 11-14"]],
    ["value.list.map(x, true, 1, 2)", ["TYPE_MISMATCH 11-14"]],
    ["value.list.all(1, true)", ["TYPE_MISMATCH 15-16"]],
    ["value.list.all(value.n, true)", ["TYPE_MISMATCH 15-22"]],
    ["value.list.all(x, x)", ["TYPE_MISMATCH 18-19"]],
    ["value.list.map(x, x, 1)", ["TYPE_MISMATCH 18-19"]],
    ["value.s.all(x, true)", ["TYPE_MISMATCH 0-7"]],
    ["value.list.all(x, y > 0)", ["UNKNOWN_NAME 18-19"]],
    ["value.list.all(x, true) && x > 0", ["UNKNOWN_NAME 27-28"]],
    ["value.list.map(x, true, x).y", ["TYPE_MISMATCH 27-28"]],
    ["value.lines.all(l, l.skew == '')", ["UNKNOWN_FIELD 21-25"]],
    ["value.marks.all(m, m > 0)", ["NULLABLE 19-20"]],
    ["value.lines.map(l, l.note == null, l.note.size())", ["NULLABLE 35-41"]],
    ["value.lines.exists(l, l.note != null) && l.note == ''", ["UNKNOWN_NAME 41-42"]],
    ["all(value.list, x, true)", ["UNKNOWN_FUNCTION 0-3"]],
    ["has(value)", ["TYPE_MISMATCH 0-3"]],
    ["has(value.nope)", ["UNKNOWN_FIELD 10-14"]],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });

  test("an enum's symbols are checked inside loops", () => {
    const gender: ExpressionType = { kind: "enum", name: "Gender", symbols: ["FEMALE", "MALE"] };
    const scope = new Map([["all", { kind: "list", element: gender } as const]]);
    expect(faultsOf("all.exists(g, g == 'FEMAL')", scope)).toEqual(["UNKNOWN_SYMBOL 19-26"]);
  });
});

describe("what is proven outside holds inside, and nothing leaves a loop", () => {
  test.each([
    "value.note != null && value.tags.exists(t, t == value.note.trim())",
    "value.note == null || value.tags.all(t, t != value.note)",
    "value.note != null ? value.tags.map(t, t + value.note) : value.tags",
    "value.lines.all(l, l.note == null || l.note.size() < 9)",
    "value.lines.all(l, !(l.note == null) && l.note != '')",
    "value.lines.all(l, (l.note == null ? false : true) && l.note != '')",
    "(value.note != null ? value.ok : false) && value.note == ''",
    "value.tags.exists(value, value == 'x')",
  ])("%s", (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  test.each([
    ["value.tags.exists(t, value.note != null) && value.note == ''", "NULLABLE 44-54"],
    ["value.lines.all(l, l.note != null && value.lines.all(l, l.note == ''))", "NULLABLE 56-62"],
    ["(value.note == null ? value.ok : false) || value.note == ''", "NULLABLE 43-53"],
    ["(value.ok ? value.note != null : true) && value.note == ''", "NULLABLE 42-52"],
  ])("%s: %s", (text, expected) => {
    expect(faultsOf(text)).toEqual([expected]);
  });

  test("a variable called like a name of the scope leaves the name as it was proven", () => {
    const text = "value.note != null && value.tags.exists(value, value == 'x') && value.note == ''";
    expect(faultsOf(text)).toEqual([]);
  });
});

test("the paths of an expression are those of its scope, not of its loops", () => {
  const text =
    "value.lines.exists(l, l.sku == key && value.list.exists(key, key == l.quantity)) || key == ''";
  const names = pathsOf(treeOf(text, SCOPE)).map(({ root, path }) => [root, ...path].join("."));
  expect(names).toEqual(["value.lines", "key", "value.list"]);
});
