import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type CsvFault,
  formatUserLog,
  generateUserLog,
  parseUserLog,
  readUserLog,
  SAMPLE_ROWS,
  sampleText,
  USER_LOG_COLUMNS,
  type UserLog,
} from "../../data/mod.ts";

async function read(text: string) {
  const faults: CsvFault[] = [];
  const logs: UserLog[] = [];
  for await (const log of readUserLog([text], (fault) => faults.push(fault))) logs.push(log);
  return { logs, faults };
}

const ROW = "328862,323294,833,2882,2661,8,29,0,0,1,内蒙古";
const LOG: UserLog = {
  user_id: 328_862,
  item_id: 323_294,
  cat_id: 833,
  merchant_id: 2882,
  brand_id: 2661,
  month: 8,
  day: 29,
  action: "CLICK",
  age_range: 0,
  gender: "MALE",
  province: "内蒙古",
};

describe("a row of the user log", () => {
  test("is read with or without a header line, and in the header's order", async () => {
    expect(await read(ROW)).toEqual({ logs: [LOG], faults: [] });
    expect(await read(`\uFEFF${USER_LOG_COLUMNS.join(",")}\r\n${ROW}\r\n`)).toEqual({
      logs: [LOG],
      faults: [],
    });
    const names = [...USER_LOG_COLUMNS].reverse().concat(["more"] as never[]);
    const fields = ROW.split(",").reverse().concat("x");
    expect(await read(`${names.join(",").toUpperCase()}\n${fields.join(",")}`)).toEqual({
      logs: [LOG],
      faults: [],
    });
  });

  test("is read under a header that leaves out what need not be known", async () => {
    const { logs, faults } = await read("action,user_id,day,month\n2,7,30,10\n");
    expect(faults).toEqual([]);
    expect(logs).toEqual([
      {
        user_id: 7,
        item_id: 0,
        cat_id: 0,
        merchant_id: 0,
        brand_id: 0,
        month: 10,
        day: 30,
        action: "BUY",
        age_range: 0,
        gender: "UNKNOWN",
        province: "",
      },
    ]);
  });

  test("is none under a header without what must be known, which is said once and for each", async () => {
    const { logs, faults } = await read("user_id,gender\n1,0\n");
    expect(logs).toEqual([]);
    expect(faults).toEqual([
      { line: 1, message: "the header does not name month, day, action" },
      { line: 2, message: expect.stringContaining("month") },
    ]);
  });

  test("with a stray quote takes no other row along", async () => {
    const { logs, faults } = await read(`${ROW.replace("内", '"内')}\n${ROW}\n${ROW}\n`);
    expect(logs).toEqual([LOG, LOG]);
    expect(faults).toEqual([{ line: 1, message: "a quoted field has no end" }]);
  });

  test("may leave out what is not known", async () => {
    const { logs, faults } = await read(
      "1,,NULL,null,,11,11,2,NULL,,NULL\n1,1,1,1,1,11,11,2,,null,",
    );
    expect(faults).toEqual([]);
    expect(logs).toMatchObject([
      {
        item_id: 0,
        cat_id: 0,
        merchant_id: 0,
        brand_id: 0,
        age_range: 0,
        gender: "UNKNOWN",
        province: "",
        action: "BUY",
      },
      { age_range: 0, gender: "UNKNOWN", province: "" },
    ]);
  });

  test.each([
    ["no shopper", ROW.replace("328862", ""), "user_id"],
    ["a word for a number", ROW.replace("323294", "x"), "item_id"],
    ["a fraction", ROW.replace("833", "8.5"), "cat_id"],
    ["a number in another writing", ROW.replace("833", "1e3"), "cat_id"],
    ["a negative id", ROW.replace("2882", "-1"), "merchant_id"],
    ["an unsafe id", ROW.replace("328862", "9007199254740993"), "user_id"],
    ["month 13", ROW.replace(",8,29", ",13,29"), "month"],
    ["day 0", ROW.replace(",8,29", ",8,0"), "day"],
    ["action 4", ROW.replace("29,0,0,1", "29,4,0,1"), "action"],
    ["no action", ROW.replace("29,0,0,1", "29,,0,1"), "action"],
    ["age 9", ROW.replace("29,0,0,1", "29,0,9,1"), "age_range"],
    ["gender 3", ROW.replace("29,0,0,1", "29,0,0,3"), "gender"],
    ["too few fields", "1,2,3", "3 fields instead of 11"],
    ["too many fields", `${ROW},x`, "12 fields instead of 11"],
  ])("with %s is reported with its line", async (_, row, message) => {
    const { logs, faults } = await read(`${ROW}\n${row}\n${ROW}\n`);
    expect(logs).toEqual([LOG, LOG]);
    expect(faults).toEqual([{ line: 2, message: expect.stringContaining(message) }]);
  });

  test("comes back from its own text", () => {
    const rows = generateUserLog(7);
    for (let n = 0; n < 500; n++) {
      const log = rows.next().value;
      expect(parseUserLog(formatUserLog(log).split(","))).toEqual(log);
    }
  });
});

describe("the generator", () => {
  const take = (seed: number, rows: number) => {
    const all = generateUserLog(seed);
    return Array.from({ length: rows }, () => formatUserLog(all.next().value));
  };

  test("makes the same rows from the same seed and others from another", () => {
    expect(take(5, 200)).toEqual(take(5, 200));
    expect(take(5, 200)).not.toEqual(take(6, 200));
  });

  test("makes the shipped sample byte for byte", () => {
    const file = readFileSync(new URL("../../data/user_log_sample.csv", import.meta.url), "utf8");
    expect(file === sampleText()).toBe(true);
  });

  test("the sample's totals are what other tests and the documentation count on", async () => {
    const { logs, faults } = await read(sampleText());
    expect(faults).toEqual([]);
    expect(logs).toHaveLength(SAMPLE_ROWS);
    const counts = (of: (log: UserLog) => string) => {
      const all: Record<string, number> = {};
      for (const log of logs) all[of(log)] = (all[of(log)] ?? 0) + 1;
      return all;
    };
    expect(counts(({ gender }) => gender)).toEqual({ FEMALE: 5230, MALE: 3980, UNKNOWN: 790 });
    expect(counts(({ action }) => action)).toEqual({
      CLICK: 8210,
      CART: 318,
      BUY: 1074,
      FOLLOW: 398,
    });
  });
});
