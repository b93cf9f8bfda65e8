import { describe, expect, test } from "vitest";
import { define, drive, reduce, results } from "./_driver.ts";

const TWO = "second: { value: { avro: s.avsc }, idle: never }\nmerged: {}";

const at = (atMs: number, who: string, n = 0, partition = 0) => ({
  partition,
  atMs,
  value: { who, n },
});

/** Pipeline `both` from two streams; `p` goes from `s` to `out` and is in nobody's way. */
const merging = (stages: string) =>
  define({
    source: "idle: never",
    streams: TWO,
    stages: "- filter: value.n > 100",
    pipelines: `both:\n  - source: [s, second]\n${stages}\n  - sink: merged`,
  });

describe("merged streams", () => {
  test("go through the same stages, each in its own task", async () => {
    const plan = merging("  - map: { key: value.who, value: { n: value.n * 2, of: topic } }");
    expect(plan.subtopologies.map(({ name }) => name)).toEqual(["p", "both"]);
    await drive({ plan, partitions: 2 }, async (driver) => {
      await driver.send("s", [at(0, "A", 1), at(0, "B", 2, 1)]);
      await driver.send("second", [at(0, "C", 3)]);
      expect((await results(driver, "merged")).sort()).toEqual([
        'A {"n":2,"of":"s"}',
        'B {"n":4,"of":"s"}',
        'C {"n":6,"of":"second"}',
      ]);
      expect(driver.ledger()["both.1"]).toMatchObject({ in: 3, passed: 3 });
    });
  });

  test("are reduced together, late each by its own partition's clock", async () => {
    const plan = merging(`  - map: { key: value.who }\n${reduce().replace(/^/gm, "  ")}`);
    await drive({ plan }, async (driver) => {
      await driver.send("s", [at(5000, "A"), at(100, "A")]);
      await driver.send("second", [at(100, "A"), at(200, "B")]);
      expect(await results(driver, "merged")).toEqual([]);
      expect(driver.ledger()["counted"]).toMatchObject({ accepted: 3, lateAtSource: 1 });
      // Nothing closes before both clocks have passed its end.
      await driver.send("second", [at(999, "A"), at(1000, "A")]);
      expect(await results(driver, "merged")).toEqual(['A 0 {"n":2}', 'B 0 {"n":1}']);
      await driver.send("second", [at(6000, "B")]);
      expect(await results(driver, "merged")).toEqual(['A 1000 {"n":1}']);
    });
  });

  test("are counted exactly through crashes of what one of them has repeated", async () => {
    const plan = merging(`  - map: { key: value.who }\n${reduce().replace(/^/gm, "  ")}`);
    await drive({ plan, partitions: 2, commitIntervalMs: 60_000 }, async (driver) => {
      for (const partition of [0, 1]) {
        await driver.send("s", [at(100, "A", 0, partition)]);
        await driver.send("second", [at(200, "A", 0, partition)]);
        await driver.restart("crash");
      }
      for (const stream of ["s", "second"]) {
        await driver.send(stream, [at(1000, "C", 0, 0), at(1000, "C", 0, 1)]);
      }
      expect(new Set(await results(driver, "merged"))).toEqual(new Set(['A 0 {"n":4}']));
    });
  });

  test("of pipelines that read one stream give a record twice that both let pass", async () => {
    const plan = define({
      source: "idle: never",
      streams: "merged: {}",
      stages: "- filter: value.n > 0",
      pipelines: [
        "q:\n  - source: s\n  - filter: value.who == 'A'",
        "twice:\n  - source: [p, q]\n  - map: { key: value.who }",
        `${reduce().replace(/^/gm, "  ")}\n  - sink: merged`,
      ].join("\n"),
    });
    await drive({ plan, partitions: 2, commitIntervalMs: 60_000 }, async (driver) => {
      await driver.send("s", [at(0, "A", 1), at(0, "A", 0), at(0, "B", 1), at(0, "B", 0)]);
      await driver.restart("crash");
      await driver.send("s", [at(1000, "C", 0, 0), at(1000, "C", 0, 1)]);
      expect((await results(driver, "merged")).sort()).toEqual(['A 0 {"n":3}', 'B 0 {"n":1}']);
    });
  });

  test("keep only what all of them have proven", () => {
    const proven = (other: string) => () =>
      define({
        stages: "- filter: value.note != null",
        streams: "merged: {}",
        pipelines: [
          `q:\n  - source: s\n  - filter: ${other}`,
          "both:\n  - source: [p, q]\n  - map: { value: { size: value.note.size() } }\n  - sink: merged",
        ].join("\n"),
      });
    expect(proven("value.note != null && value.n > 0")).not.toThrow();
    expect(proven("value.n > 0")).toThrow(/NULLABLE/);
  });
});
