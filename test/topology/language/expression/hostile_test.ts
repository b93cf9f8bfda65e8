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

/** Ways to a name that should lead nowhere, `$` for the name. */
const REACHES =
  "value.$|value.s.$|value.map.$|value.list.$|headers['$']|value.s.$('x')|math.$(1.5)|value.list.map($, $)|value.lines[0].$".split(
    "|",
  );

const ESCAPES: readonly string[] = [
  ...NAMES.flatMap((name) => REACHES.map((reach) => reach.replaceAll("$", name))),
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
  // Loops: their variables, and what the generator calls them.
  "value.list.map($0, $0)",
  "value.list.map(x, $0)",
  "value.list.map(X, X.begin())",
  "value.list.map(x, X)",
  "value.list.map(_, _.constructor)",
  "value.list.map(this, this)",
  "value.list.map(x => x, 1)",
  "value.list.map((x), x)",
  "value.list.map('x', x)",
  "value.list.map(x.y, x)",
  "value.list.map(x, y, z, 1)",
  "value.list.map(await, await)",
  "value.list.map(yield, yield + 1)",
  "value.list.map(async, async)",
  "value.list.map(let, let)",
  "value.list.map(eval, eval + 1)",
  "value.list.map(arguments, arguments + 1)",
  "value.list.map(undefined, undefined + 1)",
  "value.list.map(NaN, NaN + 1)",
  "value.list.map(true, true)",
  "value.list.map(null, null)",
  "value.list.map(in, in)",
  "value.list.map(value, value).map(value, value)",
  "value.list.map(x, x).constructor",
  "value.list.filter(x, true).length",
  "value.list.all(x, x = 1)",
  "value.list.reduce(x, x)",
  "value.list.forEach(x, x)",
  "value.list.push(1)",
  "value.list.sort()",
  "value.map.set('a', 1)",
  "value.map.delete('a')",
  "value.map.clear()",
  "value.map.get('a')",
  "value.map.map(k, value.map[k])",
  "value.map.map(k, k.constructor)",
  "{'__proto__': value.list}.map(k, k)",
  "{'__proto__': {'polluted': 1}}['__proto__']['polluted']",
  "{'constructor': {'prototype': {'polluted': 1}}}.constructor.prototype.polluted",
  "has(value.constructor)",
  "has(value.map.__proto__)",
  "has(headers.constructor)",
  "'__proto__' in headers",
  // Functions: the host's replacement patterns, expressions, conversions.
  "'aaa'.replace('a', '$&$`$\\'')",
  "'aaa'.replace('a', '$1')",
  "'a'.replace('', '$&')",
  "'a,b'.split(',').join('$&')",
  "'constructor'.split('').join('')",
  "value.s.match('a')",
  "value.s.normalize()",
  "value.s.repeat(1000000000)",
  "value.s.padStart(1000000000)",
  "value.s.at(0)",
  "value.s.link('x')",
  "value.s.anchor('x')",
  "value.s.localeCompare('x')",
  "'%s'.format([value.s])",
  "strings.quote(value.s)",
  "math.constructor",
  "math.PI",
  "math['round'](1.5)",
  "math",
  "math.round",
  "math.round.constructor",
  "math.greatest(1, 2).constructor",
  "begin()",
  "charge(-1000000)",
  "value.s.charge(-1)",
  "bytesOf('x')",
  "value.s.bytesOf()",
  "keysOf(value.map)",
  "absorb(true, true, true)",
  "equals(value, value)",
  "same(value)",
  "field(value, 'constructor')",
  "size(value)",
  "string(value)",
  "string(value.map)",
  "string(null)",
  "type(value)",
  "dyn(value).constructor",
  "int('1e9')",
  "int('0x7f')",
  "int('9'.replace('9', '99999999999999999999'))",
  "double('Infinity')",
  "double('0x10')",
  "bool('constructor')",
  "bytes('\\ud83d')",
  "b'\\xff\\x00'",
  "b'\\u0041'",
  "b'😀'",
  "rb'\\x'",
  "br'\\x'",
  "bb'x'",
  "'\\x41\\u0041\\U00000041\\101'",
  "'\\u{41}'",
  "'\\N{DIGIT ONE}'",
  "'\\400'",
  "'\\U7fffffff'",
  "'\\0'",
  "r'\\'",
  "r'\\\\'",
];

/** Patterns on which backtracking takes for ever, that make big machines, or that are none. */
const PATTERNS: readonly string[] = [
  "(a+)+$",
  "(a*)*$",
  "(a|a)*$",
  "(a|aa)+$",
  "(.*a){20}$",
  "(a?){30}a{30}",
  "([a-zA-Z]+)*$",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
  "(.*)*x",
  "(.+)+x",
  "(a+){10}$",
  "((a+)+)+$",
  String.raw`(\d+)*$`,
  "(x+x+)+y",
  "^(a|b|ab)*c",
  "(?:a*)*b",
  "(a{0,50}){8}",
  "(?i)(A+)+$",
  String.raw`(\w+\s?)*$`,
  "[ab]*a[ab]{200}$",
  "(((((a{10}){10}){10}){10}){10})",
  "a{1000}{1000}",
  "(?=a)",
  "(?<!a)b",
  String.raw`(a)\1`,
  "(?P<n>a)(?P=n)",
  String.raw`\C`,
  "[[:alpha:]]+$",
  String.raw`\pL{400}`,
  "(|a)+",
  "()*",
  "(()*)*",
  "^^^^$$$$",
  ".{500}",
  String.raw`[^\x00-\x{10FFFF}]`,
  String.raw`\Q(a+)+$\E`,
  String.raw`\b(a+)+\b`,
  "(",
  "[",
  "a**",
  "\\",
  "(?P<",
  "{,}",
  "a{2,1}",
];

const PROBES: readonly string[] = [
  ...ESCAPES,
  ...PATTERNS.flatMap((pattern) => [
    `value.s.matches(r'${pattern}')`,
    `'${"a".repeat(3000)}!'.matches(r"${pattern}")`,
  ]),
];

/** Plain data: nothing of the host can be reached through it. */
function isPlain(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return value instanceof Map && [...value.values()].every(isPlain);
}

/** CPU time, ms, of the best of three: the first one also pays for what is made once. */
function cpuMs(work: () => void): number {
  const times = [1, 2, 3].map(() => {
    const began = process.cpuUsage();
    work();
    return process.cpuUsage(began).user / 1000;
  });
  return Math.min(...times);
}

describe("no text reaches the host or takes long", () => {
  test("there are enough of them", () => {
    expect(new Set(PROBES).size).toBeGreaterThan(400);
  });

  test.each(PROBES.map((text) => [text.slice(0, 40), text] as const))("%j", (_, text) => {
    const { expression, faults } = checkExpression(text, SCOPE);
    expect(cpuMs(() => checkExpression(text, SCOPE))).toBeLessThan(50);
    expect(expression === undefined).toBe(faults.length > 0);
    for (const { span } of faults) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
    }
    if (expression === undefined) return;
    for (const run of [generated, interpreted]) {
      const outcome = run(expression, FRAME);
      if ("value" in outcome) expect(isPlain(outcome.value)).toBe(true);
      expect(cpuMs(() => run(expression, FRAME))).toBeLessThan(50);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
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

  test.each(NAMES)("%s of an element is the element's own field, or null", (name) => {
    const scope: Scope = new Map([["list", { kind: "list", element: NAMED.get("value")! }]]);
    const list = [JSON.parse(`{ ${JSON.stringify(name)}: 7 }`), {}];
    for (const run of [generated, interpreted]) {
      expect(run(treeOf(`list.map(x, x.${name})`, scope), { list })).toEqual({ value: [7, null] });
    }
  });

  test.each(NAMES)("%s is a variable like any other", (name) => {
    for (const run of [generated, interpreted]) {
      const tree = treeOf(`value.list.map(${name}, ${name} + 1)`);
      expect(run(tree, FRAME)).toEqual({ value: [2, 3, 4] });
    }
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
