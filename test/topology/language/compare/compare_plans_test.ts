import { describe, expect, test } from "vitest";
import { comparePlans, snapshotPlan } from "../../../../topology/language/mod.ts";
import { planOf } from "../_fixtures.ts";
import { BASE, changesOf, compare, edited, FOUR, RUNNING, topicsOf } from "./_comparison.ts";

describe("comparing a plan with what ran before", () => {
  test("finds nothing to do for the same definition, however it is spelled", () => {
    const same = edited(
      ["value.price > 1.0", "'( value.price  >  1.0 )'"],
      ["  copied:\n    - source: other", "  copied:\n    - description: x\n      source: other"],
      ["tumbling: 10s", "hopping: 10000ms, every: 10s"],
    );
    for (const after of [BASE, same, `${BASE}dashboard: { title: x }\n`]) {
      expect(compare(BASE, after)).toMatchObject({ verdict: "unchanged", topics: [] });
      expect(changesOf(compare(BASE, after))).toEqual([]);
    }
    expect(compare(BASE, BASE).stages.map(({ stage }) => stage)).toEqual([
      "busy.0",
      "busy.1",
      "busy.2",
      "counted.0",
      "hits",
      "counted.2",
      "counted.3",
      "copied.0",
      "copied.1",
    ]);
  });

  test.each<[string, [string, string][], string[]]>([
    ["a filter", [["price > 1.0", "price > 2.0"]], ["hot busy.1: predicate has changed"]],
    [
      "a filter behind the window",
      [["value.n > 1", "value.n > 2"]],
      ["hot counted.2: predicate has changed"],
    ],
    [
      "how a stage takes bad records",
      [["    - filter: value.n > 1", "    - onError: skip\n      filter: value.n > 1"]],
      ["hot counted.2: onError: deadLetter, now skip"],
    ],
    [
      "a source's idleness",
      [["s: { value", "s: { idle: 3s, value"]],
      ["hot busy.0: s.idle: 5000, now 3000"],
    ],
    [
      "a stage that is put in between",
      [
        [
          "    - filter: value.price > 1.0",
          "    - filter: value.item_id > 0\n    - filter: value.price > 1.0",
        ],
      ],
      ["hot busy.1: added"],
    ],
    [
      "a stage that is taken out",
      [["    - filter: value.n > 1\n", ""]],
      ["hot counted.2: removed"],
    ],
    [
      "a stage that gets an id",
      [["    - filter: value.n > 1", "    - id: often\n      filter: value.n > 1"]],
      ["hot often: added", "hot counted.2: removed"],
    ],
    [
      "the topic of a sink",
      [["out: {}", "out: { topic: results }"]],
      ["hot counted.3: out.topic: out, now results"],
    ],
    [
      "a pipeline that is added behind",
      [
        [
          "  copied:\n    - source: other",
          "  copied:\n    - source: other\n    - filter: value.item_id > 1",
        ],
        [
          "    - sink: copies\n",
          "    - sink: copies\n  more:\n    - source: other\n    - sink: extra\n",
        ],
        ["  copies: {}", "  copies: {}\n  extra: {}"],
      ],
      ["hot copied.1: added", "hot more.0: added", "hot more.1: added"],
    ],
    ["where late records go", [["        late: late\n", ""]], ["hot hits: late: late, now none"]],
  ])("a change of %s is hot", (_, edits, expected) => {
    const comparison = compare(BASE, edited(...edits));
    expect(changesOf(comparison)).toEqual(expected);
    expect(comparison.verdict).toBe("changes");
    expect(comparison.stages.filter(({ lost }) => lost !== undefined)).toEqual([]);
  });

  test.each<[string, string, string, string[]]>([
    [
      "a longer grace",
      BASE,
      edited(["grace: 5s", "grace: 1m"]),
      [
        "compatible hits: grace: 5s, now 1m: a record for a window that has closed already opens it again, empty",
      ],
    ],
    [
      "one result where there were updates",
      edited(["emit: final", "emit: updates"]),
      BASE,
      [
        "compatible hits: emit: updates, now final: open windows give one more result, when they close",
      ],
    ],
    [
      "another retention",
      RUNNING,
      RUNNING.replace("emit: updates", "emit: updates, retention: 7d"),
      ["compatible total: retention: forever, now 7d"],
    ],
    [
      "a new window stage",
      BASE,
      `${edited(["  copies: {}", "  copies: {}\n  actions: {}"])}  per_action:
    - source: busy
    - windowedReduce:
        { key: value.action, window: { tumbling: 1m, grace: 0s }, value: { n: count() }, emit: final }
    - sink: actions
`,
      [
        "hot per_action.0: added",
        "compatible per_action: added: it begins empty, with the records that come from now on",
        "hot per_action.2: added",
      ],
    ],
  ])("%s is compatible", (_, before, after, expected) => {
    const comparison = compare(before, after);
    expect(changesOf(comparison)).toEqual(expected);
    expect(comparison.verdict).toBe("changes");
    expect(comparison.stages.filter(({ lost }) => lost !== undefined)).toEqual([]);
  });

  test.each<[string, [string, string][], string[]]>([
    [
      "the window",
      [["tumbling: 10s", "tumbling: 20s"]],
      ["newState hits: window: tumbling 10s, now tumbling 20s"],
    ],
    [
      "the window's offset",
      [["tumbling: 10s", "offset: 1s, tumbling: 10s"]],
      ["newState hits: window: tumbling 10s, now tumbling 10s, offset 1s"],
    ],
    [
      "a reducer",
      [["count()", "count(value.price > 9.0)"]],
      ["newState hits: reducers: n is computed in another way"],
    ],
    [
      "an aggregator's value",
      [["sum(value.item_id)", "first(value.price)"]],
      ["newState hits: reducers: items is computed in another way"],
    ],
    [
      "the reducers' names",
      [["items: sum", "ids: sum"]],
      ["newState hits: reducers: ids is new, items is gone"],
    ],
    [
      "the reducers' order",
      [["n: count(), items: sum(value.item_id)", "items: sum(value.item_id), n: count()"]],
      ["newState hits: reducers: they stand in another order"],
    ],
    [
      "the key",
      [["key: value.gender", "key: value.action"]],
      [
        "hot busy.2: emits has changed; key has changed",
        "newState hits: key: made or encoded in another way",
      ],
    ],
    [
      "the event time of its source",
      [["s: { value", "s: { eventTime: value.user_id, value"]],
      [
        "hot busy.0: s.eventTime has changed",
        "newState hits: event time of its source: made in another way, so windows mean other records",
      ],
    ],
    [
      "the form of the records it is sent",
      [
        [
          "map: { key: value.gender }",
          "map: { key: value.gender, value: { item_id: value.item_id } }",
        ],
      ],
      [
        "hot busy.2: emits has changed",
        "newState hits: records under way in its repartition topic: of another form",
      ],
    ],
    [
      "grace that gets shorter",
      [["grace: 5s", "grace: 1s"]],
      [
        "newState hits: grace: 5s, now 1s: windows that only the longer one keeps open would end without a result",
      ],
    ],
    [
      "updates where there was one result",
      [["emit: final", "emit: updates"]],
      [
        "newState hits: emit: final, now updates: what is in open windows would end without a result",
      ],
    ],
    [
      "the id",
      [["id: hits", "id: strikes"]],
      [
        "compatible strikes: added: it begins empty, with the records that come from now on",
        "newState hits: removed",
      ],
    ],
    [
      "the topic of its source",
      [["s: { value", "s: { topic: clicks, value"]],
      [
        "newState busy.0: its tasks read clicks, and read s",
        "newState hits: source topic: s, now clicks",
      ],
    ],
    [
      "the name of the first pipeline of a source",
      [["  copied:\n", "  copied_again:\n"]],
      [
        "newState copied_again.0: its tasks are called copied_again, and were copied",
        "hot copied_again.1: added",
        "hot copied.0: removed",
        "hot copied.1: removed",
      ],
    ],
  ])("a change of %s loses state, and says which", (_, edits, expected) => {
    const comparison = compare(BASE, edited(...edits));
    const changes = changesOf(comparison);
    for (const change of expected) expect(changes).toContain(change);
    expect(comparison.verdict).toBe("losing");
    const losing = comparison.stages.filter((change) => change.class === "newState");
    for (const { lost } of losing) expect(lost).toMatch(/^(what|how far) \w+ /);
  });

  test("windows that overlap are kept in another way when each record has results", () => {
    const every = (emit: string) =>
      edited(["{ tumbling: 10s, grace: 5s }", "{ hopping: 10s, every: 5s, grace: 5s }"]).replace(
        "emit: final",
        `emit: ${emit}`,
      );
    expect(changesOf(compare(every("{ every: 1s }"), every("final")))).toEqual([
      "compatible hits: emit: every 1s, now final: open windows give one more result, when they close",
    ]);
    for (const emit of ["final", "{ every: 1s }"]) {
      expect(changesOf(compare(every("updates"), every(emit)))).toEqual([
        "newState hits: entries: of windows that overlap, each by itself or in panes that they share",
      ]);
    }
  });

  test("another partition count of a source concerns its tasks and all that follow, not the others", () => {
    const comparison = compare(BASE, BASE, new Map([...FOUR, ["s", 8]]));
    expect(changesOf(comparison)).toEqual([
      "repartition busy.0: 8 partitions, and were 4, which t-busy-changelog still has",
      "repartition counted.0: 8 partitions, and were 4, which t-busy-changelog still has",
      "repartition hits: 8 partitions, and were 4, which t-hits-changelog still has",
    ]);
    expect(comparison.verdict).toBe("losing");
  });

  test("keys that have windows now, or other ones, are other keys in the state", () => {
    const of = (key: string) => `topology: t
streams: { s: { key: ${key}, value: long }, out: {} }
pipelines:
  p: [{ source: s }, { id: sums, reduce: { value: { n: sum(value) }, emit: updates } }, { sink: out }]
`;
    const compared = (before: string, after: string) =>
      changesOf(compare(of(before), of(after))).filter((change) => change.includes("sums"));
    const windowed = "{ window: string, size: 1s }";
    expect(compared("string", windowed)).toEqual([
      "newState sums: key: made or encoded in another way",
    ]);
    expect(compared(windowed, "{ window: string, size: 2s }")).toEqual([
      "newState sums: key: made or encoded in another way",
    ]);
    expect(compared(windowed, "{ window: string, size: 1000ms }")).toEqual([]);
  });

  test("names the topics that are created, left behind and reset", () => {
    const renamed = edited(["out: {}", "out: { topic: results }"]);
    expect(compare(BASE, renamed).topics).toEqual([
      { topic: "results", change: "created" },
      { topic: "out", change: "orphaned" },
    ]);
    const { topics } = compare(BASE, edited(["tumbling: 10s", "tumbling: 20s"]));
    expect(topics.map(({ topic, change }) => `${change} ${topic}`).toSorted()).toEqual([
      "reset copies",
      "reset late",
      "reset out",
      "reset t-busy-changelog",
      "reset t-copied-changelog",
      "reset t-dead-letters",
      "reset t-hits-changelog",
      "reset t-hits-repartition",
      "reset t-topology",
    ]);
  });

  test("adds everything where nothing is known of an earlier run", () => {
    const comparison = comparePlans(undefined, snapshotPlan(planOf(BASE), FOUR), new Set(["s"]));
    expect(comparison).toMatchObject({ ranBefore: false, verdict: "changes" });
    expect(new Set(comparison.stages.map((change) => change.class))).toEqual(
      new Set(["hot", "compatible"]),
    );
    expect(comparison.topics.every(({ change }) => change === "created")).toBe(true);
  });

  test("a schema that grows keeps the state of what is sent on as it came", () => {
    const plan = planOf(BASE);
    const grown = structuredClone(plan);
    for (const name of ["s", "other"]) {
      const { value } = grown.streams[name]!;
      if (value.kind !== "avro" || value.schema.kind !== "record") throw new Error("no record");
      (value.schema.fields as unknown[]).push({ name: "extra", type: { kind: "int" }, default: 0 });
    }
    const { verdict, stages } = comparePlans(
      snapshotPlan(plan, FOUR),
      snapshotPlan(grown, FOUR),
      new Set(topicsOf(BASE)),
    );
    expect(verdict).toBe("changes");
    expect(stages.find(({ stage }) => stage === "busy.0")?.reasons).toEqual([
      "s.value has changed",
    ]);
  });

  test("a definition of a thousand stages is compared in a second", () => {
    const long = (n: number) =>
      `topology: t
streams: { s: { value: { avro: user_log.avsc } }, ${Array.from({ length: 4 }, (_, p) => `o${p}: {}`).join(", ")} }
pipelines:
${Array.from({ length: 4 }, (_, p) => `  p${p}:\n    - source: s\n${Array.from({ length: 250 }, (_, i) => `    - filter: value.user_id > ${i * n}\n`).join("")}    - sink: o${p}\n`).join("")}`;
    const [before, after] = [planOf(long(1)), planOf(long(2))];
    const startedAt = performance.now();
    const { stages } = comparePlans(snapshotPlan(before), snapshotPlan(after), new Set());
    expect(stages.filter((change) => change.class === "hot").length).toBeGreaterThan(400);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
