import { describe, expect, test } from "vitest";
import { define, drive, reduce } from "./_driver.ts";

const HEAD = "functions: ./f.ts\n";
const using = (stages: string, rest = {}) =>
  define({ source: "key: string, idle: never", head: HEAD, stages, ...rest });

const sent = (n: number, who = "A", atMs = 0) => ({ atMs, key: "k", value: { who, n } });

interface Given {
  key: string;
  value: { who: string; n: number; note: string | null };
  headers: Record<string, string>;
  topic: string;
  partition: number;
  offset: number;
  eventTime: number;
  window?: { start: number; end: number };
}

describe("a function of a map", () => {
  test("is given the record and makes its value", async () => {
    const given: Given[] = [];
    const twice = (record: Given) => {
      given.push(record);
      return { ...record.value, n: record.value.n * 2 };
    };
    await drive(
      { plan: using("- map: { fn: twice }\n- filter: value.n > 2"), functions: { twice } },
      async (driver) => {
        await driver.send("s", [{ ...sent(1), headers: { h: "x" } }, sent(2, "B", 7)]);
        const written = await driver.written("out");
        expect(written.map(({ key, value }) => [key, value])).toEqual([
          ["k", { id: 0, who: "B", n: 4, price: 0, note: null, placed_at: 0 }],
        ]);
        expect(given[0]).toEqual({
          key: "k",
          value: { id: 0, who: "A", n: 1, price: 0, note: null, placed_at: 0 },
          headers: { h: "x" },
          topic: "s",
          partition: 0,
          offset: 0,
          eventTime: 0,
        });
        expect(given[1]).toMatchObject({ offset: 1, eventTime: 7 });
      },
    );
  });

  test("can return another type, which the stages behind know", async () => {
    const plan = using("- map: { fn: size, returns: long }\n- map: { value: { size: value + 1 } }");
    const size = ({ value }: Given) => value.n * 10;
    await drive({ plan, functions: { size } }, async (driver) => {
      await driver.send("s", [sent(4)]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ size: 41 }]);
    });
  });

  test("is given a copy: what it does to it changes nothing for other stages", async () => {
    const plan = using("- map: { fn: spoil }", {
      streams: "other: {}",
      pipelines:
        "q:\n  - source: s\n  - map: { value: { n: value.n, who: value.who } }\n  - sink: other",
    });
    const spoil = ({ value }: Given) => {
      value.n = 99;
      value.who = "C";
      return value;
    };
    await drive({ plan, functions: { spoil } }, async (driver) => {
      await driver.send("s", [sent(1)]);
      expect((await driver.written("out"))[0]?.value).toMatchObject({ n: 99, who: "C" });
      expect((await driver.written("other"))[0]?.value).toEqual({ n: 1, who: "A" });
    });
  });

  test("is given a copy of bytes, too", async () => {
    const plan = define({
      source: "key: string",
      value: "bytes",
      head: HEAD,
      streams: "other: {}",
      stages: "- map: { fn: wipe }",
      pipelines:
        "q:\n  - source: s\n  - filter: size(value) > 0 && value != b'\\x00'\n  - sink: other",
    });
    const wipe = ({ value }: { value: Uint8Array }) => value.fill(0);
    await drive({ plan, functions: { wipe } }, async (driver) => {
      await driver.send("s", [{ atMs: 0, key: "k", value: "Bw==" }]);
      expect((await driver.written("out"))[0]?.value).toEqual(Uint8Array.of(0));
      expect((await driver.written("other"))[0]?.value).toEqual(Uint8Array.of(7));
    });
  });

  test("sees the window of a result", async () => {
    const plan = define({
      source: "key: string, idle: never",
      head: HEAD,
      stages: `- map: { key: value.who }\n${reduce()}\n- map: { fn: label, returns: string }`,
    });
    const label = ({ key, value, window, offset }: Given) =>
      `${key} ${value.n} [${window!.start}, ${window!.end}) ${offset}`;
    await drive({ plan, functions: { label } }, async (driver) => {
      await driver.send("s", [sent(1), sent(1), sent(1, "B", 1000)]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual(["A 2 [0, 1000) -1"]);
    });
  });
});

describe("a function of a flatMap", () => {
  test("makes zero, one or many values, beside other emits", async () => {
    const plan = using(
      "- flatMap:\n    - { fn: parts, returns: string }\n    - { when: value.n == 1, value: \"'one'\" }",
    );
    function* parts({ value }: Given) {
      for (let n = 0; n < value.n; n++) yield `${value.who}${n}`;
    }
    await drive({ plan, functions: { parts } }, async (driver) => {
      await driver.send("s", [sent(0), sent(2), sent(1, "B")]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        "A0",
        "A1",
        "B0",
        "one",
      ]);
      expect(driver.ledger()["p.1"]).toMatchObject({ in: 3, filtered: 1, passed: 2, emitted: 4 });
    });
  });
});

describe("what a function does wrong", () => {
  const wrong = async (
    fn: (record: Given) => unknown,
    stage = "map",
    returns = "long",
  ): Promise<string[]> => {
    const plan = using(`- ${stage}: { fn: f, returns: ${returns} }`);
    let said: string[] = [];
    await drive({ plan, functions: { f: fn } }, async (driver) => {
      await driver.send("s", [sent(7)]);
      expect(await driver.written("out")).toEqual([]);
      const letters = await driver.written("dead_letters");
      said = letters.map(
        ({ headers }) =>
          `${headers["millrace.code"]} ${headers["__streams.errors.topic"]}/${headers["__streams.errors.offset"]} ${headers["__streams.errors.message"]}`,
      );
    });
    return said;
  };

  test.each([
    [
      "throws",
      () => {
        throw new RangeError("no such price");
      },
      "FUNCTION_FAILED s/0 Cannot go on: f threw RangeError: no such price",
    ],
    ["returns nothing", () => undefined, "FUNCTION_FAILED s/0 Cannot go on: f returned undefined"],
    [
      "returns another type",
      () => "seven",
      'FUNCTION_FAILED s/0 Cannot take what f returned: expected a whole number within ±(2^53−1), got "seven"',
    ],
    [
      "returns a promise",
      () => Promise.reject(new Error("later")),
      "FUNCTION_FAILED s/0 Cannot go on: f returned a promise: a function has to answer at once",
    ],
    [
      "returns what no long holds",
      () => 1.5,
      "FUNCTION_FAILED s/0 Cannot take what f returned: expected a whole number within ±(2^53−1), got 1.5",
    ],
  ])("is a dead letter with its reason: %s", async (_name, fn, said) => {
    expect(await wrong(fn)).toEqual([said]);
  });

  test("is told with the place in a list, and of a list without an end", async () => {
    expect(await wrong(() => [1, 2, {}], "flatMap")).toEqual([
      expect.stringContaining("what f returned[2]"),
    ]);
    expect(await wrong(() => 7, "flatMap")).toEqual([
      "FUNCTION_FAILED s/0 Cannot go on: f returned something that is no list",
    ]);
    function* endless() {
      for (;;) yield 1;
    }
    expect(await wrong(endless, "flatMap")).toEqual([
      expect.stringMatching(/^RECORD_TOO_LARGE s\/0 Cannot go on: f returned more than 100000/),
    ]);
    function* failing() {
      yield 1;
      throw new Error("half way");
    }
    expect(await wrong(failing, "flatMap")).toEqual([
      "FUNCTION_FAILED s/0 Cannot go on: f threw Error: half way",
    ]);
  });

  test("of untyped json is told, too", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(await wrong(() => circle, "map", "json")).toEqual([
      "FUNCTION_FAILED s/0 Cannot go on: f returned what is not JSON",
    ]);
  });

  test("keeps an engine from starting that was not given the function", async () => {
    const plan = using("- map: { fn: f }");
    await expect(drive({ plan, functions: {} }, async () => undefined)).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});

describe("a reducer of the module", () => {
  const basket = {
    lift: ({ key, value }: Given) => ({ names: [value.who], n: value.n, key }),
    combine: (a: Basket, b: Basket) => ({
      names: [...new Set([...a.names, ...b.names])].sort(),
      n: a.n + b.n,
      key: a.key < b.key ? a.key : b.key,
    }),
    lower: (a: Basket) => `${a.names.join("+")} ${a.n} ${a.key}`,
  };
  interface Basket {
    names: string[];
    n: number;
    key: string;
  }
  const counted = (fn: string, returns: string) =>
    using(
      `- id: counted\n  windowedReduce: { key: "'all'", window: { tumbling: 1s, grace: 0s }, value: { it: { fn: ${fn}, returns: ${returns} }, n: count() }, emit: final }`,
    );
  const at = (partition: number, atMs: number, who: string, n: number) => ({
    partition,
    atMs,
    key: `k${n}`,
    value: { who, n },
  });

  test("lifts, combines and lowers, and keeps what it has through a crash", async () => {
    const plan = counted("basket", "string");
    const options = { plan, functions: { basket }, partitions: 2, commitIntervalMs: 100 };
    await drive(options, async (driver) => {
      await driver.send("s", [at(0, 0, "B", 5), at(1, 0, "A", 7)]);
      await driver.wait(500);
      await driver.restart("crash");
      await driver.send("s", [at(0, 10, "A", 1)]);
      await driver.send("s", [at(0, 1000, "C", 0), at(1, 1000, "C", 0)]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([
        { it: "A+B 13 k1", n: 3 },
      ]);
    });
  });

  test("whose result is of another type makes no result", async () => {
    const wrong = { lift: () => 1, combine: (a: number, b: number) => a + b, lower: () => "seven" };
    await drive({ plan: counted("wrong", "long"), functions: { wrong } }, async (driver) => {
      await driver.send("s", [at(0, 0, "A", 1), at(0, 1000, "A", 1)]);
      expect(await driver.written("out")).toEqual([]);
      const [letter] = await driver.written("dead_letters");
      expect(letter?.headers["__streams.errors.message"]).toContain(
        "Cannot take what wrong.lower returned",
      );
    });
  });

  test("that fails makes a bad record in lift, and a bad result behind it", async () => {
    const picky = {
      lift: ({ value }: Given) => {
        if (value.n < 0) throw new Error("negative");
        return value.n;
      },
      combine: (a: number, b: number) => {
        if (a + b > 10) throw new Error("too many");
        return a + b;
      },
    };
    const plan = counted("picky", "long");
    await drive({ plan, functions: { picky } }, async (driver) => {
      await driver.send("s", [at(0, 0, "A", -1), at(0, 1, "A", 3), at(0, 2, "A", 4)]);
      await driver.send("s", [at(0, 1000, "A", 6), at(0, 1500, "A", 6), at(0, 3000, "A", 0)]);
      expect((await driver.written("out")).map(({ value }) => value)).toEqual([{ it: 7, n: 2 }]);
      const letters = await driver.written("dead_letters");
      expect(letters.map(({ headers }) => headers["__streams.errors.message"])).toEqual([
        "Cannot go on: picky.lift threw Error: negative",
        "Cannot go on: picky.combine threw Error: too many",
      ]);
      expect(driver.ledger()["counted"]).toMatchObject({
        dead: 1,
        resultRecords: 2,
        deadResultRecords: 2,
      });
    });
  });
});
