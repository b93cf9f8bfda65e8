import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli } from "./_cli.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "millrace-functions-"));
const FILE = join(FOLDER, "shop.yaml");
const MODULE = join(FOLDER, "shop.functions.ts");

const DEFINITION = `topology: shop
functions: ./shop.functions.ts
streams:
  orders: { key: string, value: { json: order.avsc } }
  lines: {}
pipelines:
  priced:
    - source: orders
    - map: { fn: priced }
    - flatMap: { fn: words, returns: string }
    - sink: lines
tests:
  - name: words of an order
    steps:
      - send: orders
        records: [{ key: a, value: { who: Ada, cents: 3 } }]
      - expect: { lines: [{ key: a, value: Ada }, { key: a, value: '4' }] }
`;

const SCHEMA = {
  type: "record",
  name: "Order",
  fields: [
    { name: "who", type: "string" },
    { name: "cents", type: "long" },
    { name: "note", type: ["null", "string"], default: null },
  ],
};

const GOOD = `import type { Functions } from "./shop.yaml.types";

export const priced: Functions["priced"] = ({ value }) => ({ ...value, cents: value.cents + 1 });

export function* words({ value }: Parameters<Functions["words"]>[0]) {
  yield value.who;
  yield String(value.cents);
}
`;

beforeAll(() => {
  writeFileSync(FILE, DEFINITION);
  writeFileSync(join(FOLDER, "order.avsc"), JSON.stringify(SCHEMA));
});

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

const check = async (text: string) => {
  writeFileSync(MODULE, text);
  return await cli("check", FILE);
};

describe("functions of a definition", { timeout: 60_000 }, () => {
  test("have their types written, fit them, and run", async () => {
    writeFileSync(MODULE, GOOD);
    const types = await cli("types", FILE);
    expect(types).toMatchObject({ code: 0, stdout: `${FILE}.types.d.ts: priced, words\n` });
    expect(readFileSync(`${FILE}.types.d.ts`, "utf8")).toContain(
      "priced: (record: MillraceRecord<string, { readonly who: string; readonly cents: number; readonly note: string | null }>) => { readonly who: string; readonly cents: number; readonly note: string | null };",
    );
    expect(await check(GOOD)).toMatchObject({ code: 0, stderr: "" });
    expect(await cli("test", FILE)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("1 passed, 0 failed"),
    });
  });

  test.each([
    [
      "is not exported",
      GOOD.replace("words(", "wordz("),
      "UNKNOWN_FUNCTION",
      'the module exports no "words"; did you mean "wordz"?',
    ],
    [
      "is async",
      GOOD.replace("export function* words", "export async function words").replaceAll("yield", ""),
      "BAD_FUNCTION",
      '"words" is async: a function has to answer at once',
    ],
    ["is no function", "export const priced = 7, words = () => [];", "BAD_FUNCTION", "number"],
    [
      "wants more than the record",
      "export const priced = (a, b) => a, words = () => [];",
      "BAD_FUNCTION",
      "takes 2 parameters",
    ],
    ["cannot be loaded", "throw new Error('no database')", "BAD_FUNCTION", "Error: no database"],
    [
      "returns another type",
      GOOD.replace("value.cents + 1", "String(value.cents)"),
      "FUNCTION_TYPE",
      `${MODULE}:3:`,
    ],
    [
      "reads a field that is not there",
      GOOD.replace("yield value.who", "yield value.whom"),
      "FUNCTION_TYPE",
      `${MODULE}:6:15`,
    ],
    [
      "takes a record of another shape, wherever it was typed",
      "export const priced = (r: { value: { n: number } }) => r.value, words = () => ['x'];",
      "FUNCTION_TYPE",
      `${MODULE}:1:14`,
    ],
  ])("are refused: one that %s", async (_name, text, code, said) => {
    const { code: exit, stderr } = await check(text);
    expect(exit).toBe(1);
    expect(stderr).toContain(code);
    expect(stderr).toContain(said);
  });

  test("may be reducers, whose results are checked as well", async () => {
    const file = join(FOLDER, "sums.yaml");
    const module = join(FOLDER, "sums.functions.ts");
    writeFileSync(
      file,
      `topology: sums
functions: ./sums.functions.ts
streams: { orders: { key: string, value: { json: order.avsc } }, sums: {} }
pipelines:
  summed:
    - source: orders
    - reduce: { value: { cents: { fn: cents, returns: long } }, emit: updates }
    - sink: sums
tests:
  - name: two orders
    steps:
      - send: orders
        records: [{ key: a, value: { who: Ada, cents: 3 } }, { key: a, value: { who: Bo, cents: 4 } }]
      - expect: { sums: [{ key: a, value: { cents: 3 } }, { key: a, value: { cents: 7 } }] }
`,
    );
    const good = `import type { Functions } from "./sums.yaml.types";
export const cents: Functions["cents"] = {
  lift: ({ value }) => ({ sum: value.cents }),
  combine: (a, b) => ({ sum: a.sum + b.sum }),
  lower: ({ sum }) => sum,
};
`;
    writeFileSync(module, good);
    expect(await cli("types", file)).toMatchObject({ code: 0 });
    expect(await cli("check", file)).toMatchObject({ code: 0, stderr: "" });
    expect(await cli("test", file)).toMatchObject({ code: 0 });
    writeFileSync(module, good.replace("({ sum }) => sum", "() => 'seven'"));
    const { code, stderr } = await cli("check", file);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${module}:5:`)]);
    expect(stderr).toContain("FUNCTION_TYPE");
  });

  test("whose module is missing are told where it is named", async () => {
    rmSync(MODULE, { force: true });
    const { code, stderr } = await cli("check", FILE);
    expect([code, stderr.split("\n")[0]]).toEqual([
      1,
      `${FILE}:2:12 error MISSING_FILE  there is no file "./shop.functions.ts"`,
    ]);
  });
});
