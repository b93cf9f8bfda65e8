import fc from "fast-check";
import { expect, test } from "vitest";
import { checkExpression } from "../../../../topology/language/mod.ts";
import { FRAME, generator, interpreter, SCOPE } from "./_check.ts";
import { type Choices, randomExpressions, randomFrames } from "./_random_expressions.ts";

const WORDS = ["", "a", "ab", "b1", "12", " é\u0085", "😀", "__proto__", "constructor", "\u2028"];

/** Beyond what the oracle has, or has alike. */
const FUNCTIONS: Choices["functions"] = [
  ["int", "int($)", "text"],
  ["int", "math.abs($)", "int"],
  ["int", "math.sign($)", "int"],
  ["int", "math.greatest($, $, $)", "int", "int", "int"],
  ["int", "$.indexOf($, $)", "text", "text", "int"],
  ["int", "$.lastIndexOf($, $)", "text", "text", "int"],
  ["double", "double($)", "text"],
  ["double", "math.round($)", "double"],
  ["double", "math.floor($)", "double"],
  ["double", "math.ceil($)", "double"],
  ["double", "math.trunc($)", "double"],
  ["double", "math.sqrt($)", "double"],
  ["double", "math.least($, $)", "double", "double"],
  ["bool", "math.isNaN($)", "double"],
  ["bool", "has(($).ab)", "map"],
  ["bool", "has(value.note)"],
  ["bool", "matches($, 'b+$')", "text"],
  ["text", "string($)", "double"],
  ["text", "$.reverse()", "text"],
  ["text", "$.replace($, $, $)", "text", "text", "text", "int"],
  ["texts", "$.split($, $)", "text", "text", "int"],
  ["texts", "$.reverse()", "texts"],
];

// Mostly the generator's own work: 4 s of a free core.
test("generated code and closures agree on every value and every error code", {
  timeout: 120_000,
}, () => {
  let values = 0;
  let errors = 0;
  const kinds = randomExpressions({ words: WORDS, functions: FUNCTIONS });
  const frames = randomFrames(WORDS);
  fc.assert(
    fc.property(
      fc.oneof(...Object.values(kinds)),
      fc.tuple(frames, frames),
      (source, [first, second]) => {
        const { expression, faults } = checkExpression(source, SCOPE);
        // A random text can be no symbol of the enum it is compared with, or a key twice.
        const allowed = ["UNKNOWN_SYMBOL", "DUPLICATE_KEY"];
        fc.pre(
          !faults.some(({ code }) => allowed.includes(code) || code.startsWith("EXPRESSION_")),
        );
        expect(faults).toEqual([]);
        const run = generator(expression!);
        const interpret = interpreter(expression!);
        for (const frame of [FRAME, first, second]) {
          const one = run(frame);
          expect(interpret(frame)).toEqual(one);
          if ("error" in one) errors++;
          else values++;
        }
      },
    ),
    { numRuns: 4000 },
  );
  // The property says nothing if one of the two hardly ever comes.
  expect(values).toBeGreaterThan(1000);
  expect(errors).toBeGreaterThan(100);
});
