import { describe, expect, test } from "vitest";
import { createRecordEncoder } from "../../../runtime/serde/mod.ts";
import { appendRecord, type TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive, results } from "./_driver.ts";

const WHO = '{"type":"record","name":"Who","fields":[{"name":"id","type":"long"}]}';

/** A plan of a pipeline from `s`, whose keys are windowed, to `out`. */
function plan(key: string, stages: string, out = "{}", source = "", head = ""): Plan {
  const text = `topology: t
${head}streams:
  s: { key: ${key}, value: long${source} }
  out: ${out}
  late: {}
pipelines:
  p:
    - source: s
${stages}    - sink: out
`;
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files: { read: () => WHO } });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

const STRINGS = "{ window: string, size: 1s }";

/** A record with this key on `s`, past every encoder. */
async function append(driver: TestDriver, key: Uint8Array | null, atMs = 1): Promise<void> {
  const builder = new BatchBuilder();
  const value = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1);
  appendRecord(builder, atMs, key, value, {});
  await driver.append("s", 0, builder.finish());
  await driver.settle();
}

async function letters(driver: TestDriver): Promise<string[]> {
  const written = await driver.written("dead_letters");
  return written.map(({ headers }) =>
    ["millrace.code", "millrace.stage", "__streams.errors.message"]
      .map((name) => headers[name])
      .join(" | "),
  );
}

describe("a source with windowed keys", () => {
  test.each([
    ["string", "binary", "a", "b"],
    ["string", "record", "a", "b"],
    ["long", "binary", -7, 8],
    ["long", "record", -7, 8],
    ["boolean", "record", false, true],
    ["json", "binary", "a", "b"],
    ["{ avro: who.avsc }", "binary", { id: 1 }, { id: 2 }],
    ["{ avro: who.avsc }", "record", { id: 1 }, { id: 2 }],
  ])("of %s as %s goes to a sink with its window, under its base key", async (type, as, a, b) => {
    for (const out of ["binary", "record"]) {
      if (type === "json" && out === "record") continue;
      const made = plan(
        `{ window: ${type}, as: ${as}, size: 1s }`,
        "",
        `{ key: { window: ${type}, as: ${out} } }`,
      );
      await drive({ plan: made, partitions: 3 }, async (driver) => {
        await driver.send("s", [
          { key: a, window: [1000, 2000], value: 1 },
          { key: b, window: [5500, 6500], value: 2 },
        ]);
        const written = await driver.written("out");
        expect(written.map(({ key, window, value }) => [key, window, value])).toEqual(
          expect.arrayContaining([
            [a, [1000, 2000], 1],
            [b, [5500, 6500], 2],
          ]),
        );
        expect(written).toHaveLength(2);
      });
    }
  });

  test("gives expressions the base key and the window, in every stage before a reduce", async () => {
    const stages = `    - filter: window.start < 3000 && key != 'c'
    - map: { key: key + '!', value: { from: window.start, to: window.end, n: value } }
    - peek: {}
`;
    await drive({ plan: plan(STRINGS, stages) }, async (driver) => {
      await driver.send("s", [
        { key: "a", window: [1000, 2000], value: 1 },
        { key: "c", window: [1000, 2000], value: 1 },
        { key: "a", window: [3000, 4000], value: 1 },
      ]);
      expect(await results(driver)).toEqual(['a! 1000 {"from":1000,"to":2000,"n":1}']);
    });
  });

  test("loses its window at a sink with a plain key", async () => {
    const made = plan(STRINGS, "", "{ key: string }");
    await drive({ plan: made }, async (driver) => {
      await driver.send("s", [{ key: "a", window: [1000, 2000], value: 1 }]);
      expect(await results(driver)).toEqual(["a 1"]);
    });
  });

  test("hands its key and window to functions", async () => {
    const stages = `    - map: { fn: shown, returns: string }
`;
    const made = plan(STRINGS, stages, "{}", "", "functions: ./f.ts\n");
    const shown = ({ key, window }: { key: string; window: { start: number; end: number } }) =>
      `${key} ${window.start} ${window.end}`;
    await drive({ plan: made, functions: { shown } }, async (driver) => {
      await driver.send("s", [{ key: "a", window: [1000, 2000], value: 1 }]);
      expect(await results(driver)).toEqual(['a 1000 "a 1000 2000"']);
    });
  });

  test("can have its event time in the window", async () => {
    const stages = "    - map: { value: { t: eventTime } }\n";
    const made = plan(STRINGS, stages, "{}", ", eventTime: window.end - 1");
    await drive({ plan: made }, async (driver) => {
      await driver.send("s", [{ key: "a", window: [1000, 2000], value: 1, atMs: 5000 }]);
      expect(await results(driver)).toEqual(['a 1000 {"t":1999}']);
    });
  });

  test.each(["binary", "record"])(
    "is reduced by its base key (%s), whose windows the aggregators see behind the repartition",
    async (as) => {
      const stages = `    - id: total
      reduce: { value: { n: sum(value), latest: max(window.end) }, emit: updates }
`;
      const made = plan(`{ window: string, as: ${as}, size: 1s }`, stages);
      await drive({ plan: made, partitions: 3 }, async (driver) => {
        // Whoever wrote these hashed the whole key: windows of one key are in several partitions.
        await driver.send("s", [
          { key: "a", window: [1000, 2000], value: 1, partition: 0 },
          { key: "b", window: [1000, 2000], value: 10, partition: 0 },
        ]);
        await driver.send("s", [{ key: "a", window: [2000, 3000], value: 2, partition: 1 }]);
        await driver.send("s", [{ key: "a", window: [500, 1500], value: 4, partition: 2 }]);
        expect((await results(driver)).sort()).toEqual([
          'a {"n":1,"latest":2000}',
          'a {"n":3,"latest":3000}',
          'a {"n":7,"latest":3000}',
          'b {"n":10,"latest":2000}',
        ]);
      });
    },
  );

  test("is counted once behind a repartition, however often the writer is killed", async () => {
    const stages = `    - id: total
      reduce: { value: { n: sum(value), latest: max(window.end) }, emit: updates }
`;
    const options = { plan: plan(STRINGS, stages), partitions: 3, commitIntervalMs: 500 };
    await drive(options, async (driver) => {
      for (let n = 0; n < 20; n++) {
        const start = n * 1000;
        await driver.send("s", [
          { key: "a", window: [start, start + 1000], value: 1, partition: n % 3 },
          { key: "b", window: [start, start + 1000], value: 100, partition: n % 2 },
        ]);
        await driver.wait(100);
        if (n % 4 === 2) await driver.restart("crash");
      }
      const last = new Map((await driver.written("out")).map(({ key, value }) => [key, value]));
      expect(last).toEqual(
        new Map([
          ["a", { n: 20, latest: 20_000 }],
          ["b", { n: 2000, latest: 20_000 }],
        ]),
      );
    });
  });

  test("partitioned by key is reduced where it is read, and late records keep their base key", async () => {
    const stages = `    - id: hourly
      windowedReduce:
        window: { tumbling: 10s, grace: 0s }
        value: { n: sum(value), first: min(window.start) }
        emit: final
        late: late
`;
    const made = plan(STRINGS, stages, "{}", ", partitionedBy: key");
    expect(made.subtopologies).toHaveLength(1);
    await drive({ plan: made, partitions: 2 }, async (driver) => {
      await driver.send("s", [
        { key: "a", window: [1000, 2000], value: 1, atMs: 1999 },
        { key: "a", window: [2000, 3000], value: 2, atMs: 2999 },
        { key: "a", window: [30_000, 31_000], value: 4, atMs: 30_999 },
        { key: "a", window: [3000, 4000], value: 8, atMs: 3999 },
      ]);
      await driver.wait(10_000);
      expect((await results(driver))[0]).toBe('a 0 {"n":3,"first":1000}');
      expect(await results(driver, "late")).toEqual(["a 8"]);
    });
  });

  test.each([
    ["is too short", [1, 2, 3], "it has 3 bytes, and its window alone has 8"],
    ["begins before 1970", [97, 255, 255, 255, 255, 255, 255, 255, 251], "begins 5 ms before 1970"],
    ["is null", null, "it is null, which has no window"],
  ])("whose key %s makes a dead letter, and the next record goes on", async (_, key, why) => {
    await drive({ plan: plan(STRINGS, "") }, async (driver) => {
      await append(driver, key === null ? null : Uint8Array.from(key));
      await driver.send("s", [{ key: "a", window: [0, 1000], value: 1 }]);
      expect(await results(driver)).toEqual(["a 0 1"]);
      const [letter, ...others] = await letters(driver);
      expect(letter).toContain(`UNDECODABLE | s | `);
      expect(letter).toContain(why);
      expect(others).toEqual([]);
      expect(driver.ledger()).toMatchObject({ p: { read: 2, dead: 1, passed: 1 } });
    });
  });

  test.each([
    [[97, 0x7f, 255, 255, 255, 255, 255, 255, 255], "LONG_UNSAFE"],
    [[97, 0, 0x1f, 255, 255, 255, 255, 255, 255], "LONG_UNSAFE"],
  ])("whose window is out of reach makes a dead letter: %j", async (key, code) => {
    await drive({ plan: plan(STRINGS, "") }, async (driver) => {
      await append(driver, Uint8Array.from(key));
      expect(await letters(driver)).toEqual([expect.stringContaining(code)]);
    });
  });

  test("that is a record of another size, or before 1970, makes a dead letter", async () => {
    const made = plan("{ window: string, as: record, size: 1s }", "");
    await drive({ plan: made }, async (driver) => {
      const { key: declared } = made.streams["s"]!;
      const [format, window] = [declared.format, declared.window!];
      for (const [sizeMs, start] of [
        [2000, 1000],
        [1000, -5],
      ] as const) {
        const extent = { kind: "fixed", sizeMs } as const;
        const stream = { ...made.streams["s"]!, key: { format, window: { ...window, extent } } };
        const encoder = createRecordEncoder(stream, driver.schemas);
        const { key } = await encoder.encode({ key: "a", window: [start, start + sizeMs] });
        await append(driver, key);
      }
      expect(await letters(driver)).toEqual([
        expect.stringContaining("its window is of 2000 ms, which none of the stream's is"),
        expect.stringContaining("its window begins 5 ms before 1970"),
      ]);
    });
  });

  test("that is a record is read whatever the record is called where it was written", async () => {
    const made = plan("{ window: string, as: record, size: 1s }", "");
    await drive({ plan: made }, async (driver) => {
      const stream = made.streams["s"]!;
      const window = stream.key.window!;
      if (window.as !== "record" || window.schema.kind !== "record") throw new Error("no record");
      const schema = { ...window.schema, name: "elsewhere.Windowed" };
      const other = { ...stream, key: { ...stream.key, window: { ...window, schema } } };
      const encoder = createRecordEncoder(other, driver.schemas);
      const { key } = await encoder.encode({ key: "a", window: [1000, 2000] });
      await append(driver, key);
      expect(await results(driver)).toEqual(["a 1000 1"]);
      expect((await driver.written("s")).map(({ window }) => window)).toEqual([[1000, 2000]]);
    });
  });
});

describe("a windowed key that one pipeline writes", () => {
  const text = (as: string, second: string) => `topology: t
streams:
  s: { key: string, value: long }
  per_second: { key: { window: string, as: ${as} } }
  out: {}
pipelines:
  writes:
    - source: s
    - windowedReduce:
        window: { tumbling: 1s, grace: 0s }
        value: { n: sum(value) }
        emit: final
    - sink: per_second
  reads:
    - source: per_second
${second}    - sink: out
`;
  function both(as: string, second: string): Plan {
    const { plan, diagnostics } = planTopology({
      file: "t.yaml",
      text: text(as, second),
      files: { read: () => undefined },
    });
    if (plan === undefined) throw new Error(JSON.stringify(diagnostics));
    return plan;
  }
  const records = [
    { key: "a", value: 1, atMs: 1000 },
    { key: "a", value: 2, atMs: 1500 },
    { key: "b", value: 4, atMs: 1500 },
    { key: "a", value: 8, atMs: 2500 },
    { key: "a", value: 0, atMs: 4000 },
  ];

  test.each(["binary", "record"])("is read by another (%s), with its size", async (as) => {
    const map = "    - map: { value: { n: value.n, to: window.end } }\n";
    await drive({ plan: both(as, map) }, async (driver) => {
      await driver.send("s", records);
      await driver.wait(1000);
      expect(await results(driver)).toEqual([
        'a 1000 {"n":3,"to":2000}',
        'b 1000 {"n":4,"to":2000}',
        'a 2000 {"n":8,"to":3000}',
      ]);
    });
  });

  test("is reduced by its base key in windows of their own", async () => {
    const stages = `    - id: longer
      windowedReduce:
        window: { tumbling: 2s, grace: 0s }
        value: { n: sum(value.n), windows: count() }
        emit: final
`;
    await drive({ plan: both("binary", stages), partitions: 2 }, async (driver) => {
      await driver.send("s", records);
      await driver.wait(30_000);
      expect((await results(driver)).sort()).toEqual([
        'a 0 {"n":3,"windows":1}',
        'a 2000 {"n":8,"windows":1}',
        'a 4000 {"n":0,"windows":1}',
        'b 0 {"n":4,"windows":1}',
      ]);
    });
  });
});
