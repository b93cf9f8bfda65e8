import { describe, expect, test } from "vitest";
import {
  checkExpression,
  createEvaluator,
  type ExpressionType,
  generateExpression,
  type Scope,
} from "../../../../topology/language/mod.ts";
import { FRAME, generated, interpreted, SCOPE, treeOf } from "./_check.ts";

const NAMES =
  "constructor __proto__ prototype __defineGetter__ __lookupGetter__ hasOwnProperty toString valueOf call apply bind caller arguments then".split(
    " ",
  );
const GLOBALS =
  "process globalThis global require import eval Function this window self X L A t out c Buffer".split(
    " ",
  );

const PROBES: readonly string[] = [
  ...NAMES.flatMap((name) => [
    `value.${name}`,
    `value.s.${name}`,
    `value.map.${name}`,
    `value.list.${name}`,
    `headers['${name}']`,
    `value.s.${name}('x')`,
  ]),
  ...GLOBALS.flatMap((name) => [name, `${name}.exit`, `${name}(1)`]),
  "value['constructor']",
  "'' + value.s.constructor.constructor('return process')()",
  "value.n; process.exit(1)",
  "value.n, 1",
  "(() => 1)()",
  "function () { return 1 }",
  "new Date()",
  "value.n = 5",
  "value.n++",
  "`$\x7b1}`",
  "'$\x7bprocess.exit(1)}'",
  "'\"); process.exit(1); (\"'",
  "'\\\\\"); process.exit(1); //'",
  "'\\u2028process.exit(1)'",
  "'\u2028'",
  "'\u2029 + process'",
  "'</script><script>'",
  "value.n /* comment */ + 1",
  "value.n // ' \n + 1",
  "\u0000value.n",
  "value.\u0000n",
  "ｖalue.n",
  "value\u200b.n",
  "\\u0076alue.n",
  "'\\ud800'",
  "'\ud800' == 'x'",
  "{'__proto__': 1}.size() > 0",
  "{'__proto__': 1}['__proto__']",
  "{'constructor': 1}.constructor",
  "'__proto__' in {'a': 1}",
  "'toString' in value.map",
  "1 in [1].constructor",
  "x.y.z.w",
  "a[b[c[d]]]",
  "(".repeat(5000),
  "[".repeat(5000),
  "{".repeat(5000),
  "!".repeat(9999),
  "-".repeat(9999),
  `${"(".repeat(4000)}1${")".repeat(4000)}`,
  "true ? 1 : ".repeat(900),
  "'".repeat(9999),
  "'a".repeat(4000),
  "a.".repeat(4999),
  "1 ".repeat(4999),
  "\\".repeat(9999),
  "9".repeat(9999),
  `1e${"9".repeat(300)}`,
  `0x${"f".repeat(9000)}`,
  "&".repeat(9999),
  " ".repeat(9999),
  "//".repeat(4999),
  "a".repeat(10_000),
  `'${"x".repeat(9998)}'`,
  "x".repeat(100_000),
];

/** Plain data: nothing of the host can be reached through it. */
function isPlain(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return value instanceof Map && [...value.values()].every(isPlain);
}

describe("no text reaches the host or takes long", () => {
  test("there are enough of them", () => {
    expect(new Set(PROBES).size).toBeGreaterThan(150);
  });

  test.each(PROBES.map((text) => [text.slice(0, 40), text] as const))("%j", (_, text) => {
    const began = process.cpuUsage();
    const { expression, faults } = checkExpression(text, SCOPE);
    const { user } = process.cpuUsage(began);
    expect(user / 1000).toBeLessThan(50);
    expect(expression === undefined).toBe(faults.length > 0);
    for (const { span } of faults) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
    }
    if (expression === undefined) return;
    for (const run of [generated, interpreted]) {
      const outcome = run(expression, FRAME);
      if ("value" in outcome) expect(isPlain(outcome.value)).toBe(true);
    }
  });
});

describe("fields called like the host's own", () => {
  const NAMED: Scope = new Map<string, ExpressionType>([
    [
      "value",
      {
        kind: "record",
        name: "Named",
        fields: NAMES.map((name) => ({ name, type: { kind: "int" } as const })),
      },
    ],
  ]);

  test.each(NAMES)("value.%s is the record's own field, or null", (name) => {
    const run = createEvaluator(treeOf(`value.${name}`, NAMED));
    const value: unknown = JSON.parse(`{ ${JSON.stringify(name)}: 7 }`);
    expect(run({ value })).toBe(7);
    expect(run({ value: {} })).toBe(null);
  });

  test.each(NAMES)("%s as a key makes an entry and nothing else", (name) => {
    const text = `{'${name}': 7}`;
    for (const run of [generated, interpreted]) {
      expect(run(treeOf(text), FRAME)).toEqual({ value: new Map([[name, 7]]) });
      expect(run(treeOf(`${text}['${name}']`), FRAME)).toEqual({ value: 7 });
      expect(run(treeOf(`value.map['${name}']`), FRAME)).toEqual({ error: "NO_SUCH_KEY" });
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("text in generated code is text", () => {
  test.each([
    "\u2028",
    "\u2029",
    "\n",
    "\r",
    "\0",
    `"`,
    `"); throw 1; ("`,
    "`",
    `$${"{throw 1}"}`,
    "*/",
    "//",
    "</script>",
    "\\",
    '\\"',
    "\ud800",
    "__proto__",
  ])("%j comes out as it went in", (text) => {
    const literal = `'''${text.replaceAll("\\", "\\\\")}'''`;
    expect(generated(treeOf(literal), FRAME)).toEqual({ value: text });
    const source = generateExpression(treeOf(literal), { library: "X", path: () => "x" });
    expect(source).not.toMatch(/[\n\r\u2028\u2029]/);
  });
});

describe("the widest and the deepest that is allowed compiles and runs", () => {
  test.each([
    ["texts", `value.s in [${Array.from({ length: 1500 }, (_, n) => `'${n}'`).join(",")}]`],
    ["a sum", `value.n${" + value.n".repeat(90)}`],
    ["quotients", `${"(value.n / ".repeat(90)}1${")".repeat(90)}`],
    ["failing conditions", `${"(1 / value.n == 1 && ".repeat(90)}true${")".repeat(90)}`],
    ["nested lists", `[${`${"[".repeat(60)}1${"]".repeat(60)},`.repeat(78)}]`],
    ["nested maps", `${"{'a':".repeat(98)}1${"}".repeat(98)}`],
    ["a list", `[${"value.n,".repeat(1200)}]`],
  ])("%s", (_, text) => {
    const began = process.cpuUsage();
    const tree = treeOf(text);
    const outcomes = [interpreted(tree, FRAME), generated(tree, FRAME)];
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(150);
    expect(outcomes[0]).toEqual(outcomes[1]);
  });
});
