import fc from "fast-check";
import { expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import { FRAME, generator, interpreted, SCOPE } from "./_check.ts";

type Kind = "int" | "double" | "text" | "bool" | "list" | "map" | "bytes";

const literals: Record<Kind, fc.Arbitrary<string>> = {
  int: fc.oneof(
    fc.constantFrom("value.n", "value.m", "eventTime", "value.list[1]", "9007199254740991", "0"),
    fc.integer({ min: -9, max: 9 }).map(String),
  ),
  double: fc.constantFrom(
    "value.d",
    "value.e",
    "0.0",
    "1.5",
    "1e300",
    "2.5e-7",
    "-0.0",
    "value.d / 0.0",
  ),
  text: fc.oneof(
    fc.constantFrom(
      "value.s",
      "value.t",
      "value.gender",
      "key",
      "headers.h",
      "'😀'",
      "'\\u2028'",
      "'12'",
    ),
    fc.string({ maxLength: 5 }).map((text) => `'${text.replaceAll(/['\\\n]/g, "_")}'`),
  ),
  list: fc.constantFrom("value.list", "[1, 2]", "[value.n]"),
  map: fc.constantFrom("value.map", "{'a': 1}", "{value.s: 1, 'ab': value.m}"),
  bytes: fc.constantFrom("value.raw"),
  bool: fc.constantFrom(
    "value.ok",
    "true",
    "false",
    "(value.note == null)",
    "(value.n in value.list)",
  ),
};

/** Random expressions that hold by construction. */
const { int, double, text, bool, list, map, bytes } = fc.letrec<Record<Kind, string>>((tie) => {
  const of = (kind: Kind): fc.Arbitrary<string> => tie(kind) as fc.Arbitrary<string>;
  const join = (kind: Kind, ...operators: string[]) =>
    fc
      .tuple(of(kind), fc.constantFrom(...operators), of(kind))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
  const choice = (kind: Kind) =>
    fc.tuple(of("bool"), of(kind), of(kind)).map(([c, a, b]) => `(${c} ? ${a} : ${b})`);
  const wrap = (kind: Kind, template: string) =>
    of(kind).map((a) => template.replace("$", () => a));
  return {
    int: fc.oneof(
      { depthSize: "small" },
      literals.int,
      join("int", "+", "-", "*", "/", "%"),
      choice("int"),
      wrap("int", "(-$)"),
      wrap("text", "size($)"),
      wrap("text", "int($)"),
      wrap("double", "int($)"),
      wrap("int", "value.list[$]"),
      fc.tuple(of("list"), of("int")).map(([a, b]) => `${a}[${b}]`),
      fc.tuple(of("map"), of("text")).map(([a, b]) => `(${a})[${b}]`),
      wrap("map", "($).a"),
      wrap("list", "size($)"),
      wrap("map", "($).size()"),
      wrap("bytes", "size($)"),
    ),
    double: fc.oneof(
      { depthSize: "small" },
      literals.double,
      join("double", "+", "-", "*", "/"),
      choice("double"),
      wrap("double", "(-$)"),
      wrap("int", "double($)"),
      wrap("text", "double($)"),
    ),
    text: fc.oneof(
      { depthSize: "small" },
      literals.text,
      join("text", "+"),
      choice("text"),
      wrap("text", "$.upperAscii()"),
      wrap("int", "string($)"),
      wrap("double", "string($)"),
      wrap("bytes", "string($)"),
    ),
    list: fc.oneof(
      { depthSize: "small" },
      literals.list,
      join("list", "+"),
      choice("list"),
      fc.tuple(of("int"), of("int")).map(([a, b]) => `[${a}, ${b}]`),
    ),
    map: fc.oneof(
      { depthSize: "small" },
      literals.map,
      choice("map"),
      fc.tuple(of("text"), of("int")).map(([a, b]) => `{${a}: ${b}}`),
    ),
    bytes: fc.oneof({ depthSize: "small" }, literals.bytes, join("bytes", "+"), choice("bytes")),
    bool: fc.oneof(
      { depthSize: "small" },
      literals.bool,
      join("bool", "&&", "||", "==", "!=", "<"),
      join("int", "==", "!=", "<", "<=", ">", ">="),
      join("double", "==", "!=", "<", "<=", ">", ">="),
      join("text", "==", "!=", "<", "<=", ">", ">="),
      join("list", "==", "!="),
      join("map", "==", "!="),
      join("bytes", "==", "!=", "<", "<=", ">", ">="),
      fc.tuple(of("int"), of("list")).map(([a, b]) => `(${a} in ${b})`),
      fc.tuple(of("text"), of("map")).map(([a, b]) => `(${a} in ${b})`),
      choice("bool"),
      wrap("bool", "(!$)"),
      wrap("int", "($ in [1, 2, 3])"),
      wrap("text", "($ in ['a', 'ab'])"),
      wrap("text", "$.contains('b')"),
    ),
  };
});

const small = fc.integer({ min: -3, max: 3 });
const word = fc.constantFrom("", "a", "ab", "12", "é", "😀", "__proto__", "constructor", "\u2028");

/** Values of every field, with what is most likely to break something. */
const frames = fc
  .record({
    n: fc.oneof(small, fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)),
    m: small,
    d: fc.constantFrom(0, -0, 1.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
    e: fc.double(),
    s: word,
    t: word,
    ok: fc.boolean(),
    raw: fc.uint8Array({ maxLength: 3 }),
    gender: fc.constantFrom("FEMALE", "MALE"),
    note: fc.option(word),
    list: fc.array(small, { maxLength: 3 }),
    map: fc.array(fc.tuple(word, small), { maxLength: 3 }).map((entries) => new Map(entries)),
  })
  .map((value) => ({ ...FRAME, value: { ...FRAME.value, ...value } }));

// Mostly the generator's own work: 4 s of a free core.
test("generated code and closures agree on every value and every error code", {
  timeout: 120_000,
}, () => {
  let values = 0;
  let errors = 0;
  const expressions = fc.oneof(int, double, text, bool, list, map, bytes);
  fc.assert(
    fc.property(expressions, fc.tuple(frames, frames), (source, [first, second]) => {
      const { expression, faults } = checkExpression(source, SCOPE);
      // A random text can be no symbol of the enum it is compared with, or a key twice.
      const allowed = ["UNKNOWN_SYMBOL", "DUPLICATE_KEY"];
      fc.pre(!faults.some(({ code }) => allowed.includes(code) || code.startsWith("EXPRESSION_")));
      expect(faults).toEqual([]);
      const run = generator(expression!);
      for (const frame of [FRAME, first, second]) {
        const one = run(frame);
        expect(interpreted(expression!, frame)).toEqual(one);
        if ("error" in one) errors++;
        else values++;
      }
    }),
    { numRuns: 3000 },
  );
  // The property says nothing if one of the two hardly ever comes.
  expect(values).toBeGreaterThan(1000);
  expect(errors).toBeGreaterThan(100);
});
