import fc from "fast-check";
import { expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import { FRAME, generated, interpreted, SCOPE } from "./_check.ts";

type Kind = "int" | "double" | "text" | "bool";

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
  bool: fc.constantFrom(
    "value.ok",
    "true",
    "false",
    "(value.note == null)",
    "(value.n in value.list)",
  ),
};

/** Random expressions that hold by construction. */
const { int, double, text, bool } = fc.letrec<Record<Kind, string>>((tie) => {
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
    ),
    bool: fc.oneof(
      { depthSize: "small" },
      literals.bool,
      join("bool", "&&", "||", "==", "!=", "<"),
      join("int", "==", "!=", "<", "<=", ">", ">="),
      join("double", "==", "!=", "<", "<=", ">", ">="),
      join("text", "==", "!=", "<", "<=", ">", ">="),
      choice("bool"),
      wrap("bool", "(!$)"),
      wrap("int", "($ in [1, 2, 3])"),
      wrap("text", "($ in ['a', 'ab'])"),
      wrap("text", "$.contains('b')"),
    ),
  };
});

test("generated code and closures agree on every value and every error code", () => {
  let values = 0;
  let errors = 0;
  fc.assert(
    fc.property(fc.oneof(int, double, text, bool), (source) => {
      const { expression, faults } = checkExpression(source, SCOPE);
      // A random text can be no symbol of the enum it is compared with.
      fc.pre(
        !faults.some(({ code }) => code === "UNKNOWN_SYMBOL" || code.startsWith("EXPRESSION_TOO")),
      );
      expect(faults).toEqual([]);
      const one = generated(expression!, FRAME);
      expect(interpreted(expression!, FRAME)).toEqual(one);
      if ("error" in one) errors++;
      else values++;
    }),
    { numRuns: 1500 },
  );
  // The property says nothing if one of the two hardly ever comes.
  expect(values).toBeGreaterThan(300);
  expect(errors).toBeGreaterThan(30);
});
