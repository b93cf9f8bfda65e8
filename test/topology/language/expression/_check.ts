import {
  checkExpression,
  createEvaluator,
  type Expression,
  ExpressionError,
  type ExpressionType,
  expressionLibrary,
  generateExpression,
  type Scope,
} from "../../../../topology/language/mod.ts";

const CUSTOMER: ExpressionType = {
  kind: "record",
  name: "shop.Customer",
  fields: [
    { name: "name", type: { kind: "string" } },
    { name: "age", type: { kind: "nullable", type: { kind: "int" } } },
  ],
};

const LINE: ExpressionType = {
  kind: "record",
  name: "shop.Line",
  fields: [
    { name: "sku", type: { kind: "string" } },
    { name: "quantity", type: { kind: "int" } },
    { name: "price", type: { kind: "double" } },
    { name: "note", type: { kind: "nullable", type: { kind: "string" } } },
  ],
};

export const SCOPE: Scope = new Map<string, ExpressionType>([
  [
    "value",
    {
      kind: "record",
      name: "shop.Order",
      fields: [
        { name: "n", type: { kind: "int" } },
        { name: "m", type: { kind: "int" } },
        { name: "d", type: { kind: "double" } },
        { name: "e", type: { kind: "double" } },
        { name: "s", type: { kind: "string" } },
        { name: "t", type: { kind: "string" } },
        { name: "ok", type: { kind: "bool" } },
        { name: "raw", type: { kind: "bytes" } },
        {
          name: "gender",
          type: { kind: "enum", name: "shop.Gender", symbols: ["FEMALE", "MALE"] },
        },
        { name: "note", type: { kind: "nullable", type: { kind: "string" } } },
        { name: "list", type: { kind: "list", element: { kind: "int" } } },
        { name: "map", type: { kind: "map", value: { kind: "int" } } },
        { name: "customer", type: { kind: "nullable", type: CUSTOMER } },
        { name: "tags", type: { kind: "list", element: { kind: "string" } } },
        {
          name: "marks",
          type: { kind: "list", element: { kind: "nullable", type: { kind: "int" } } },
        },
        { name: "lines", type: { kind: "list", element: LINE } },
      ],
    },
  ],
  ["key", { kind: "string" }],
  ["eventTime", { kind: "int" }],
  ["headers", { kind: "map", value: { kind: "string" } }],
]);

export const FRAME = {
  value: {
    n: 3,
    m: -4,
    d: 1.5,
    e: -0.25,
    s: "ab",
    t: "b",
    ok: true,
    raw: Uint8Array.of(104, 105),
    gender: "MALE",
    note: null,
    list: [1, 2, 3],
    map: new Map([["a", 1]]),
    customer: null,
    tags: ["new", "gift"],
    marks: [1, null, 3],
    lines: [
      { sku: "A1", quantity: 2, price: 9.5, note: null },
      { sku: "B2", quantity: 0, price: 1.25, note: "fragile" },
    ],
  },
  key: "k",
  eventTime: 1000,
  headers: new Map([["h", "x"]]),
};

/** The tree of an expression that must hold. */
export function treeOf(text: string, scope: Scope = SCOPE): Expression {
  const { expression, faults } = checkExpression(text, scope, { valueName: "orders" });
  if (expression === undefined) throw new Error(`${text}: ${JSON.stringify(faults)}`);
  return expression;
}

/** `<code> <from>-<to>` of each fault, columns from 0, end exclusive. */
export function faultsOf(text: string, scope: Scope = SCOPE): string[] {
  return checkExpression(text, scope, { valueName: "orders" }).faults.map(
    ({ code, span }) => `${code} ${span.start}-${span.end}`,
  );
}

export type Outcome = { readonly value: unknown } | { readonly error: string };

function outcome(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof ExpressionError) return { error: error.code };
    throw error;
  }
}

/** By the first back end, generated code: made once, run on many frames. */
export function generator(
  expression: Expression,
): (frame: Readonly<Record<string, unknown>>) => Outcome {
  const source = generateExpression(expression, {
    library: "X",
    path: (root, path) =>
      path.reduce((text, name) => `${text}[${JSON.stringify(name)}]`, `F[${JSON.stringify(root)}]`),
  });
  const run = new Function("X", "F", `"use strict"; return ${source};`);
  return (frame) => outcome(() => run(expressionLibrary, frame));
}

export function generated(
  expression: Expression,
  frame: Readonly<Record<string, unknown>>,
): Outcome {
  return generator(expression)(frame);
}

/** By the second: closures. */
export function interpreter(
  expression: Expression,
): (frame: Readonly<Record<string, unknown>>) => Outcome {
  const run = createEvaluator(expression);
  return (frame) => outcome(() => run(frame));
}

export function interpreted(
  expression: Expression,
  frame: Readonly<Record<string, unknown>>,
): Outcome {
  return interpreter(expression)(frame);
}

export function evaluated(text: string): unknown {
  const result = interpreted(treeOf(text), FRAME);
  if ("error" in result) throw new Error(result.error);
  return result.value;
}

/** `value.list[3]` → `<INDEX_OUT_OF_BOUNDS>`: a table's result, an error's code in < >. */
export function expectedOutcome(result: unknown): Outcome {
  return typeof result === "string" && /^<.*>$/.test(result)
    ? { error: result.slice(1, -1) }
    : { value: result };
}
