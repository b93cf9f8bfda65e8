/**
 * Where the language departs from CEL on purpose; the README says the same in "Where it departs from
 * CEL". Each row has our outcome (the code of a fault or an error in < >) and `@bufbuild/cel`'s.
 *
 * @module
 */

import { expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import { FRAME, generated, SCOPE } from "./_check.ts";
import { CEL, oracle } from "./_oracle.ts";

const ERROR = "<an error>";

const DEVIATIONS: readonly (readonly [name: string, text: string, ours: unknown, cel: unknown])[] =
  [
    ["ints are safe integers", "9007199254740991 + 1", "<OVERFLOW>", 9007199254740992],
    ["ints are safe integers", "9007199254740993", "<SYNTAX>", 9007199254740992],
    ["ints are safe integers", "int(1e17)", "<BAD_CONVERSION>", 1e17],
    ["an int literal takes the other side's type", "value.d + 1", 2.5, ERROR],
    ["an int literal takes the other side's type", "[1, 2.5][0] / 2", 0.5, 0],
    ["int and double do not mix", "value.n == value.d", "<TYPE_MISMATCH>", false],
    ["int and double do not mix", "value.n < value.d", "<TYPE_MISMATCH>", false],
    ["null has to be excluded first", "value.note == 'x'", "<NULLABLE>", false],
    ["null has to be excluded first", "value.note + 'x'", "<NULLABLE>", ERROR],
    ["a list holds one type", "[1, 'a'][1]", "<TYPE_MISMATCH>", "a"],
    ["a list holds one type", "size([]) == 0", "<TYPE_MISMATCH>", true],
    ["a map holds one type", "{'a': 1, 'b': 'c'}['b']", "<TYPE_MISMATCH>", "c"],
    ["the keys of a map are strings", "{1: 'a'}[1]", "<TYPE_MISMATCH>", "a"],
    ["? : has one type", "value.ok ? 1 : 'a'", "<TYPE_MISMATCH>", 1],
    ["different types are not compared", "value.n == value.s", "<TYPE_MISMATCH>", false],
    ["an enum has its symbols only", "value.gender == 'MAIL'", "<UNKNOWN_SYMBOL>", false],
    ["a duplicate key is found early", "{'a': 1, 'a': 2}['a']", "<DUPLICATE_KEY>", ERROR],
    ["no uint", "1u < 2u", "<SYNTAX>", true],
    ["no uint", "uint(1) == uint(1)", "<UNKNOWN_FUNCTION>", true],
    [
      "no timestamp",
      "timestamp('1970-01-01T00:00:01Z') == timestamp(1)",
      "<UNKNOWN_FUNCTION>",
      false,
    ],
    ["no duration", "duration('60s') == duration('1m')", "<UNKNOWN_FUNCTION>", true],
    ["no types as values", "type(1) == int", "<UNKNOWN_FUNCTION>", true],
    ["no dyn", "dyn(1) == 1", "<UNKNOWN_FUNCTION>", true],
    ["no format", "'%d'.format([1])", "<UNKNOWN_FUNCTION>", "1"],
    ["no quote", "strings.quote('a')", "<UNKNOWN_FUNCTION>", '"a"'],
    ["a pattern stands in the expression", "value.s.matches(value.t)", "<BAD_PATTERN>", true],
    ["a pattern is checked early", "false && value.s.matches('(')", "<BAD_PATTERN>", false],
  ];

function ours(text: string): unknown {
  const { expression, faults } = checkExpression(text, SCOPE);
  if (expression === undefined) return `<${faults[0]!.code}>`;
  const outcome = generated(expression, FRAME);
  return "error" in outcome ? `<${outcome.error}>` : outcome.value;
}

function theirs(text: string): unknown {
  const outcome = oracle(text, CEL)(FRAME);
  return "error" in outcome ? ERROR : outcome.value;
}

test.each(DEVIATIONS)("%s: %s is %j, %j in CEL", (_, text, mine, cel) => {
  expect(ours(text)).toEqual(mine);
  expect(theirs(text)).toEqual(cel);
});
