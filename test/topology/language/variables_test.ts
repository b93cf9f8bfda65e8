import { describe, expect, test } from "vitest";
import {
  comparePlans,
  type Environment,
  planTopology,
  snapshotPlan,
} from "../../../topology/language/mod.ts";
import { counting, FILE, files, pipeline, unmark } from "./_fixtures.ts";

/** `$` that no template string of these tests takes for its own. */
const $ = "$";

function plan(text: string, environment: Environment = {}) {
  return planTopology({ file: FILE, text, files, environment });
}

/** The plan of a definition that must hold. */
function planned(text: string, environment: Environment = {}) {
  const { plan: found, diagnostics } = plan(text, environment);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return found!;
}

/** What a definition calls its application. */
function nameOf(written: string, environment: Environment = {}) {
  return planned(
    pipeline("- sink: out").replace("topology: t", `topology: ${written}`),
    environment,
  ).application;
}

/** A text that may be anything: the page's title. */
function titleOf(written: string, environment: Environment = {}) {
  const text = pipeline("- sink: out", `dashboard:\n  title: ${written}`);
  return planned(text, environment).dashboard.title;
}

describe("a variable", () => {
  test.each([
    [`${$}{APP}`, "shop"],
    [`"${$}{APP}"`, "shop"],
    [`${$}{APP}_${$}{STAGE}`, "shop_eu"],
    [`a_${$}{NONE:-b}`, "a_b"],
    [`${$}{APP:-b}`, "shop"],
    [`a${$}{EMPTY}`, "a"],
    [`${$}{EMPTY:-b}`, "b"],
    [`a${$}{NONE:-}`, "a"],
    [`>-\n  ${$}{APP}`, "shop"],
  ])("%s stands for its value or its default", (written, meant) => {
    expect(nameOf(written, { APP: "shop", STAGE: "eu", EMPTY: "" })).toBe(meant);
  });

  test("is escaped by one more $", () => {
    expect(titleOf(`"a$${$}{APP}.${$}{APP}"`, { APP: "x" })).toBe(`a${$}{APP}.x`);
  });

  test("that is a name of every object is not set for that", () => {
    const { diagnostics } = plan(`topology: ${$}{constructor}\n`);
    expect(diagnostics.map(({ code }) => code)).toContain("UNDEFINED_VARIABLE");
  });

  test("is text where text belongs, whatever it looks like", () => {
    expect(titleOf(`${$}{T}`, { T: "2015" })).toBe("2015");
    expect(titleOf(`${$}{T}`, { T: "true" })).toBe("true");
    expect(titleOf(`${$}{T}`, { T: "null" })).toBe("null");
  });

  test("is a number, a duration or a word where those belong, in quotes or not", () => {
    const environment = { N: "4", SIZE: "5s", EMIT: "updates" };
    const text = counting({
      window: `{ tumbling: "${$}{SIZE}", grace: "${$}{GRACE:-10s}" }`,
      emit: `${$}{EMIT}`,
    }).replace("out: {}", `out: { create: { partitions: "${$}{N}" } }`);
    const { subtopologies, streams } = planned(text, environment);
    const [store] = subtopologies.flatMap(({ stores }) => stores);
    expect(store?.window).toMatchObject({ sizeMs: 5_000, graceMs: 10_000 });
    expect(streams["out"]!.create.partitions).toBe(4);
  });

  test.each(["4.5", "0x4", "4e0", "0", "four", ""])(
    "with %j is no number of partitions, and its place says so",
    (N) => {
      const { text, ...place } = unmark(
        pipeline("- sink: out").replace(
          "out: {}",
          `out:\n    create:\n      partitions: «${$}{N}»`,
        ),
      );
      expect(plan(text, { N }).diagnostics).toMatchObject([{ ...place, severity: "error" }]);
    },
  );

  test("is one value, whatever YAML stands in it", () => {
    for (const value of [
      "a\n  key: string",
      "a, key: string",
      "{ a: 1 }",
      "[a]",
      "*a",
      "!x a",
      "a # b",
      "'a'",
      `${$}{APP}`,
      '"',
    ]) {
      expect(titleOf(`${$}{T}`, { T: value, APP: "x" })).toBe(value);
      expect(titleOf(`"${$}{T}"`, { T: value, APP: "x" })).toBe(value);
    }
  });

  test("is never a key", () => {
    const text = pipeline("- sink: out").replace("out: {}", `out: {}\n  ${$}{S}: {}`);
    const codes = plan(text, { S: "more" }).diagnostics.map(({ code }) => code);
    expect(codes).toContain("BAD_NAME");
  });

  test("is part of an expression, and the rest keeps its columns", () => {
    const stages = `- filter: value.price > ${$}{LEAST} && value.«gendr» == 'x'\n- sink: out`;
    const { text, ...place } = unmark(pipeline(stages));
    const { diagnostics } = plan(text, { LEAST: "100000.5" });
    expect(diagnostics).toMatchObject([{ code: "UNKNOWN_FIELD", ...place }]);
  });

  test.each([
    ["plain", `- filter: value.gender == '«${$}{WHO}»'`],
    ["in double quotes", `- filter: "value.gender == '«${$}{WHO}»'"`],
    ["in single quotes", `- filter: 'value.gender == ''«${$}{WHO}»'''`],
  ])("that an expression stumbles on is marked as it is written, %s", (_, stage) => {
    const { text, ...place } = unmark(pipeline(`${stage}\n- sink: out`));
    const { diagnostics } = plan(text, { WHO: "FEMAL" });
    expect(diagnostics.map(({ code }) => code)).toEqual(["UNKNOWN_SYMBOL"]);
    const [found] = diagnostics;
    expect(found!.line).toBe(place.line);
    expect(found!.column).toBeLessThanOrEqual(place.column);
    expect(found!.endColumn).toBeGreaterThanOrEqual(place.endColumn);
  });

  test.each(["x' || true || value.note == 'y", "\\", "a\nb"])(
    "does not end the text literal it stands in: %j",
    (NOTE) => {
      const filter = `value.note != null && value.note == '${$}{NOTE}'`;
      const { diagnostics } = plan(pipeline(`- filter: "${filter}"\n- sink: out`), { NOTE });
      expect(diagnostics.map(({ code }) => code)).toEqual(["BAD_VARIABLE"]);
      const quoted = pipeline(`- filter: '${filter.replaceAll("'", '"')}'\n- sink: out`);
      // The other quote is plain text there.
      const codes = plan(quoted, { NOTE }).diagnostics.map(({ code }) => code);
      expect(codes).toEqual(NOTE.includes("'") ? [] : ["BAD_VARIABLE"]);
    },
  );

  test("may be an expression of its own", () => {
    const environment = { WHEN: "value.gender == 'FEMALE'" };
    const text = (filter: string) => pipeline(`- filter: ${filter}\n- sink: out`);
    const written = snapshotPlan(planned(text(environment.WHEN)));
    expect(snapshotPlan(planned(text(`${$}{WHEN}`), environment))).toEqual(written);
  });

  test("is not looked for in tests", () => {
    const tests = `tests:
  - name: text is what it says
    steps:
      - send: s
        records: [{ value: { user_id: 1, gender: MALE, action: BUY, note: "${$}{NONE:-x}" } }]
      - expect: { out: [{ headers: { a: "${$}{NONE}" } }] }`;
    const [test] = planned(pipeline("- sink: out", tests)).tests;
    expect(JSON.stringify(test)).toContain(`${$}{NONE}`);
  });

  test("tells all that are missing, each at its place", () => {
    const text = pipeline(
      `- filter: value.price > ${$}{A} && value.price < ${$}{B}\n- sink: ${$}{C}`,
    );
    const undefinedOnes = plan(text).diagnostics.filter(
      ({ code }) => code === "UNDEFINED_VARIABLE",
    );
    expect(undefinedOnes.map(({ line, column, endColumn }) => [line, column, endColumn])).toEqual([
      [8, 29, 33],
      [8, 51, 55],
      [9, 13, 17],
    ]);
  });

  test("does not blow a file up without bound", () => {
    const text = pipeline(`- filter: value.note == '${`${$}{LONG}`.repeat(300)}'\n- sink: out`);
    const codes = plan(text, { LONG: "x".repeat(1000) }).diagnostics.map(({ code }) => code);
    expect(codes).toContain("FILE_TOO_LARGE");
  });
});

describe("the stored snapshot", () => {
  const text = pipeline(`- filter: value.note != null && value.note == '${$}{WORD}'\n- sink: out`);
  const snapshot = (WORD: string) => snapshotPlan(planned(text, { WORD }));

  test("has no expression's text, and so no value that a variable put there", () => {
    expect(JSON.stringify(snapshot("sesame"))).not.toContain("sesame");
  });

  test("compares what variables stand for", () => {
    const classes = (now: string) => {
      const { stages } = comparePlans(snapshot("sesame"), snapshot(now), new Set());
      return stages.map((stage) => stage.class).filter((found) => found !== "unchanged");
    };
    expect([classes("sesame"), classes("poppy")]).toEqual([[], ["hot"]]);
  });
});
