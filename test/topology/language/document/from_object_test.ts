import { describe, expect, test } from "vitest";
import { formatDiagnostics, planTopology } from "../../../../topology/language/mod.ts";
import { files } from "../_fixtures.ts";

const FILE = "topology/t.ts";

function diagnose(object: unknown) {
  return planTopology({ file: FILE, object, files }).diagnostics;
}

/** A definition that is fine, with one part replaced. */
function definition(parts: object = {}, filter: unknown = "value.gender == 'MALE'") {
  return {
    topology: "t",
    streams: { s: { value: { avro: "user_log.avsc" } }, out: {} },
    pipelines: { p: [{ source: "s" }, { filter }, { sink: "out" }] },
    ...parts,
  };
}

test("an object is a definition", () => {
  const { plan, diagnostics } = planTopology({ file: FILE, object: definition(), files });
  expect(diagnostics).toEqual([]);
  expect(plan?.application).toBe("t");
});

test("a diagnostic tells the path, and the columns inside the expression", () => {
  const [found, ...more] = diagnose(definition({}, "value.gendr == 'MALE' && value.price > 1.0"));
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    code: "UNKNOWN_FIELD",
    line: 0,
    path: "pipelines.p[1].filter",
    excerpt: "filter: value.gendr == 'MALE' && value.price > 1.0",
  });
  expect(formatDiagnostics([found!], () => "no line of this")).toBe(
    `topology/t.ts: pipelines.p[1].filter error UNKNOWN_FIELD  ${found!.message}
      | filter: value.gendr == 'MALE' && value.price > 1.0
      |               ^^^^^`,
  );
});

test("an expression of several lines is quoted where it is wrong", () => {
  const [found] = diagnose(definition({}, "value.gender == 'MALE' &&\n  value.prize > 1.0"));
  expect(found).toMatchObject({ code: "UNKNOWN_FIELD", excerpt: "  value.prize > 1.0", column: 9 });
});

test("an unknown key is marked itself, and what is missing is said of the whole", () => {
  expect(diagnose(definition({ tets: [] }))).toMatchObject([
    { code: "UNKNOWN_KEY", path: "tets", excerpt: "tets: ", column: 1, endColumn: 5 },
  ]);
  expect(diagnose({ streams: {} }).map(({ code }) => code)).toContain("MISSING_KEY");
});

test("an inline test knows its place by its path", () => {
  const tests = [{ name: "nothing", steps: [{ expect: { out: [] } }] }];
  const { plan } = planTopology({ file: FILE, object: definition({ tests }), files });
  expect(plan?.tests[0]?.place).toEqual(
    expect.objectContaining({ file: FILE, line: 0, path: "tests[0].name" }),
  );
});

test("what undefined stands under is left out, as in JSON", () => {
  expect(diagnose(definition({ description: undefined }))).toEqual([]);
});

describe("what is not plain data is refused at its path", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const withGetter = {
    get filter() {
      throw new Error("nobody may ask");
    },
  };
  class Filter {
    text = "true";
  }
  test.each<[string, unknown, RegExp]>([
    ["a function", () => true, /is a function/],
    ["a Date", new Date(0), /is a Date/],
    ["a promise", Promise.resolve("true"), /is a promise/],
    ["NaN", Number.NaN, /is NaN/],
    ["Infinity", Number.POSITIVE_INFINITY, /is Infinity/],
    ["a bigint", 1n, /is a bigint/],
    ["a symbol", Symbol("x"), /is a symbol/],
    ["a Map", new Map(), /an instance of Map/],
    ["an instance", new Filter(), /an instance of Filter/],
    ["text in an object", new String("true"), /an instance of String/],
    ["a prototype", { __proto__: { a: 1 } }, /prototype of its own/],
  ])("%s", (_, value, message) => {
    const [found, ...more] = diagnose(definition({}, value));
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: "NOT_DATA", path: "pipelines.p[1].filter" });
    expect(found!.message).toMatch(message);
  });

  test.each<[string, object, string]>([
    ["a cycle", cycle, "dashboard.self"],
    ["a getter, which is not asked", withGetter, "dashboard.filter"],
    ["a key that is a symbol", { [Symbol("x")]: 1 }, "dashboard"],
    // biome-ignore lint/suspicious/noSparseArray: that is what is tried.
    ["a hole in a list", { charts: [, 1] }, "dashboard.charts[0]"],
    ["undefined in a list", { charts: [undefined] }, "dashboard.charts[0]"],
  ])("%s", (_, dashboard, path) => {
    expect(diagnose(definition({ dashboard }))).toContainEqual(
      expect.objectContaining({ code: "NOT_DATA", path }),
    );
  });

  test("no object at all", () => {
    expect(diagnose(undefined)).toMatchObject([{ code: "NOT_DATA", path: "" }]);
    expect(diagnose("topology: t")).toMatchObject([{ code: "WRONG_TYPE" }]);
  });

  test("a key __proto__ is an unknown key, and sets nothing", () => {
    const parsed = JSON.parse('{ "__proto__": { "polluted": 1 } }') as object;
    const found = diagnose({ ...definition(), streams: parsed });
    expect(found).toContainEqual(expect.objectContaining({ code: "BAD_NAME" }));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

test("null, a lossy number and a variable are refused as in a file, or with a reason", () => {
  expect(diagnose(definition({ description: null }))[0]).toMatchObject({ code: "EMPTY_VALUE" });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how a variable is written.
  expect(diagnose(definition({ description: "of ${HOME}" }))[0]).toMatchObject({
    code: "BAD_VALUE",
    hint: "a module reads the environment itself: process.env",
  });
});

describe("the bounds of files hold for objects", () => {
  test("an object that is shared a million times is cut short", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 7; level++) bomb = Array.from({ length: 10 }, () => bomb);
    const started = performance.now();
    expect(diagnose(definition({ dashboard: bomb }))[0]).toMatchObject({ code: "FILE_TOO_LARGE" });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("depth, keys, and a list of a length without end", () => {
    let deep: unknown = "x";
    for (let level = 0; level < 100; level++) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`s${i}`, {}]));
    const codes = (object: object) => diagnose(object).map(({ code }) => code);
    expect(codes(definition({ dashboard: deep }))).toContain("TOO_DEEP");
    expect(codes(definition({ streams: wide }))).toContain("TOO_MANY_KEYS");
    expect(codes(definition({ tests: new Array(2 ** 32 - 1) }))).toContain("NOT_DATA");
  });
});
