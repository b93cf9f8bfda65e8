import { describe, expect, test } from "vitest";
import { MemoryLog, type MemoryLogOptions } from "../../../runtime/testing/mod.ts";
import { define, drive } from "./_driver.ts";

/** Concatenates notes; a note `-` deletes the key. */
const REDUCER =
  '{ lift: "value.note == null || value.note == \'-\' ? null : value.note", combine: "b == null ? null : a + b", ordered: true }';

const plan = (emit: string, rest = "", stage = "reduce") =>
  define({
    source: "key: string, partitionedBy: key, idle: never",
    stages: `- id: notes\n  ${stage}: { ${rest}value: { text: ${REDUCER}, n: count() }, emit: ${emit} }`,
  });

const at = (atMs: number, note: string, key = "k") => ({ atMs, key, value: { note } });

const values = (written: readonly { readonly value: unknown; readonly timestampMs: number }[]) =>
  written.map(({ value, timestampMs }) => [value === null ? null : { ...value }, timestampMs]);

describe("a reducer that becomes null", () => {
  test("deletes its key, and says so with a tombstone", async () => {
    await drive({ plan: plan("updates") }, async (driver) => {
      await driver.send("s", [at(5, "a"), at(3, "b"), at(4, "-"), at(1, "c"), at(2, "d")]);
      expect(values(await driver.written("out"))).toEqual([
        [{ text: "a", n: 1 }, 5],
        [{ text: "ab", n: 2 }, 5],
        [null, 5],
        [{ text: "c", n: 1 }, 1],
        [{ text: "cd", n: 2 }, 2],
      ]);
      expect(driver.ledger()["notes"]).toMatchObject({ accepted: 5, deletedRecords: 3 });
    });
  });

  test("is not found again after a crash", async () => {
    await drive({ plan: plan("updates"), commitIntervalMs: 1e9 }, async (driver) => {
      await driver.send("s", [at(0, "a")]);
      await driver.engine.commit();
      await driver.send("s", [at(1, "-")]);
      for (let n = 0; n < 3; n++) {
        await driver.engine.commit();
        await driver.restart("crash");
      }
      await driver.send("s", [at(2, "b")]);
      expect((await driver.written("out")).at(-1)?.value).toEqual({ text: "b", n: 1 });
    });
  });

  test("gives one tombstone per interval of the wall clock", async () => {
    await drive({ plan: plan("{ every: 10s }") }, async (driver) => {
      await driver.send("s", [at(0, "x", "other")]);
      await driver.send("s", [at(0, "a"), at(1, "b"), at(2, "-")]);
      await driver.wait(30_000);
      const written = (await driver.written("out")).filter(({ key }) => key === "k");
      expect(values(written)).toEqual([[null, 2]]);
    });
  });

  test("asks for no commits while its tombstone waits for the interval", async () => {
    const options = {
      plan: plan("{ every: 10s }"),
      createLog: (of: MemoryLogOptions) => new MemoryLog({ ...of, atomicCommits: true }),
    };
    await drive(options, async (driver) => {
      await driver.send("s", [at(0, "a", "other")]);
      await driver.send("s", [at(0, "a"), at(1, "-")]);
      const changelog = () =>
        driver.cluster.partition({ topic: "t-notes-changelog", partition: 0 });
      const before = changelog().endOffset;
      await driver.wait(5_000);
      expect(changelog().endOffset).toBe(before);
      await driver.wait(30_000);
      expect(values(await driver.written("out"))).toContainEqual([null, 1]);
    });
  });

  test("leaves nothing of its window to give when that closes", async () => {
    const stages = plan("final", "window: { tumbling: 10ms, grace: 0s }, ", "windowedReduce");
    await drive({ plan: stages }, async (driver) => {
      await driver.send("s", [at(0, "a"), at(1, "-"), at(2, "x", "other"), at(3, "-", "gone")]);
      await driver.send("s", [at(20, "z")]);
      const written = await driver.written("out");
      expect(written.map(({ key, value }) => [key, value])).toEqual([
        ["other", { text: "x", n: 1 }],
      ]);
      expect(driver.ledger()["notes"]).toMatchObject({
        accepted: 5,
        deletedRecords: 3,
        resultRecords: 1,
      });
    });
  });

  test("goes on through stages that have to reckon with it", async () => {
    const behind = define({
      source: "key: string, partitionedBy: key, idle: never",
      stages: `- id: notes\n  reduce: { value: { text: ${REDUCER} }, emit: updates }\n- filter: value != null\n- map: { value: value.text + '!' }`,
    });
    await drive({ plan: behind }, async (driver) => {
      await driver.send("s", [at(0, "a"), at(0, "-"), at(0, "b")]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual(["a!", "b!"]);
    });
  });
});

describe("an ordered reducer of the module", () => {
  const functions = {
    notes: {
      ordered: true,
      lift: ({ value }: { value: { note: string | null } }) =>
        value.note === "-" ? null : value.note,
      combine: (a: string, b: string | null) => (b === null ? null : a + b),
    },
  };
  const exported = {
    type: "object",
    parameters: 0,
    functions: ["lift", "combine"],
    ordered: true,
  };
  const called = define({
    head: "functions: ./f.ts\n",
    exports: new Map([["notes", exported]]),
    source: "key: string, partitionedBy: key, idle: never",
    stages:
      "- id: notes\n  reduce: { value: { text: { fn: notes, returns: string } }, emit: updates }",
  });

  test("deletes its key in the same way", async () => {
    await drive({ plan: called, functions }, async (driver) => {
      await driver.send("s", [at(0, "a"), at(0, "b"), at(0, "-"), at(0, "c")]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        { text: "a" },
        { text: "ab" },
        null,
        { text: "c" },
      ]);
    });
  });
});
