/** map and flatMap: loops, several emits, fields set and dropped. */

import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../runtime/engine/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive } from "./_driver.ts";

const ORDER = {
  type: "record",
  name: "Order",
  fields: [
    { name: "id", type: "long", default: 0 },
    { name: "note", type: ["null", "string"], default: null },
    {
      name: "lines",
      type: {
        type: "array",
        items: {
          type: "record",
          name: "Line",
          fields: [
            { name: "sku", type: "string" },
            { name: "quantity", type: "long", default: 1 },
            { name: "tags", type: { type: "array", items: "string" }, default: [] },
          ],
        },
      },
      default: [],
    },
  ],
};

function orders(stages: string): Plan {
  const text = `topology: t
streams:
  s: { value: { avro: order.avsc }, key: string }
  out: {}
pipelines:
  p:
    - source: s
${stages.replace(/^/gm, "    ")}
    - sink: out
`;
  const files = { read: () => JSON.stringify(ORDER) };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

const line = (sku: string, quantity = 1, tags: string[] = []) => ({ sku, quantity, tags });
const send = (value: Record<string, unknown>, atMs = 0) => ({ atMs, key: "k", value });

/** Keys and values that come out for one batch, in order; and the ledger. */
async function run(plan: Plan, records: Parameters<typeof send>[0][]) {
  let out: (readonly [unknown, unknown])[] = [];
  let dead: unknown[] = [];
  let ledger: Ledger = {};
  await drive({ plan }, async (driver) => {
    await driver.send(
      "s",
      records.map((record) => send(record)),
    );
    out = (await driver.written("out")).map(({ key, value }) => [key, value] as const);
    dead = (await driver.written("dead_letters")).map(({ headers }) => headers["millrace.code"]);
    ledger = driver.ledger();
  });
  return { out, dead, ledger };
}

describe("a flatMap with for", () => {
  test("emits one record per element for which when holds", async () => {
    const plan = orders(`- id: each
  flatMap:
    for: { line: value.lines }
    when: line.quantity > 0
    key: line.sku
    value: { units: line.quantity, order: value.id }`);
    const { out, ledger } = await run(plan, [
      { id: 7, lines: [line("a", 2), line("b", 0), line("c", 3)] },
      { id: 8, lines: [line("a", 0)] },
      { id: 9 },
    ]);
    expect(out).toEqual([
      ["a", { units: 2, order: 7 }],
      ["c", { units: 3, order: 7 }],
    ]);
    expect(ledger["each"]).toMatchObject({ in: 3, filtered: 2, passed: 1, emitted: 2, dead: 0 });
  });

  test("goes through lists of elements, and mixes with emits without a loop, in order", async () => {
    const plan = orders(`- flatMap:
    - { key: "'order'", value: { text: string(value.id) } }
    - for: { line: value.lines, tag: line.tags }
      key: line.sku
      value: { text: tag }
    - { key: "'end'", value: { text: "'.'" } }`);
    const { out } = await run(plan, [
      { id: 1, lines: [line("a", 1, ["x", "y"]), line("b"), line("c", 1, ["z"])] },
    ]);
    expect(out).toEqual([
      ["order", { text: "1" }],
      ["a", { text: "x" }],
      ["a", { text: "y" }],
      ["c", { text: "z" }],
      ["end", { text: "." }],
    ]);
  });

  test("that stands behind another one reads what that made, however many stages are between", async () => {
    for (let between = 0; between < 8; between++) {
      const plan = orders(`- flatMap: { for: { line: value.lines }, value: { text: line.sku } }
${"- filter: value.text != ''\n".repeat(between)}- flatMap: { for: { n: '[1, 2]' }, value: { text: value.text + string(n) } }`);
      const { out } = await run(plan, [{ lines: [line("a"), line("b")] }]);
      expect(out.map(([, value]) => value)).toEqual(
        ["a1", "a2", "b1", "b2"].map((text) => ({ text })),
      );
    }
  });

  test("takes all emits of a record or none", async () => {
    const plan = orders(`- id: each
  flatMap: { for: { line: value.lines }, key: line.sku, value: { n: 10 / line.quantity } }`);
    const { out, dead, ledger } = await run(plan, [
      { lines: [line("a", 5), line("b", 0)] },
      { lines: [line("c", 2)] },
    ]);
    expect(out).toEqual([["c", { n: 5 }]]);
    expect(dead).toEqual(["DIVISION_BY_ZERO"]);
    expect(ledger["each"]).toMatchObject({ in: 2, dead: 1, passed: 1, emitted: 1 });
  });

  test("gives up a record whose lists have too many combinations", async () => {
    const plan = orders(`- flatMap:
    for: { a: value.lines, b: value.lines, c: value.lines }
    when: a.sku == b.sku && b.sku == c.sku
    value: { sku: a.sku }`);
    const many = (count: number) => Array.from({ length: count }, (_, n) => line(String(n)));
    const { out, dead } = await run(plan, [{ lines: many(47) }, { lines: many(46) }]);
    expect(dead).toEqual(["RECORD_TOO_LARGE"]);
    expect(out).toHaveLength(46);
  });

  test("feeds a window behind a repartition topic, through a crash", async () => {
    const plan = orders(`- flatMap:
    for: { line: value.lines }
    key: line.sku
    value: { units: line.quantity }
- windowedReduce:
    window: { tumbling: 1s, grace: 0s }
    value: { units: sum(value.units), n: count() }
    emit: final`);
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        { ...send({ lines: [line("a", 2), line("b", 1), line("a", 3)] }, 10), partition: 0 },
        { ...send({ lines: [line("b", 4)] }, 20), partition: 1 },
      ]);
      await driver.restart("crash");
      await driver.send("s", [
        { ...send({}, 5000), partition: 0 },
        { ...send({}, 5000), partition: 1 },
      ]);
      const written = await driver.written("out");
      expect(written.map(({ key, value }) => [key, value]).sort()).toEqual([
        ["a", { units: 5, n: 2 }],
        ["b", { units: 5, n: 2 }],
      ]);
    });
  });
});

describe("several emits", () => {
  test("behind each other do not multiply the program", async () => {
    const twice = `- flatMap:
    - { when: value.id >= 0, set: { id: value.id + 1 } }
    - { when: value.id < 0, set: { id: value.id - 1 } }`;
    const plan = orders(Array.from({ length: 24 }, () => twice).join("\n"));
    const { out } = await run(plan, [{ id: 0 }, { id: -1 }]);
    expect(out.map(([, value]) => (value as { id: number }).id)).toEqual([24, -25]);
  });

  test("may make records of one type in different ways", async () => {
    const plan = orders(`- flatMap:
    - { when: value.id > 0, value: { sku: "'made'", quantity: value.id, tags: "value.lines[0].tags" } }
    - { for: { line: value.lines }, value: line }
- map: { value: { text: "value.sku + ':' + string(value.quantity)" } }`);
    const { out } = await run(plan, [{ id: 3, lines: [line("a", 2, ["t"])] }]);
    expect(out.map(([, value]) => value)).toEqual([{ text: "made:3" }, { text: "a:2" }]);
  });
});

describe("set and drop", () => {
  test("keep the other fields, in their places", async () => {
    const plan = orders(`- filter: value.note != null
- map: { set: { id: value.id * 2, total: size(value.lines) }, drop: [lines] }
- map: { set: { text: value.note + '!' } }`);
    const { out } = await run(plan, [{ id: 4, note: "n", lines: [line("a")] }, { id: 5 }]);
    expect(out).toEqual([["k", { id: 8, note: "n", total: 1, text: "n!" }]]);
    expect(Object.keys(out[0]![1] as object)).toEqual(["id", "note", "total", "text"]);
  });

  test("of a part of a value that may be null keep it so", async () => {
    const plan = orders("- map: { drop: [lines] }");
    const { out } = await run(plan, [{ id: 1 }, { id: 2, note: "x" }]);
    expect(out.map(([, value]) => value)).toEqual([
      { id: 1, note: null },
      { id: 2, note: "x" },
    ]);
  });
});
