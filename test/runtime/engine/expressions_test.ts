import { expect, test } from "vitest";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive } from "./_driver.ts";

/** One field of every kind that Avro has. */
const EVERYTHING = {
  type: "record",
  name: "Everything",
  fields: [
    { name: "on", type: "boolean" },
    { name: "i", type: "int" },
    { name: "l", type: ["int", "long"] },
    { name: "f", type: "float" },
    { name: "d", type: "double" },
    { name: "s", type: "string" },
    { name: "raw", type: "bytes" },
    { name: "code", type: { type: "fixed", name: "Code", size: 2 } },
    { name: "who", type: { type: "enum", name: "Who", symbols: ["A", "B"] } },
    { name: "note", type: ["null", "string"], default: null },
    { name: "wide", type: ["null", "string", "int"], default: null },
    { name: "price", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } },
    {
      name: "cost",
      type: [
        "null",
        { type: "fixed", name: "Cost", size: 4, logicalType: "decimal", precision: 9 },
      ],
      default: null,
    },
    { name: "id", type: { type: "fixed", name: "Id", size: 16, logicalType: "uuid" } },
    { name: "day", type: { type: "int", logicalType: "date" } },
    { name: "time", type: { type: "int", logicalType: "time-millis" } },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "micros", type: { type: "long", logicalType: "local-timestamp-micros" } },
    { name: "tags", type: { type: "array", items: ["null", "string"] } },
    { name: "counts", type: { type: "map", values: "long" } },
    {
      name: "lines",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Line",
          fields: [
            { name: "sku", type: "string" },
            { name: "who", type: "Who" },
            { name: "price", type: ["null", "double"], default: null },
            { name: "flags", type: { type: "map", values: "boolean" } },
          ],
        },
      },
    },
    {
      name: "owner",
      type: [
        "null",
        {
          type: "record",
          name: "Owner",
          fields: [
            { name: "name", type: "string" },
            { name: "boss", type: ["null", "Owner"], default: null },
          ],
        },
      ],
      default: null,
    },
  ],
};

const RECORD = {
  on: true,
  i: 7,
  l: 9007199254740991,
  f: 0.5,
  d: 2.5,
  s: "Ünï 😀",
  raw: Uint8Array.of(1, 2),
  code: Uint8Array.of(0xca, 0xfe),
  who: "B",
  note: "gift",
  wide: 3,
  // -12.34, and 300 in a fixed.
  price: Uint8Array.of(0xfb, 0x2e),
  cost: Uint8Array.of(0, 0, 0x01, 0x2c),
  id: Uint8Array.from({ length: 16 }, (_, n) => n * 17),
  day: 19_000,
  time: 3_600_000,
  at: 1_700_000_000_000,
  micros: 1_700_000_000_000_000,
  tags: ["x", null, "yy"],
  counts: new Map([
    ["a", 1],
    ["b", 20],
  ]),
  lines: [
    { sku: "A1", who: "A", price: 9.5, flags: new Map([["new", true]]) },
    { sku: "B2", who: "B", price: null, flags: new Map() },
  ],
  owner: { name: "Ada", boss: { name: "Bob", boss: null } },
};

function planOf(stages: string): Plan {
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text: `topology: t
streams:
  s: { value: { avro: s.avsc }, key: string }
  out: {}
pipelines:
  p:
    - source: s
${stages}
    - sink: out
`,
    files: { read: () => JSON.stringify(EVERYTHING) },
  });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

const RESULTS: Readonly<Record<string, readonly [expression: string, result: unknown]>> = {
  bool: ["!value.on || value.i == 7", true],
  ints: ["value.l - value.i", 9007199254740984],
  doubles: ["double(value.i) * value.d + value.f", 18],
  text: ["value.s.charAt(4) + value.s.lowerAscii().split(' ')[0]", "😀Ünï"],
  bytes: ["value.raw + value.code == b'\\x01\\x02\\xca\\xfe'", true],
  symbol: ["value.who == 'B' ? value.who + '!' : ''", "B!"],
  nullable: ["value.note != null && value.note.matches('^g.*t$')", true],
  price: ["string(value.price)", "-12.34"],
  cheap: ["value.price < -12.3 && value.price >= -12.34 && value.price != 0", true],
  cost: ["value.cost != null && value.cost > value.price ? int(value.cost) : 0", 300],
  exact: ["double(value.price)", -12.34],
  id: ["string(value.id)", "00112233-4455-6677-8899-aabbccddeeff"],
  times: ["value.at / 1000 + value.time / 1000 + value.day + value.micros / 1000000", 3400022600],
  tags: ["value.tags.filter(t, t != null).map(t, t + t).join(',')", "xx,yyyy"],
  counts: ["value.counts.filter(k, value.counts[k] > 1)", ["b"]],
  lines: ["value.lines.filter(l, l.who == 'A' && has(l.flags.new)).map(l, l.sku)", ["A1"]],
  prices: ["value.lines.map(l, l.price != null, l.price * 2)", [19]],
  total: ["value.lines.exists(l, l.price != null && l.price > value.d)", true],
  owner: ["value.owner != null && value.owner.boss != null ? value.owner.boss.name : ''", "Bob"],
  kept: ["value.lines", RECORD.lines],
  same: ["value.cost", Uint8Array.of(0, 0, 0x01, 0x2c)],
};

test("expressions read every Avro type in a running topology, and what they make is written", async () => {
  const fields = Object.entries(RESULTS)
    .map(([name, [expression]]) => `${name}: ${JSON.stringify(expression)}`)
    .join(", ");
  await drive({ plan: planOf(`    - map: { value: { ${fields} } }`) }, async (driver) => {
    await driver.send("s", [{ atMs: 0, key: "k", value: RECORD }]);
    const [written] = await driver.written("out");
    const expected = Object.entries(RESULTS).map(([name, [, result]]) => [name, result]);
    expect(written!.value).toEqual(Object.fromEntries(expected));
  });
});

test("what no expression can name is refused where it is named, and passes by in a record", async () => {
  const problems = (expression: string) =>
    planTopology({
      file: "t.yaml",
      text: `topology: t
streams: { s: { value: { avro: s.avsc }, key: string }, out: {} }
pipelines: { p: [{ source: s }, { filter: ${JSON.stringify(expression)} }, { sink: out }] }
`,
      files: { read: () => JSON.stringify(EVERYTHING) },
    }).diagnostics.map(({ code, column }) => `${code} ${column}`);
  expect(problems("value.wide == 3")).toEqual(["NOT_BUILT 44"]);
  expect(problems("value.price + 1 > 2")).toEqual(["TYPE_MISMATCH 56"]);
  expect(problems("value.id == 'x'")).toEqual(["TYPE_MISMATCH 53"]);
  expect(problems("value.s.matches('(')")).toEqual(["BAD_PATTERN 60"]);

  const plan = planOf('    - filter: "value.i == 7"');
  await drive({ plan }, async (driver) => {
    await driver.send("s", [{ atMs: 0, key: "k", value: RECORD }]);
    expect((await driver.written("out"))[0]!.value).toMatchObject({ wide: 3, i: 7 });
  });
});

test("a record on which an expression costs too much is a dead letter, and the next one is not", async () => {
  const plan = planOf(
    "    - filter: \"!value.counts.exists(a, value.counts.exists(b, a + b == ''))\"",
  );
  await drive({ plan }, async (driver) => {
    const counts = new Map(Array.from({ length: 1000 }, (_, n) => [`k${n}`, n]));
    await driver.send("s", [
      { atMs: 0, key: "long", value: { ...RECORD, counts } },
      { atMs: 1, key: "short", value: RECORD },
    ]);
    expect((await driver.written("out")).map(({ key }) => key)).toEqual(["short"]);
    const letters = await driver.written("dead_letters");
    expect(letters.map(({ headers }) => Object.values(headers))).toEqual([
      expect.arrayContaining([expect.stringContaining("COST_LIMIT")]),
    ]);
  });
});
