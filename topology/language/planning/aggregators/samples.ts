/**
 * Values of any type, to try things on.
 *
 * @module
 */

import type { ExpressionType } from "../../expression/mod.ts";

const INTS = [1, 2, 0, -3, 7, 11];
const DOUBLES = [0.5, 2, -1.25, 0, 100, 3];
const TEXTS = ["a", "b", "", "ab", "c"];

/** The n-th value of a type; after a few they come again. */
export function sampleOf(type: ExpressionType, n: number): unknown {
  switch (type.kind) {
    case "int":
      return INTS[n % INTS.length];
    case "double":
      return DOUBLES[n % DOUBLES.length];
    case "string":
      return TEXTS[n % TEXTS.length];
    case "bool":
      return n % 2 === 0;
    case "enum":
      return type.symbols[n % type.symbols.length];
    case "bytes":
    case "decimal":
      return Uint8Array.of(n % 5);
    case "uuid":
      return new Uint8Array(16).fill(n % 5);
    case "null":
      return null;
    case "nullable":
      return n % 4 === 3 ? null : sampleOf(type.type, n);
    case "list":
      return Array.from({ length: n % 3 }, (_, item) => sampleOf(type.element, n + item));
    case "map":
      return new Map(
        Array.from({ length: n % 3 }, (_, item) => [
          TEXTS[item % TEXTS.length]!,
          sampleOf(type.value, n + item),
        ]),
      );
    case "record":
      return Object.fromEntries(
        type.fields.map(({ name, type }, field) => [name, sampleOf(type, n + field)]),
      );
    case "dyn":
      return INTS[n % INTS.length];
    case "unsupported":
      return null;
  }
}
