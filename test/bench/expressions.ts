/**
 * Evaluations a second of an expression as generated code, as closures and by `@bufbuild/cel`, in one
 * run, over the same records. Values are compared first; the records are in the oracle's own form
 * before the clock starts, so that it is charged with evaluation alone.
 *
 *     node --import tsx test/bench/expressions.ts [--seconds 0.5] [--rounds 5]
 *
 * @module
 */

import { isDeepStrictEqual, parseArgs } from "node:util";
import { type CelInput, celEnv, isCelError, isCelList, parse, plan } from "@bufbuild/cel";
import { strings } from "@bufbuild/cel/ext";
import {
  checkExpression,
  createEvaluator,
  type ExpressionType,
  expressionLibrary,
  generateExpression,
  parseAvroSchema,
  type Scope,
  typeOfAvro,
} from "../../topology/language/mod.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "0.5" },
    rounds: { type: "string", default: "5" },
  },
});
const roundMs = Number(values.seconds) * 1000;
const rounds = Number(values.rounds);

const EXPRESSIONS = [
  "value.action == 'BUY'",
  "value.gender in ['FEMALE', 'MALE', 'UNKNOWN']",
  "value.quantity * value.cents + 1 > 1000",
  "value.note != null && value.note.contains('gift')",
  "value.lines.exists(l, l.quantity > 2 && l.sku.startsWith('A'))",
  "value.lines.filter(l, l.quantity > 1).map(l, l.sku.lowerAscii())",
  "value.email.matches('^[a-z0-9.]+@[a-z]+[.]com$')",
];

const schema = parseAvroSchema({
  type: "record",
  name: "Order",
  fields: [
    { name: "action", type: "string" },
    { name: "gender", type: "string" },
    { name: "quantity", type: "int" },
    { name: "cents", type: "long" },
    { name: "note", type: ["null", "string"] },
    { name: "email", type: "string" },
    {
      name: "lines",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Line",
          fields: [
            { name: "sku", type: "string" },
            { name: "quantity", type: "int" },
          ],
        },
      },
    },
  ],
});
const scope: Scope = new Map<string, ExpressionType>([["value", typeOfAvro(schema)]]);

const records = Array.from({ length: 64 }, (_, n) => ({
  value: {
    action: n % 3 === 0 ? "BUY" : "CLICK",
    gender: ["FEMALE", "MALE", "UNKNOWN", "OTHER"][n % 4],
    quantity: n % 5,
    cents: n * 97,
    note: n % 2 === 0 ? null : `a gift for number ${n}`,
    email: n % 7 === 0 ? "nobody" : `user.${n}@example.com`,
    lines: Array.from({ length: 4 }, (_, m) => ({
      sku: `${"AB"[(n + m) % 2]}${m}`,
      quantity: (n * m) % 4,
    })),
  },
}));

function toCel(value: unknown): CelInput {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object" || value === null) return value as CelInput;
  return new Map(Object.entries(value).map(([name, part]) => [name, toCel(part)]));
}

const forCel = records.map(({ value }) => ({ value: toCel(value) }));

/** Evaluations a second: whole passes over the records until the time is up. */
function rate<R>(evaluate: (record: R) => unknown, records: readonly R[]): number {
  let evaluations = 0;
  let kept = 0;
  const began = performance.now();
  while (performance.now() - began < roundMs) {
    for (let pass = 0; pass < 16; pass++) {
      for (const record of records) if (evaluate(record) !== undefined) kept++;
    }
    evaluations += 16 * records.length;
  }
  if (kept !== evaluations) throw new Error("An evaluation gave nothing");
  return (evaluations * 1000) / (performance.now() - began);
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;

const env = celEnv({ funcs: strings });
console.log("M evaluations/s; generated ÷ closures, ÷ cel\n generated  closures       cel");
for (const text of EXPRESSIONS) {
  const { expression, faults } = checkExpression(text, scope);
  if (expression === undefined) throw new Error(`${text}: ${faults[0]!.message}`);
  const source = generateExpression(expression, {
    library: "X",
    path: (root, path) => [root, ...path].join("."),
  });
  const generated = new Function("X", `"use strict"; return ({ value }) => ${source};`)(
    expressionLibrary,
  ) as (record: (typeof records)[number]) => unknown;
  const closures = createEvaluator(expression);
  const cel = plan(env, parse(text));

  for (const [n, record] of records.entries()) {
    const result = cel(forCel[n]!);
    if (isCelError(result)) throw result;
    const theirs = isCelList(result) ? [...result] : result;
    for (const ours of [generated(record), closures(record)]) {
      if (!isDeepStrictEqual(ours, theirs)) throw new Error(`${text}: ${ours}, not ${theirs}`);
    }
  }

  const rates = Array.from({ length: rounds }, () => [
    rate(generated, records),
    rate(closures, records),
    rate(cel, forCel),
  ]);
  const [code, calls, theirs] = [0, 1, 2].map((n) => median(rates.map((round) => round[n]!)));
  const ratio = (n: number) => median(rates.map((round) => round[0]! / round[n]!));
  const shown = [code!, calls!, theirs!].map((number) => (number / 1e6).toFixed(3).padStart(10));
  console.log(`${shown.join("")}     × ${ratio(1).toFixed(1)}  × ${ratio(2).toFixed(0)}   ${text}`);
}
