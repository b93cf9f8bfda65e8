/**
 * Files that are written to cost time or memory.
 *
 * @module
 */

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ..."bcdefghi".split("").map((letter, index) => {
    const alias = `*${"abcdefgh"[index]!}`;
    return `${letter}: &${letter} [${Array.from({ length: 10 }, () => alias).join(", ")}]`;
  }),
].join("\n");

const pipes = (count: number, stages: (index: number) => string) =>
  `topology: t\nstreams: { s: { value: string } }\npipelines:\n${Array.from(
    { length: count },
    (_, index) => `  p${index}: ${stages(index)}`,
  ).join("\n")}`;

const filter = (expression: string) =>
  `topology: t\nstreams: { s: { value: string } }\npipelines:\n  p:\n    - source: s\n    - filter: ${expression}\n`;

/** What it is, the code of the answer, the text. */
export const HOSTILE_FILES: readonly (readonly [string, string, string])[] = [
  ["250,000 opening brackets", "TOO_DEEP", "[".repeat(250_000)],
  ["60,000 maps inside each other", "TOO_DEEP", "{a: ".repeat(60_000)],
  ["125,000 lists on one line", "TOO_DEEP", "- ".repeat(125_000)],
  [
    "690 levels of indentation",
    "TOO_DEEP",
    Array.from({ length: 690 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
  ],
  ["250,000 closing braces", "BAD_YAML", "}".repeat(250_000)],
  ["250,000 commas", "FILE_TOO_LARGE", `[${",".repeat(250_000)}`],
  ["250,000 quotes", "FILE_TOO_LARGE", '"'.repeat(250_000)],
  ["80,000 tabs", "FILE_TOO_LARGE", "\t:\n".repeat(80_000)],
  ["60,000 documents", "FILE_TOO_LARGE", "---\n".repeat(60_000)],
  [
    "20,000 keys",
    "FILE_TOO_LARGE",
    Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n"),
  ],
  [
    "2,001 keys",
    "TOO_MANY_KEYS",
    `streams:\n${Array.from({ length: 2_001 }, (_, i) => `  k${i}: {}`).join("\n")}`,
  ],
  ["101 aliases", "TOO_MANY_ALIASES", `- &a a\n${"- *a\n".repeat(101)}`],
  ["an alias bomb", "TOO_MANY_ALIASES", bomb],
  ["a quoted text that never ends", "BAD_YAML", `a: "${" ".repeat(250_000)}`],
  ["a word of 250,000 letters", "BAD_YAML", `${"a".repeat(250_000)}: b`],
  ["blanks without end", "WRONG_TYPE", `${" \t".repeat(120_000)}a`],
  ["half variables without end", "BAD_VARIABLE", `x: "${"${a:-".repeat(45_000)}"`],
  [
    "1,900 pipelines that read each other",
    "TOO_DEEP",
    pipes(1_900, (i) => `[{ source: ${i === 0 ? "s" : `p${i - 1}`} }, { filter: value == 'x' }]`),
  ],
  [
    "1,900 unknown names",
    "UNKNOWN_STREAM",
    pipes(1_900, (i) => `[{ source: q${i} }, { sink: long_name_${i} }]`),
  ],
  ["a cycle of 1,900 pipelines", "CYCLE", pipes(1_900, (i) => `[{ source: p${(i + 1) % 1_900} }]`)],
  [
    "9,000 stages",
    "TOO_DEEP",
    `topology: t\nstreams: { s: { value: string } }\npipelines:\n  p:\n  - source: s\n${"  - filter: value == 'x'\n".repeat(9_000)}`,
  ],
  ["an expression of 200,000 characters", "EXPRESSION_TOO_LONG", filter("x".repeat(200_000))],
  ["an expression of 9,000 brackets", "EXPRESSION_TOO_DEEP", filter("(".repeat(9_000))],
  ["an expression of 9,000 negations", "EXPRESSION_TOO_DEEP", filter(`"${"!".repeat(9_000)}true"`)],
  [
    "a million keys",
    "FILE_TOO_LARGE",
    Array.from({ length: 1_000_000 }, (_, i) => `k${i}: 1`).join("\n"),
  ],
  ["a text of 10 MB", "FILE_TOO_LARGE", `topology: ${"x".repeat(10_000_000)}`],
  ["20,000 faults", "WRONG_TYPE", `topology: t\npipelines:\n  p: [${"1, ".repeat(20_000)}1]\n`],
  [
    "1,900 filters of 100 faults",
    "UNKNOWN_NAME",
    pipes(1_900, () => `[{ source: s }, { filter: "${"x+".repeat(40)}x" }]`),
  ],
];

const record = (fields: string) => `{ "type": "record", "name": "X", "fields": [${fields}] }`;
const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(",");

/** What it is, the code of the answer, the text of the .avsc file. */
export const HOSTILE_SCHEMAS: readonly (readonly [string, string, string])[] = [
  [
    "100,000 fields",
    "FILE_TOO_LARGE",
    record(many(100_000, (n) => `{"name":"f${n}","type":["null","string"],"default":null}`)),
  ],
  ["30,000 fields", "UNKNOWN_FIELD", record(many(30_000, (n) => `{"name":"f${n}","type":"int"}`))],
  [
    "an enum of 100,000 symbols",
    "UNKNOWN_FIELD",
    record(
      `{"name":"e","type":{"type":"enum","name":"E","symbols":[${many(100_000, (n) => `"S${n}"`)}]}}`,
    ),
  ],
  [
    "a text of 10 MB",
    "FILE_TOO_LARGE",
    record(`{"name":"a","type":"int","doc":"${"x".repeat(1e7)}"}`),
  ],
  ["500,000 brackets", "BAD_SCHEMA", "[".repeat(500_000)],
  [
    "30,000 lists inside each other",
    "BAD_SCHEMA",
    `${'{"type":"array","items":'.repeat(30_000)}"int"${"}".repeat(30_000)}`,
  ],
  [
    "a record that is in itself sixty times",
    "UNKNOWN_FIELD",
    record(many(60, (n) => `{"name":"f${n}","type":["null","X"],"default":null}`)),
  ],
  [
    "ten times ten times ten records inside each other",
    "UNKNOWN_FIELD",
    record(
      many(12, (level) => {
        const fields = many(
          10,
          (n) => `{"name":"f${n}","type":"${level === 0 ? "int" : `R${level - 1}`}"}`,
        );
        return `{"name":"d${level}","type":{"type":"record","name":"R${level}","fields":[${fields}]}}`;
      }),
    ),
  ],
  [
    "a union of 20,000 records",
    "UNKNOWN_FIELD",
    record(
      `{"name":"u","type":[${many(20_000, (n) => `{"type":"record","name":"R${n}","fields":[]}`)}]}`,
    ),
  ],
];

/** Uses the schema `x.avsc` in every way there is. */
export const SCHEMA_USER = `topology: t
streams: { s: { value: { avro: x.avsc } }, a: {}, b: {} }
pipelines:
  p: [{ source: s }, { filter: value.zzz == 1 }, { map: { set: { q: 1 } } }, { sink: a }]
  q: [{ source: s }, { map: { set: { q: 1 } } }, { sink: b }]
tests: [{ name: x, steps: [{ send: s, records: [{ value: { zz: 1 } }] }] }]
`;
