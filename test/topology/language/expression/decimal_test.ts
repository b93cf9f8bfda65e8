import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  avroOfType,
  describeType,
  type ExpressionType,
  type Scope,
  typeOfAvro,
} from "../../../../topology/language/mod.ts";
import { expectedOutcome, faultsOf, generated, interpreted, treeOf } from "./_check.ts";

const decimal = (scale: number): ExpressionType => ({ kind: "decimal", precision: 40, scale });
const UUID: ExpressionType = { kind: "uuid", name: "Id" };

const SCOPE: Scope = new Map<string, ExpressionType>([
  ["a", decimal(2)],
  ["b", decimal(0)],
  ["c", decimal(20)],
  ["maybe", { kind: "nullable", type: decimal(2) }],
  ["list", { kind: "list", element: decimal(2) }],
  ["n", { kind: "int" }],
  ["d", { kind: "double" }],
  ["id", UUID],
  ["other", UUID],
]);

/** Two's complement, big-endian, of the least width or a given one. */
function bytesOf(unscaled: bigint, width = 1): Uint8Array {
  let size = width;
  while (BigInt.asIntN(size * 8, unscaled) !== unscaled) size++;
  return Uint8Array.from({ length: size }, (_, n) =>
    Number(BigInt.asUintN(8, unscaled >> BigInt((size - 1 - n) * 8))),
  );
}

const FRAME = {
  a: bytesOf(-1234n),
  b: bytesOf(10n ** 30n),
  c: bytesOf(1n),
  maybe: null,
  list: [bytesOf(5n), bytesOf(-250n)],
  n: 1,
  d: 0.5,
  id: Uint8Array.from({ length: 16 }, (_, n) => n),
  other: new Uint8Array(16),
};

const TABLE: readonly (readonly [text: string, result: unknown])[] = [
  ["string(a)", "-12.34"],
  ["string(b)", `1${"0".repeat(30)}`],
  ["string(c)", `0.${"0".repeat(19)}1`],
  ["list.map(p, string(p))", ["0.05", "-2.50"]],
  ["double(a)", -12.34],
  ["double(b)", 1e30],
  ["int(a)", -12],
  ["int(c)", 0],
  ["int(b)", "<BAD_CONVERSION>"],
  ["a == -12.34", true],
  ["a != -12.34", false],
  ["a < -12.339999999", true],
  ["-12 > a", true],
  ["a == -12", false],
  ["b == 1e30", true],
  ["b > 999999999999.5", true],
  ["c > 0", true],
  ["c == 1e-20", true],
  ["c < 0.00000000000000000002", true],
  ["c > 5e-324", true],
  ["b < 1.7976931348623157e308", true],
  ["a < b && b > c && c > a", true],
  ["a <= a && a >= a && a == a", true],
  ["list.exists(p, p < -2.4) && list.all(p, p < 1)", true],
  ["list.filter(p, p > 0).size()", 1],
  ["maybe == null || maybe > 3", true],
  ["id == other", false],
  ["id == id", true],
  ["string(id)", "00010203-0405-0607-0809-0a0b0c0d0e0f"],
];

describe("decimals and uuids, by both back ends", () => {
  test.each(TABLE)("%s is %j", (text, result) => {
    const tree = treeOf(text, SCOPE);
    expect(generated(tree, FRAME)).toEqual(expectedOutcome(result));
    expect(interpreted(tree, FRAME)).toEqual(expectedOutcome(result));
  });

  test.each([
    ["a + 1", ["TYPE_MISMATCH 2-3"]],
    ["a * a", ["TYPE_MISMATCH 2-3"]],
    ["-a", ["TYPE_MISMATCH 0-2"]],
    ["a == n", ["TYPE_MISMATCH 5-6"]],
    ["d < a", ["TYPE_MISMATCH 0-1"]],
    ["a == '1'", ["TYPE_MISMATCH 5-8"]],
    ["maybe > 3", ["NULLABLE 0-5"]],
    ["list == list", ["TYPE_MISMATCH 5-7"]],
    ["a in list", ["TYPE_MISMATCH 2-4"]],
    ["math.abs(a)", ["TYPE_MISMATCH 5-8"]],
    ["id == '00'", ["TYPE_MISMATCH 3-5"]],
    ["id < other", ["TYPE_MISMATCH 3-4"]],
    ["size(id)", ["TYPE_MISMATCH 0-4"]],
  ])("%s: %j", (text, expected) => {
    expect(faultsOf(text, SCOPE)).toEqual(expected);
  });

  test("a number of no bytes is 0; one of too many is a bad record, soon", () => {
    expect(generated(treeOf("a == 0", SCOPE), { ...FRAME, a: new Uint8Array() })).toEqual({
      value: true,
    });
    const huge = { ...FRAME, a: new Uint8Array(1_000_000).fill(127) };
    const began = process.cpuUsage();
    expect(generated(treeOf("a == 0", SCOPE), huge)).toEqual({ error: "COST_LIMIT" });
    expect(generated(treeOf("string(a)", SCOPE), { ...FRAME, a: bytesOf(1n, 421) })).toEqual({
      error: "BAD_CONVERSION",
    });
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
  });

  test("order, text and value are those of the numbers, however wide their bytes are", () => {
    const number = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    const small = fc.bigInt({ min: -200n, max: 200n });
    const operators = ["==", "!=", "<", "<=", ">", ">="].map(
      (operator) => [operator, treeOf(`a ${operator} c`, SCOPE)] as const,
    );
    const text = treeOf("string(a)", SCOPE);
    fc.assert(
      fc.property(
        fc.oneof(number, small),
        fc.oneof(number, small),
        fc.nat({ max: 20 }),
        (a, c, width) => {
          const frame = { ...FRAME, a: bytesOf(a, width), c: bytesOf(c * 10n ** 18n, width) };
          for (const [operator, tree] of operators) {
            const difference = a < c ? -1 : a > c ? 1 : 0;
            const expected = {
              "==": difference === 0,
              "!=": difference !== 0,
              "<": difference < 0,
              "<=": difference <= 0,
              ">": difference > 0,
              ">=": difference >= 0,
            }[operator];
            expect(generated(tree, frame)).toEqual({ value: expected });
          }
          const { value } = generated(text, frame) as { value: string };
          expect(value).toMatch(/^-?\d+\.\d\d$/);
          expect(BigInt(value.replace(".", ""))).toBe(a);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("they are written with the schema that they are read with", () => {
    for (const type of [decimal(2), UUID]) {
      const avro = avroOfType({ kind: "nullable", type });
      expect(describeType(typeOfAvro(avro))).toBe(`${describeType(type)} or null`);
    }
  });
});
