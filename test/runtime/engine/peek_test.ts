import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../../runtime/engine/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

type Peeked = Extract<EngineEvent, { readonly kind: "peeked" }>;

const sent = (n: number, atMs = 0) => ({ atMs, key: "k", value: { who: "A", n } });

/** Collects what is peeked at. */
function peeking(): { readonly seen: Peeked[]; readonly onEvent: (event: EngineEvent) => void } {
  const seen: Peeked[] = [];
  return {
    seen,
    onEvent: (event) => {
      if (event.kind === "peeked") seen.push(event);
    },
  };
}

describe("a peek", () => {
  test("shows one record in so long, and passes every one on", async () => {
    const { seen, onEvent } = peeking();
    const plan = define({
      source: "key: string",
      stages: "- id: look\n  peek: { value: value.n * 2, every: 2s }",
    });
    await drive({ plan, onEvent }, async (driver) => {
      await driver.send("s", [sent(1), sent(2)]);
      await driver.wait(1500);
      await driver.send("s", [sent(3)]);
      await driver.wait(600);
      await driver.send("s", [sent(4), sent(5)]);
      expect(await driver.written("out")).toHaveLength(5);
      expect(seen).toEqual([
        {
          kind: "peeked",
          stage: "look",
          topic: "s",
          partition: 0,
          offset: 0,
          timestampMs: 0,
          shown: 2,
        },
        {
          kind: "peeked",
          stage: "look",
          topic: "s",
          partition: 0,
          offset: 3,
          timestampMs: 0,
          shown: 8,
        },
      ]);
      expect(driver.ledger()["look"]).toMatchObject({ in: 5, passed: 5 });
    });
  });

  test("shows key, value and window where nothing is said", async () => {
    const { seen, onEvent } = peeking();
    const plan = define({
      source: "key: string, idle: never",
      stages: `- peek: {}\n- map: { key: value.who, value: { n: value.n } }\n- peek: {}\n${reduce()}\n- peek: {}`,
    });
    await drive({ plan, onEvent }, async (driver) => {
      await driver.send("s", [sent(7, 500), sent(8, 1000)]);
      expect(seen.map(({ stage, offset }) => [stage, offset])).toEqual([
        ["p.1", 0],
        ["p.3", 0],
        ["p.5", -1],
      ]);
      expect(seen.map((event) => "shown" in event && event.shown)).toMatchObject([
        { key: expect.anything(), value: { who: "A", n: 7, note: null } },
        { key: "A", value: { n: 7 } },
        { key: "A", window: [0, 1000], value: { n: 1 } },
      ]);
    });
  });

  test("that fails says so and loses nothing", async () => {
    const { seen, onEvent } = peeking();
    const plan = define({ source: "key: string", stages: "- peek: { value: 1 / value.n }" });
    await drive({ plan, onEvent }, async (driver) => {
      await driver.send("s", [sent(0)]);
      expect(await driver.written("out")).toHaveLength(1);
      expect(await driver.written("dead_letters")).toEqual([]);
      expect(seen).toMatchObject([{ stage: "p.1", error: { code: "DIVISION_BY_ZERO" } }]);
    });
  });
});
