import { describe, expect, test } from "vitest";
import { expectedOutcome, FRAME, generated, interpreted, treeOf } from "./_check.ts";

/** Expressions with the result that the CEL specification gives them, an error's code in < >. */
const TABLE: readonly (readonly [text: string, result: unknown])[] = [
  // Integers: truncated towards zero, the sign of a remainder is the dividend's.
  ["7 / 2", 3],
  ["-7 / 2", -3],
  ["7 / -2", -3],
  ["-7 % 2", -1],
  ["7 % -2", 1],
  ["0 / -3", 0],
  ["-3 % 3", 0],
  ["-0", 0],
  ["0 * -5", 0],
  ["9007199254740991 / -1", -9007199254740991],
  ["9007199254740990 + 1", 9007199254740991],
  ["9007199254740991 + 1", "<OVERFLOW>"],
  ["-9007199254740991 - 1", "<OVERFLOW>"],
  ["94906267 * 94906267", "<OVERFLOW>"],
  ["1 / 0", "<DIVISION_BY_ZERO>"],
  ["1 % 0", "<DIVISION_BY_ZERO>"],
  // Doubles: IEEE 754.
  ["1.0 / 0.0", Infinity],
  ["1.0 / -0.0", -Infinity],
  ["-0.0", -0],
  ["-(0.0)", -0],
  ["0.0 == -0.0", true],
  ["0.0 / 0.0 == 0.0 / 0.0", false],
  ["0.0 / 0.0 != 0.0 / 0.0", true],
  ["0.0 / 0.0 < 1.0", false],
  ["0.0 / 0.0 >= 1.0", false],
  ["[0.0 / 0.0] == [0.0 / 0.0]", false],
  ["0.0 / 0.0 in [0.0 / 0.0]", false],
  ["0.1 + 0.2 == 0.3", false],
  ["1 + 0.5", 1.5],
  ["3.0 - 2", 1],
  // Text: by code points.
  ["'a' + 'b' == 'ab'", true],
  ["'a' < 'b'", true],
  ["'a' < 'aa'", true],
  ["'B' < 'a'", true],
  ["'\\uffee' < '\\U0001F600'", true],
  ["'\\U0001F600' > '\\uE000'", true],
  ["size('\\U0001F600')", 1],
  ["''.size()", 0],
  ["'abc'.contains('')", true],
  ["'TacoCat'.lowerAscii()", "tacocat"],
  ["'TacoCÆt'.lowerAscii()", "tacocÆt"],
  ["'ß'.upperAscii()", "ß"],
  ["'é' == 'e\\u0301'", false],
  // Bools are ordered, false first.
  ["false < true", true],
  ["true <= true", true],
  ["true > true", false],
  // Logic: commutative, an error beside a decisive side is absorbed.
  ["1 / 0 > 0 || true", true],
  ["true || 1 / 0 > 0", true],
  ["1 / 0 > 0 && false", false],
  ["false && 1 / 0 > 0", false],
  ["1 / 0 > 0 || false", "<DIVISION_BY_ZERO>"],
  ["true && 1 / 0 > 0", "<DIVISION_BY_ZERO>"],
  ["(1 / 0 > 0 && true) || true", true],
  ["(1 / 0 > 0 || 1 % 0 > 0) && false", false],
  ["!(1 / 0 > 0) || true", true],
  ["int('x') == 1 || true", true],
  ["double('x') == 1.0 || true", true],
  ["int(0.0 / 0.0) == 1 || true", true],
  ["string(value.raw + value.raw) == '' || true", true],
  ["[1][1] == 1 || true", true],
  ["{value.s: 1, 'a' + 'b': 2}.ab == 2 || true", true],
  ["true ? 1 : 1 / 0", 1],
  ["false ? 1 / 0 : 2", 2],
  ["1 / 0 > 0 ? 1 : 2", "<DIVISION_BY_ZERO>"],
  // Lists and maps.
  ["[1, 2] + [3]", [1, 2, 3]],
  ["[[1], [2]] == [[1], [2]]", true],
  ["[1, 2] == [2, 1]", false],
  ["[1] == [1, 2]", false],
  ["2 in [1, 2]", true],
  ["[1] in [[1], [2]]", true],
  ["'a' in {'a': 1}", true],
  ["'b' in {'a': 1}", false],
  ["{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", true],
  ["{'a': 1} == {'a': 2}", false],
  ["{'a': 1} == {'a': 1, 'b': 2}", false],
  ["{'a': [1]}.a[0]", 1],
  ["{'a': 1}['b']", "<NO_SUCH_KEY>"],
  ["{'a': 1}.b", "<NO_SUCH_KEY>"],
  ["{value.s: 1, 'a' + 'b': 2}", "<DUPLICATE_KEY>"],
  ["[1, 2][1]", 2],
  ["[1, 2][2]", "<INDEX_OUT_OF_BOUNDS>"],
  ["[1, 2][-1]", "<INDEX_OUT_OF_BOUNDS>"],
  ["size([1, 2]) + {'a': 1}.size()", 3],
  ["value.list == []", false],
  ["value.n in []", false],
  ["null == null", true],
  ["[null, 1] == [null, 1]", true],
  // Conversions.
  ["int(2.9)", 2],
  ["int(-2.9)", -2],
  ["int(-0.5)", 0],
  ["int('-42')", -42],
  ["int('+1')", 1],
  ["int('0x10')", "<BAD_CONVERSION>"],
  ["int(' 1')", "<BAD_CONVERSION>"],
  ["int(0.0 / 0.0)", "<BAD_CONVERSION>"],
  ["int('9007199254740992')", "<BAD_CONVERSION>"],
  ["double(3)", 3],
  ["double('1e-3')", 0.001],
  ["double('1e999')", "<BAD_CONVERSION>"],
  ["double('Infinity')", Infinity],
  ["double('1,5')", "<BAD_CONVERSION>"],
  ["string(12)", "12"],
  ["string(-1.5)", "-1.5"],
  ["string(1.0)", "1"],
  ["string(-0.0)", "-0"],
  ["string(true)", "true"],
  ["string(value.raw)", "hi"],
];

describe("both back ends give CEL's results", () => {
  test.each(TABLE)("%s is %j", (text, result) => {
    const expected = expectedOutcome(result);
    expect(interpreted(treeOf(text), FRAME)).toEqual(expected);
    expect(generated(treeOf(text), FRAME)).toEqual(expected);
  });
});

test("a list with a NaN in it differs from itself", () => {
  const scope = new Map([["value", { kind: "list", element: { kind: "double" } } as const]]);
  const tree = treeOf("value == value", scope);
  for (const run of [interpreted, generated]) {
    expect(run(tree, { value: [1] })).toEqual({ value: true });
    expect(run(tree, { value: [Number.NaN] })).toEqual({ value: false });
  }
});

test("bytes that are no UTF-8 are no text, and that failure is absorbed like any other", () => {
  const frame = { value: { ...FRAME.value, raw: Uint8Array.of(0xff) } };
  for (const run of [interpreted, generated]) {
    expect(run(treeOf("string(value.raw)"), frame)).toEqual({ error: "BAD_CONVERSION" });
    expect(run(treeOf("string(value.raw) == '' || true"), frame)).toEqual({ value: true });
  }
});

test("a failure that is not the expression's is never absorbed", () => {
  const broken = {
    value: {
      get list(): never {
        throw new RangeError("a bug");
      },
      ok: true,
    },
  };
  const tree = treeOf("value.list[0] == 1 || value.ok");
  expect(() => interpreted(tree, broken)).toThrow(RangeError);
  expect(() => generated(tree, broken)).toThrow(RangeError);
});
