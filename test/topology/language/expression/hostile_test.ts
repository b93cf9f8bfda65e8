import { describe, expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import { FRAME, generated, interpreted, SCOPE } from "./_check.ts";

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
