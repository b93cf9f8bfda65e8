import { describe, expect, test } from "vitest";
import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const at = (instant: string) => ({ atMs: Date.parse(instant), key: "k", value: {} });

function days(fields: Readonly<Record<string, string>> = {}) {
  return define({
    source: "key: string, partitionedBy: key, idle: never",
    ...("late" in fields && { streams: "tardy: {}" }),
    stages: reduce({
      window: "{ calendar: day, zone: Europe/Berlin, grace: 1h }",
      ...fields,
    }),
  });
}

async function written(driver: TestDriver): Promise<string[]> {
  return (await driver.written("out")).map(({ window, value, timestampMs }) => {
    expect(timestampMs).toBe(window![1] - 1);
    const text = window!.map((ms) => new Date(ms).toISOString().slice(0, 16)).join(" ");
    return `${text} ${JSON.stringify(value)}`;
  });
}

describe("windows of a calendar", () => {
  test("are as long as the days are", async () => {
    await drive({ plan: days() }, async (driver) => {
      await driver.send("s", [
        at("2024-10-26T12:00Z"),
        at("2024-10-26T22:00Z"),
        at("2024-10-27T22:59Z"),
        at("2024-10-27T23:00Z"),
      ]);
      await driver.send("s", [at("2024-11-05T00:00Z")]);
      expect(await written(driver)).toEqual([
        '2024-10-25T22:00 2024-10-26T22:00 {"n":1}',
        '2024-10-26T22:00 2024-10-27T23:00 {"n":2}',
        '2024-10-27T23:00 2024-10-28T23:00 {"n":1}',
      ]);
    });
  });

  test("close an hour of grace behind their end, and what comes then is late", async () => {
    await drive({ plan: days({ late: "tardy" }) }, async (driver) => {
      await driver.send("s", [at("2024-10-27T12:00Z"), at("2024-10-27T23:59:59.999Z")]);
      await driver.send("s", [at("2024-10-27T12:00Z")]);
      expect(await written(driver)).toEqual([]);
      await driver.send("s", [at("2024-10-28T00:00Z"), at("2024-10-27T12:00Z")]);
      expect(await written(driver)).toEqual(['2024-10-26T22:00 2024-10-27T23:00 {"n":2}']);
      const [late] = await driver.written("tardy");
      expect(late!.headers).toMatchObject({
        "millrace.late.first": String(Date.parse("2024-10-26T22:00Z")),
        "millrace.late.windows": "1",
        "millrace.late.by": "0",
      });
    });
  });

  test("can be read by their ends behind the sink, and reduced again", async () => {
    const total = reduce(
      { key: "\"'all'\"", window: "same", value: "{ n: sum(value.n) }" },
      "total",
    );
    const plan = define({
      source: "key: string, partitionedBy: key, idle: never",
      stages: `${reduce({ window: "{ calendar: month, zone: UTC, grace: 0s }" })}
- filter: window.end - window.start == 29 * 86400000
${total}`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        at("2024-01-31T23:00Z"),
        at("2024-02-01T00:00Z"),
        at("2024-02-29T00:00Z"),
        at("2024-04-01T00:00Z"),
      ]);
      await driver.send("s", [at("2024-07-01T00:00Z")]);
      expect(await written(driver)).toEqual(['2024-02-01T00:00 2024-03-01T00:00 {"n":2}']);
    });
  });
});
