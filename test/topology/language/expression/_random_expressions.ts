/**
 * Random expressions over the scope of `_check.ts`, well-typed by construction, and values for its names.
 *
 * @module
 */

import fc from "fast-check";
import { FRAME } from "./_check.ts";

type Kind = "int" | "double" | "text" | "bool" | "list" | "texts" | "map" | "bytes";

export interface Choices {
  /** Texts that expressions and values are made of. */
  readonly words: readonly string[];
  /** Templates of functions that not everything has, `$` for a part: `["double", "math.round($)", "double"]`. */
  readonly functions: readonly (readonly [result: Kind, template: string, ...parts: Kind[]])[];
}

/** Functions of the library that CEL implementations agree on, where arguments are in their range. */
const FUNCTIONS: Choices["functions"] = [
  ["int", "(-$)", "int"],
  ["int", "size($)", "text"],
  ["int", "size($)", "bytes"],
  ["int", "size($)", "list"],
  ["int", "$.size()", "texts"],
  ["int", "($).size()", "map"],
  ["int", "int($)", "double"],
  ["int", "value.list[$]", "int"],
  ["int", "$[$]", "list", "int"],
  ["int", "($)[$]", "map", "text"],
  ["int", "($).a", "map"],
  ["int", "$.indexOf($)", "text", "text"],
  ["int", "$.lastIndexOf($)", "text", "text"],
  ["double", "(-$)", "double"],
  ["double", "double($)", "int"],
  ["text", "$.upperAscii()", "text"],
  ["text", "$.lowerAscii()", "text"],
  ["text", "$.trim()", "text"],
  ["text", "$.charAt($)", "text", "int"],
  ["text", "$.substring($)", "text", "int"],
  ["text", "$.substring($, $)", "text", "int", "int"],
  ["text", "$.replace('a', $)", "text", "text"],
  ["text", "$.join()", "texts"],
  ["text", "$.join($)", "texts", "text"],
  ["text", "$[$]", "texts", "int"],
  ["text", "string($)", "int"],
  ["text", "string($)", "bool"],
  ["text", "string($)", "bytes"],
  ["bool", "(!$)", "bool"],
  ["bool", "bool($)", "text"],
  ["bool", "$.contains($)", "text", "text"],
  ["bool", "$.startsWith($)", "text", "text"],
  ["bool", "$.endsWith($)", "text", "text"],
  ["bool", "$.matches('^[ab]+(1|x)?$')", "text"],
  ["bool", "$.matches('(a|ab)(c|b)*')", "text"],
  ["bool", "($ in [1, 2, 3])", "int"],
  ["bool", "($ in ['a', 'ab'])", "text"],
  ["bool", "($ in $)", "int", "list"],
  ["bool", "($ in $)", "text", "texts"],
  ["bool", "($ in $)", "text", "map"],
  ["list", "[$, $]", "int", "int"],
  ["texts", "[$, $]", "text", "text"],
  ["texts", "$.split('b')", "text"],
  ["texts", "$.split('')", "text"],
  ["map", "{$: $}", "text", "int"],
  ["map", "{'a': $, $: $}", "int", "text", "int"],
  ["bytes", "bytes($)", "text"],
];

interface Binding {
  readonly result: Kind;
  /** `$` is any part, `@` one in which names stand for others of their type. */
  readonly template: string;
  readonly parts?: readonly Kind[];
  readonly bodies?: readonly (readonly [kind: Kind, names: Readonly<Record<string, string>>])[];
}

const LINE = { "value.n": "l.quantity", "value.s": "l.sku", "value.d": "l.price" };
const NOTE = { "value.s": "value.note" };

/**
 * Loops, and conditions that prove something. A variable always stands for the same type, so that one
 * may hide another.
 */
const BINDINGS: readonly Binding[] = [
  ...["all", "exists", "exists_one"].flatMap((macro): readonly Binding[] => [
    bool(`$.${macro}(x, @)`, { "value.n": "x" }, "list"),
    bool(`$.${macro}(t, @)`, { "value.s": "t" }, "texts"),
    bool(`($).${macro}(k, @)`, { "value.s": "k" }, "map"),
    bool(`value.lines.${macro}(l, @)`, LINE),
    bool(`value.lines.${macro}(p, p.note != null && @)`, { "value.t": "p.note" }),
    bool(`value.marks.${macro}(m, m == null || @)`, { "value.m": "m" }),
  ]),
  { ...bool("$.filter(x, @)", { "value.n": "x" }, "list"), result: "list" },
  { ...bool("$.filter(t, @)", { "value.s": "t" }, "texts"), result: "texts" },
  { ...bool("($).filter(k, @)", { "value.s": "k" }, "map"), result: "texts" },
  mapped("list", "$.map(x, @)", "int", { "value.n": "x" }, "list"),
  mapped("list", "$.map(t, @)", "int", { "value.s": "t" }, "texts"),
  mapped("texts", "$.map(t, @)", "text", { "value.s": "t" }, "texts"),
  {
    result: "list",
    template: "value.lines.map(l, @, @)",
    bodies: [
      ["bool", LINE],
      ["int", LINE],
    ],
  },
  { result: "list", template: "value.marks.filter(m, m != null)" },
  mapped("list", "value.marks.map(m, m != null, @)", "int", { "value.m": "m" }),
  bool("(value.note != null && @)", NOTE),
  bool("(value.note == null || @)", NOTE),
  bool("(!(value.note == null) && @)", NOTE),
  bool("((value.note == null ? false : true) && @)", NOTE),
  mapped("text", "(value.note != null ? @ : $)", "text", NOTE, "text"),
  mapped("text", "(value.note == null ? $ : @)", "text", NOTE, "text"),
  bool("(value.customer != null && value.customer.age != null && @)", {
    "value.n": "value.customer.age",
    "value.s": "value.customer.name",
  }),
];

function bool(
  template: string,
  names: Readonly<Record<string, string>>,
  ...parts: readonly Kind[]
): Binding {
  return mapped("bool", template, "bool", names, ...parts);
}

function mapped(
  result: Kind,
  template: string,
  body: Kind,
  names: Readonly<Record<string, string>>,
  ...parts: readonly Kind[]
): Binding {
  return { result, template, parts, bodies: [[body, names]] };
}

const quoted = (word: string): string =>
  `'${word.replaceAll(/['\\\n\u2028]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  })}'`;

export function randomExpressions({
  words,
  functions,
}: Choices): Readonly<Record<Kind, fc.Arbitrary<string>>> {
  const literals: Record<Kind, fc.Arbitrary<string>> = {
    int: fc.oneof(
      {
        weight: 20,
        arbitrary: fc.constantFrom("value.n", "value.m", "eventTime", "size(value.tags)", "0", "1"),
      },
      { weight: 10, arbitrary: fc.integer({ min: -3, max: 9 }).map(String) },
      { weight: 1, arbitrary: fc.constantFrom("9007199254740991", "value.list[1]") },
    ),
    double: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("value.d", "value.e", "0.0", "1.5", "2.5e-7") },
      { weight: 1, arbitrary: fc.constantFrom("-0.0", "1e300", "value.d / 0.0") },
    ),
    text: fc.oneof(
      fc.constantFrom("value.s", "value.t", "value.gender", "key", "headers.h"),
      fc.constantFrom(...words).map(quoted),
    ),
    bool: fc.constantFrom("value.ok", "true", "false", "(value.note == null)"),
    list: fc.constantFrom("value.list", "[1, 2]", "[value.n]", "value.list"),
    texts: fc.constantFrom("value.tags", "['a', 'b', 'ab']", "[value.s]", "value.tags"),
    map: fc.constantFrom("value.map", "{'a': 1}", "{value.s: 1, 'ab': value.m}"),
    bytes: fc.constantFrom("value.raw", "b'\\xff'", "b'ab'"),
  };
  const depth = fc.createDepthIdentifier();
  const built = fc.letrec<Record<Kind, string>>((tie) => {
    const of = (kind: Kind): fc.Arbitrary<string> => tie(kind) as fc.Arbitrary<string>;
    const join = (kind: Kind, operators: string) =>
      fc
        .tuple(of(kind), fc.constantFrom(...operators.split(" ")), of(kind))
        .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
    const choice = (kind: Kind) =>
      fc.tuple(of("bool"), of(kind), of(kind)).map(([c, a, b]) => `(${c} ? ${a} : ${b})`);
    const call = (template: string, parts: readonly Kind[]) =>
      fc.tuple(...parts.map(of)).map((made) => filled(template, "$", made));
    const binding = ({ template, parts = [], bodies = [] }: Binding) =>
      fc
        .tuple(fc.tuple(...parts.map(of)), fc.tuple(...bodies.map(([kind]) => of(kind))))
        .map(([plain, bound]) => {
          const renamed = bound.map((body, n) => rename(body, bodies[n]![1]));
          // Bodies last: what is in them is not looked at again.
          return filled(filled(template, "$", plain), "@", renamed);
        });
    const kinds = Object.keys(literals) as Kind[];
    const operators: Partial<Record<Kind, readonly fc.Arbitrary<string>[]>> = {
      int: [join("int", "+ - * / %")],
      double: [join("double", "+ - * /")],
      text: [join("text", "+")],
      list: [join("list", "+")],
      texts: [join("texts", "+")],
      bytes: [join("bytes", "+")],
      bool: [
        join("bool", "&& || == != <"),
        ...(["int", "double", "text", "bytes"] as const).map((kind) =>
          join(kind, "== != < <= > >="),
        ),
        ...(["list", "texts", "map"] as const).map((kind) => join(kind, "== !=")),
      ],
    };
    const all = kinds.map((kind) => {
      const calls = [...FUNCTIONS, ...functions]
        .filter(([result]) => result === kind)
        .map(([, template, ...parts]) => call(template, parts));
      const bindings = BINDINGS.filter(({ result }) => result === kind).map(binding);
      const complex = [...(operators[kind] ?? []), choice(kind), ...calls, ...bindings];
      const one = fc.oneof(
        { maxDepth: 4, depthSize: "small", depthIdentifier: depth, withCrossShrink: true },
        literals[kind],
        ...complex,
      );
      return [kind, one] as const;
    });
    return Object.fromEntries(all) as Record<Kind, fc.Arbitrary<string>>;
  });
  return built;
}

/** A template with its places, in their order, filled. */
function filled(template: string, place: "$" | "@", parts: readonly string[]): string {
  // `$'` at the end of a pattern is no place.
  const pieces = template.split(place === "$" ? /\$(?!')/ : "@");
  return pieces.map((piece, n) => piece + (parts[n] ?? "")).join("");
}

function rename(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).reduce(
    (renamed, [from, to]) => renamed.replaceAll(new RegExp(`${from}\\b`, "g"), () => to),
    text,
  );
}

/** Values of every field, with what is most likely to break something. */
export function randomFrames(words: readonly string[]) {
  const small = fc.integer({ min: -3, max: 3 });
  const word = fc.constantFrom(...words);
  return fc
    .record({
      n: fc.oneof(
        { weight: 9, arbitrary: small },
        {
          weight: 1,
          arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
        },
      ),
      m: small,
      d: fc.constantFrom(0, -0, 0.5, 1.5, -2.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY),
      e: fc.oneof(fc.constantFrom(0.5, 1.5, -2.5, 3), fc.double()),
      s: word,
      t: word,
      ok: fc.boolean(),
      raw: fc.uint8Array({ maxLength: 3 }),
      gender: fc.constantFrom("FEMALE", "MALE"),
      note: fc.option(word),
      list: fc.array(small, { maxLength: 3 }),
      map: fc.array(fc.tuple(word, small), { maxLength: 3 }).map((entries) => new Map(entries)),
      customer: fc.option(fc.record({ name: word, age: fc.option(small) })),
      tags: fc.array(word, { maxLength: 3 }),
      marks: fc.array(fc.option(small), { maxLength: 3 }),
      lines: fc.array(
        fc.record({
          sku: word,
          quantity: small,
          price: fc.constantFrom(0.5, -1.25, 9.99),
          note: fc.option(word),
        }),
        { maxLength: 3 },
      ),
    })
    .map((value) => ({ ...FRAME, value: { ...FRAME.value, ...value } }));
}
