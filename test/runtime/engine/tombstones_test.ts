import { describe, expect, test } from "vitest";
import { define, drive } from "./_driver.ts";

const sent = (who: string, n: number) => ({ atMs: 0, key: null, value: { who, n } });

describe("a tombstone", () => {
  test("is a null value under its key, beside values of another emit", async () => {
    const plan = define({
      stages:
        "- flatMap:\n    - { when: value.n < 0, key: value.who, tombstone: true }\n    - { when: value.n >= 0, key: value.who, value: { n: value.n } }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [sent("A", 3), sent("A", -1), sent("B", 0)]);
      const written = await driver.written("out");
      expect(written.map(({ key, value }) => [key, value])).toEqual([
        ["A", { n: 3 }],
        ["A", null],
        ["B", { n: 0 }],
      ]);
      expect(driver.ledger()["p.1"]).toMatchObject({ in: 3, passed: 3, emitted: 3 });
    });
  });

  test("passes stages that do not look at its value, and is known by those that do", async () => {
    const plan = define({
      streams: "rest: {}",
      stages:
        "- flatMap:\n    - { when: value.n < 0, key: value.who, tombstone: true }\n    - { when: value.n >= 0, key: value.who, value: { n: value.n } }\n- filter: key != 'B'",
      pipelines:
        "q:\n  - source: p\n  - filter: value != null\n  - map: { value: { twice: value.n * 2 } }\n  - sink: rest",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [sent("A", -1), sent("B", -1), sent("C", 4)]);
      const of = async (stream: string) =>
        (await driver.written(stream)).map(({ key, value }) => [key, value]);
      expect(await of("out")).toEqual([
        ["A", null],
        ["C", { n: 4 }],
      ]);
      expect(await of("rest")).toEqual([["C", { twice: 8 }]]);
    });
  });

  test("comes through a merge as what it is", async () => {
    const stage =
      "flatMap: [{ when: value.n < 0, key: value.who, tombstone: true }, { when: value.n > 0, key: value.who, value: { n: value.n } }]";
    const plan = define({
      streams: "merged: {}",
      stages: `- ${stage}`,
      pipelines: `q:\n  - source: s\n  - filter: value.who == 'B'\n  - ${stage}\nboth:\n  - source: [p, q]\n  - sink: merged`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [sent("A", -1), sent("B", -1), sent("B", 2)]);
      const written = await driver.written("merged");
      expect(written.map(({ key, value }) => [key, value])).toEqual([
        ["A", null],
        ["B", null],
        ["B", null],
        ["B", { n: 2 }],
        ["B", { n: 2 }],
      ]);
    });
  });

  test("alone needs a stream that says what its values are, or a writer that does", async () => {
    const only = (streams: string) =>
      define({
        streams,
        stages: "- filter: value.n > 0",
        pipelines:
          "q:\n  - source: s\n  - map: { key: value.who, tombstone: true }\n  - sink: deleted",
      });
    expect(() => only("deleted: {}")).toThrow(/what its values are must be said/);
    await drive({ plan: only("deleted: { value: long }") }, async (driver) => {
      await driver.send("s", [sent("A", 1)]);
      const [written] = await driver.written("deleted");
      expect([written?.key, written?.value]).toEqual(["A", null]);
    });
  });
});
