import { describe, expect, test } from "vitest";
import { counting, diagnose, pipeline, planOf, unmark } from "./_fixtures.ts";

const CASES: readonly (readonly [string, string, string])[] = [
  [
    "a stream nobody uses",
    "UNUSED_STREAM",
    pipeline("- sink: out").replace("out: {}", "out: {}\n  «more»: {}"),
  ],
  ["a stage nothing reads", "UNREAD_STAGE", pipeline("- sink: out\n- «filter: value.user_id > 1»")],
  [
    "a label for a key that cannot occur",
    "UNKNOWN_SERIES",
    counting(
      {},
      "dashboard: { charts: [{ stream: out, y: value.n, series: key, labels: { «FEMAL»: x } }] }",
    ),
  ],
  [
    "an only for a key that cannot occur",
    "UNKNOWN_SERIES",
    counting(
      {},
      "dashboard: { charts: [{ stream: out, y: value.n, series: key, only: [MALE, «MALES»] }] }",
    ),
  ],
  [
    "a source that forgets too early",
    "SHORT_RETENTION",
    counting({ window: "{ tumbling: 1m, grace: 5m }" }).replace(
      "user_log.avsc }",
      "user_log.avsc }, create: { retention: «5m» }",
    ),
  ],
  [
    "a sink that forgets too early",
    "SHORT_RETENTION",
    counting({ window: "{ tumbling: 1m, grace: 5m }" }).replace(
      "out: {}",
      "out: { create: { retention: «5m» } }",
    ),
  ],
  [
    "a compacted sink for windows",
    "COMPACTED_WINDOWS",
    counting().replace("out: {}", "out: { create: { cleanup: «compact» } }"),
  ],
];

describe("a definition that runs and probably should not", () => {
  test.each(CASES)("because of %s has a warning %s and a plan", (_, code, marked) => {
    const { text, ...place } = unmark(marked);
    const diagnostics = diagnose(text);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ code, severity: "warning", ...place });
    expect(planOf(text)).toBeDefined();
  });

  test("is not guessed at while there are errors", () => {
    expect(diagnose(pipeline("- sink: ouut")).map(({ code }) => code)).toEqual(["UNKNOWN_STREAM"]);
  });
});
