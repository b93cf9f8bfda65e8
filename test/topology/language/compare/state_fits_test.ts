import { describe, expect, test } from "vitest";
import { comparePlans, snapshotPlan } from "../../../../topology/language/mod.ts";
import { counting, planOf } from "../_fixtures.ts";

const stream = (options: string) =>
  ["{ avro: user_log.avsc }", `{ avro: user_log.avsc }, ${options}`] as const;

/** Whether state that one definition left is lost when the other runs. */
function loses(before: string, after: string): boolean {
  const [left, right] = [before, after].map((text) => snapshotPlan(planOf(text)));
  return comparePlans(left, right!, new Set()).verdict === "losing";
}

describe("state of an earlier run", () => {
  test("fits the same definition", () => {
    const { verdict } = comparePlans(
      snapshotPlan(planOf(counting())),
      snapshotPlan(planOf(counting())),
      new Set(Object.values(snapshotPlan(planOf(counting())).topics).flat()),
    );
    expect(verdict).toBe("unchanged");
  });

  test.each([
    ["the window", counting({ window: "{ tumbling: 2s, grace: 0s }" })],
    ["its advance", counting({ window: "{ hopping: 1s, every: 500ms, grace: 0s }" })],
    ["its offset", counting({ window: "{ tumbling: 1s, grace: 0s, offset: 100ms }" })],
    ["an aggregator", counting({ value: "{ n: count(value.user_id > 1) }" })],
    ["the name of a field", counting({ value: "{ m: count() }" })],
    ["the key", counting().replace("key: value.gender", "key: value.action")],
    ["the id", counting().replace("id: counted", "id: recounted")],
    ["the source topic", counting().replace(...stream("topic: other"))],
  ])("is lost with a change of %s", (_, text) => {
    expect(loses(counting(), text)).toBe(true);
  });

  test("is lost with a change of the list that the elements of a key come from", () => {
    const looped = (list: string) =>
      counting().replace("map: { key: value.gender }", `flatMap: { for: { x: ${list} }, key: x }`);
    expect(loses(looped("value.tags"), looped("value.tags + value.tags"))).toBe(true);
    expect(loses(looped("value.tags"), looped("(value.tags)"))).toBe(false);
  });

  test.each([
    ["a longer grace", counting({ window: "{ tumbling: 1s, grace: 5s }" })],
    [
      "another spelling of the window",
      counting({ window: "{ hopping: 1s, every: 1s, grace: 0s }" }),
    ],
    [
      "white space in an expression",
      counting().replace("key: value.gender", "key: ' value.gender'"),
    ],
    ["a dashboard", counting({}, "dashboard: { title: x }")],
    ["the sink's topic", counting().replace("out: {}", "out: { topic: result }")],
  ])("fits with %s", (_, text) => {
    expect(loses(counting(), text)).toBe(false);
  });
});
