import { describe, expect, test } from "vitest";
import { counting, planOf } from "./_fixtures.ts";

const stream = (options: string) =>
  ["{ avro: user_log.avsc }", `{ avro: user_log.avsc }, ${options}`] as const;

describe("the stateful fingerprint", () => {
  const before = planOf(counting()).statefulFingerprint;
  const after = (text: string) => planOf(text).statefulFingerprint;

  test("is 16 hex digits and the same every time", () => {
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(after(counting())).toBe(before);
  });

  test.each([
    ["the window", counting({ window: "{ tumbling: 2s, grace: 0s }" })],
    ["its offset", counting({ window: "{ tumbling: 1s, grace: 0s, offset: 100ms }" })],
    ["an aggregator", counting({ value: "{ n: count(value.user_id > 1) }" })],
    ["the name of a field", counting({ value: "{ m: count() }" })],
    ["the key", counting().replace("key: value.gender", "key: value.action")],
    ["the id", counting().replace("id: counted", "id: recounted")],
    ["the source topic", counting().replace(...stream("topic: other"))],
    ["the application", counting().replace("topology: t", "topology: u")],
  ])("changes with %s", (_, text) => {
    expect(after(text)).not.toBe(before);
  });

  test("changes with the list that the elements of a key come from", () => {
    const looped = (list: string) =>
      after(
        counting().replace(
          "map: { key: value.gender }",
          `flatMap: { for: { x: ${list} }, key: x }`,
        ),
      );
    expect(looped("value.tags")).not.toBe(looped("value.tags + value.tags"));
    expect(looped("value.tags")).toBe(looped("(value.tags)"));
  });

  test.each([
    ["grace", counting({ window: "{ tumbling: 1s, grace: 5s }" })],
    ["emit", counting({ emit: "updates" })],
    [
      "white space in an expression",
      counting().replace("key: value.gender", "key: ' value.gender'"),
    ],
    ["a dashboard", counting({}, "dashboard: { title: x }")],
    ["the sink's topic", counting().replace("out: {}", "out: { topic: result }")],
  ])("does not change with %s", (_, text) => {
    expect(after(text)).toBe(before);
  });
});
