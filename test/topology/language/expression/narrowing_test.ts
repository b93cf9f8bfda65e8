import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkExpression,
  describeType,
  type ExpressionType,
  narrowScope,
  type Scope,
} from "../../../../topology/language/mod.ts";
import { faultsOf, generator, interpreted, SCOPE, treeOf } from "./_check.ts";

/** A record of nullable records, three deep, each with a nullable number. */
function nested(depth: number): ExpressionType {
  const number: ExpressionType = { kind: "nullable", type: { kind: "int" } };
  const fields = [{ name: "n", type: number }];
  if (depth > 0) fields.push({ name: "r", type: { kind: "nullable", type: nested(depth - 1) } });
  return { kind: "record", name: `R${depth}`, fields };
}

const NESTED: Scope = new Map([["value", nested(2)]]);
const PATHS = ["value.n", "value.r", "value.r.n", "value.r.r", "value.r.r.n"];

const conditions = fc.letrec<{ bool: string }>((tie) => ({
  bool: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(fc.constantFrom(...PATHS), fc.constantFrom("==", "!="))
      .map(([p, o]) => `${p} ${o} null`),
    fc
      .tuple(fc.constantFrom("value.n", "value.r.n", "value.r.r.n"), fc.constantFrom(...PATHS))
      .map(([p]) => `10 / ${p} > 1`),
    fc
      .tuple(tie("bool"), fc.constantFrom("&&", "||"), tie("bool"))
      .map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie("bool").map((a) => `!(${a})`),
    fc.tuple(tie("bool"), tie("bool"), tie("bool")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
})).bool;

const values = fc.letrec<{ r: unknown }>((tie) => ({
  r: fc.record({
    n: fc.constantFrom(null, 0, 3),
    r: fc.option(tie("r"), { maxDepth: 2, depthIdentifier: "r" }),
  }),
})).r;

test("what the checker lets pass never reads through null, even beside errors", {
  timeout: 120_000,
}, () => {
  let passed = 0;
  fc.assert(
    fc.property(conditions, fc.array(values, { minLength: 6, maxLength: 6 }), (text, records) => {
      const { expression } = checkExpression(text, NESTED);
      if (expression === undefined) return;
      passed++;
      const run = generator(expression);
      for (const value of records) {
        const outcome = interpreted(expression, { value });
        expect(outcome).not.toEqual({ error: "NULL_VALUE" });
        // A TypeError of the generated code would come through here.
        expect(run({ value })).toEqual(outcome);
      }
    }),
    { numRuns: 6000 },
  );
  expect(passed).toBeGreaterThan(500);
});

test("what a filter proves holds in every stage below it", () => {
  const filter = treeOf("value.customer != null && value.customer.age != null && value.n > 0");
  const scope = narrowScope(SCOPE, filter);
  expect(faultsOf("value.customer.age > 3 && value.note == null", scope)).toEqual([]);
  expect(faultsOf("value.note == 'x'", scope)).toEqual(["NULLABLE 0-10"]);
  expect(faultsOf("value.customer.age > 3", SCOPE)).toEqual(["NULLABLE 0-14"]);
});

test("a proof about a whole variable narrows it", () => {
  const scope: Scope = new Map([["key", { kind: "nullable", type: { kind: "string" } }]]);
  expect(faultsOf("key != null && key == 'a'", scope)).toEqual([]);
  expect(faultsOf("key == 'a'", scope)).toEqual(["NULLABLE 0-3"]);
  expect(describeType(narrowScope(scope, treeOf("key != null", scope)).get("key")!)).toBe("string");
});

test("either of two conditions proves only what both prove", () => {
  const both = "(value.note != null && value.n == 1 || value.note != null && value.m == 1)";
  expect(faultsOf(`${both} && value.note == 'x'`)).toEqual([]);
  const one = "(value.note != null && value.n == 1 || value.m == 1)";
  expect(faultsOf(`${one} && value.note == 'x'`)).toEqual(["NULLABLE 56-66"]);
});

test("an element of a list cannot be proven, and the hint says so", () => {
  const scope: Scope = new Map([
    ["value", { kind: "list", element: { kind: "nullable", type: { kind: "int" } } }],
  ]);
  const [fault] = checkExpression("value[0] != null && value[0] > 1", scope).faults;
  expect(fault).toMatchObject({ code: "NULLABLE", span: { start: 20, end: 28 } });
  expect(fault?.hint).toBe("only a name, or a field of one, can be proven not to be null");
});
