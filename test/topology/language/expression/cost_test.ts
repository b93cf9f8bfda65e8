import { describe, expect, test } from "vitest";
import {
  type ExpressionType,
  MAX_EXPRESSION_COST,
  type Scope,
} from "../../../../topology/language/mod.ts";
import { generated, interpreted, type Outcome, treeOf } from "./_check.ts";

const INTS: ExpressionType = { kind: "list", element: { kind: "int" } };
const SCOPE: Scope = new Map<string, ExpressionType>([
  ["list", INTS],
  ["texts", { kind: "list", element: { kind: "string" } }],
  ["map", { kind: "map", value: { kind: "int" } }],
  ["s", { kind: "string" }],
  ["t", { kind: "string" }],
  ["raw", { kind: "bytes" }],
]);

/** Half a million letters without a pattern in them, and one like it that ends otherwise. */
const LETTERS = randomLetters(500_000);
const FRAME = {
  list: Array.from({ length: 300_000 }, (_, n) => n),
  texts: LETTERS.match(/.{10}/g)!,
  map: new Map(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n])),
  s: LETTERS,
  t: `${LETTERS.slice(0, -1)}z`,
  raw: new Uint8Array(500_000),
};

function randomLetters(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 16) & 1 ? "a" : "b";
  }).join("");
}

/** What takes longest of all that the grammar allows; each would take from seconds to hours. */
const BOMBS: readonly string[] = [
  "list.all(x, list.all(y, x + y >= 0))",
  "list.map(x, list.map(y, list.map(z, x)))",
  "list.map(x, s + t).join()",
  "list.map(x, s + t)",
  "list.all(x, s != t)",
  "list.all(x, s < t)",
  "list.all(x, string(x) + s < t)",
  "list.exists(x, s.contains('zz'))",
  "list.exists(x, s.endsWith(t))",
  "list.exists(x, t.startsWith(s))",
  "list.exists(x, x in list && x < 0)",
  "list.exists(x, list != list)",
  "list.map(x, list + list)",
  "list.map(x, [list, list, list].map(l, l + list))",
  "list.exists(x, list.reverse() == list)",
  "list.exists(x, raw + raw == raw)",
  "list.exists(x, raw < raw)",
  "list.exists(x, size(string(raw)) == 0)",
  "list.exists(x, bytes(s) == raw)",
  "list.exists(x, size(s) == 0)",
  "list.exists(x, s.substring(x) == t)",
  "list.exists(x, s.charAt(x) == 'z')",
  "list.exists(x, s.indexOf('zz') > 0)",
  "list.exists(x, s.indexOf('zz', x) > 0)",
  "list.exists(x, s.lastIndexOf('zz') > 0)",
  "list.exists(x, s.trim() == t)",
  "list.exists(x, s.upperAscii() == t)",
  "list.exists(x, s.lowerAscii() == t)",
  "list.exists(x, s.reverse() == t)",
  "list.exists(x, s.split('').size() == 0)",
  "list.exists(x, s.replace('a', 'b') == t)",
  "list.exists(x, texts.join() == t)",
  "list.exists(x, int(s) == 0)",
  "list.exists(x, double(s) == 0.0)",
  "list.exists(x, s.matches('^z'))",
  "list.exists(x, 1 / 0 == x)",
  "list.map(x, (1 / 0 == x || x >= 0) ? x : 0)",
  "list.all(x, map.all(k, map[k] >= 0))",
  "list.exists(x, map == {})",
  "list.exists(x, map.filter(k, false).size() == x + 1)",
  "list.map(x, {'a': list, 'b': list}).filter(m, m != m)",
  `list.map(x, [${"x, ".repeat(500)}])`,
  `list.all(x, ${"x + ".repeat(50)}x >= 0)`,
  "s.replace('a', s)",
  "s.replace('', s)",
  "s.replace('a', t).replace('b', s).replace('a', t)",
  "s.split('').join(s)",
  "s.split('').map(c, s.split(c)).size()",
  "s.matches('[ab]*a[ab]{200}$')",
  "s.matches('(?:a?){100}a{100}$')",
  "s.matches('(([ab]*)*)*c')",
];

describe("no record makes an expression slow: it fails at its budget", () => {
  for (const [name, run] of [
    ["generated", generated],
    ["interpreted", interpreted],
  ] as const) {
    test.each(BOMBS.map((text) => [text.slice(0, 60), text]))(`${name} %s`, (_, text) => {
      const tree = treeOf(text, SCOPE);
      const began = process.cpuUsage();
      const outcome = run(tree, FRAME);
      // 5 to 40 ms of a free core; the unbounded ones are above this by orders of magnitude.
      expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
      expect(outcome).toEqual({ error: "COST_LIMIT" });
    });
  }
});

function both(text: string, frame: Readonly<Record<string, unknown>>): Outcome {
  const tree = treeOf(text, SCOPE);
  const outcome = generated(tree, frame);
  expect(interpreted(tree, frame)).toEqual(outcome);
  return outcome;
}

const ints = (length: number) => ({ list: Array.from({ length }, (_, n) => n) });

test("a step costs one and the parts of its body; the budget is reached, not passed", () => {
  // x >= 0 has three parts.
  const fits = MAX_EXPRESSION_COST / 4;
  expect(both("list.all(x, x >= 0)", ints(fits))).toEqual({ value: true });
  expect(both("list.all(x, x >= 0)", ints(fits + 1))).toEqual({ error: "COST_LIMIT" });
});

test("all loops of an expression share one budget", () => {
  const half = MAX_EXPRESSION_COST / 8;
  expect(both("list.all(x, x >= 0) && list.all(x, x >= 0)", ints(half))).toEqual({ value: true });
  expect(both("list.all(x, x >= 0) && list.all(x, x >= 0)", ints(half + 1))).toEqual({
    error: "COST_LIMIT",
  });
});

test("the end of the budget is absorbed by nothing", () => {
  const frame = ints(MAX_EXPRESSION_COST);
  const bomb = "list.all(x, x >= 0)";
  expect(both(`${bomb} || true`, frame)).toEqual({ error: "COST_LIMIT" });
  expect(both(`!${bomb} && false`, frame)).toEqual({ error: "COST_LIMIT" });
  expect(both("list.exists(x, x >= 0 || true)", frame)).toEqual({ value: true });
  expect(both(`[1, 2].exists(y, y == 2 || ${bomb})`, frame)).toEqual({ error: "COST_LIMIT" });
  expect(both(`[1, 2].exists(y, 1 / (y - 1) == 1 || ${bomb})`, frame)).toEqual({
    error: "COST_LIMIT",
  });
});

test("every evaluation begins with a full budget, also after one that failed", () => {
  const frame = { ...FRAME, ...ints(MAX_EXPRESSION_COST / 5) };
  for (const text of [
    "list.all(x, x >= 0)",
    "s + t != ''",
    "s < t",
    "s.contains('zz')",
    "list == list",
    "1 in list",
    "raw < raw",
    "raw + raw == raw",
    "texts + texts == texts",
    "int('x') == 1 || s != t",
    "map == map",
    "s.matches('^a')",
    "size(string(raw)) > 0",
    "s.split(',').size() == 1",
  ]) {
    const tree = treeOf(text, SCOPE);
    for (const run of [generated, interpreted]) {
      expect(run(treeOf("list.map(x, list)", SCOPE), FRAME)).toEqual({ error: "COST_LIMIT" });
      expect([text, "value" in run(tree, frame)]).toEqual([text, true]);
    }
  }
});

test("a failure that is not the expression's is not absorbed by a loop, not even after one that is", () => {
  const frame = {
    list: [0, 1],
    get map(): never {
      throw new RangeError("a bug");
    },
  };
  const tree = treeOf("list.exists(x, 1 / x == 7 && map.size() == 1)", SCOPE);
  expect(() => interpreted(tree, frame)).toThrow(RangeError);
  expect(() => generated(tree, frame)).toThrow(RangeError);
});
