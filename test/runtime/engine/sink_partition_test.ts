import { describe, expect, test } from "vitest";
import { define, drive } from "./_driver.ts";

const plan = (partition: string) =>
  define({
    source: "key: string",
    streams: "to: { create: { partitions: 3 } }",
    stages: "- filter: value.n > 1000",
    pipelines: `q:\n  - source: s\n  - sink: { stream: to, partition: ${partition} }`,
  });

const sent = (n: number) => ({ atMs: 0, key: `k${n}`, value: { n } });

describe("the partition of a sink", () => {
  test("is what its expression says", async () => {
    await drive({ plan: plan("value.n % 3") }, async (driver) => {
      await driver.send("s", [0, 1, 2, 3, 4].map(sent));
      const written = await driver.written("to");
      const places = written.map(({ value, partition }) => [(value as { n: number }).n, partition]);
      expect(places.sort()).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 0],
        [4, 1],
      ]);
    });
  });

  test("makes a bad record of one that no partition takes", async () => {
    await drive({ plan: plan("value.n") }, async (driver) => {
      await driver.send("s", [3, -1, 2, 2 ** 40].map(sent));
      expect(await driver.written("to")).toHaveLength(1);
      const letters = await driver.written("dead_letters");
      expect(letters.map(({ headers }) => headers["millrace.code"])).toEqual([
        "PARTITION_OUT_OF_RANGE",
        "PARTITION_OUT_OF_RANGE",
        "PARTITION_OUT_OF_RANGE",
      ]);
      expect(letters[1]?.headers["__streams.errors.message"]).toBe(
        "Cannot write to partition -1: there are 0 to 2",
      );
      expect(driver.ledger()["q.1"]).toMatchObject({ in: 4, dead: 3, passed: 1 });
    });
  });
});
