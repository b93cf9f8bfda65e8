import { describe, expect, test } from "vitest";
import { describeState } from "../../../web/page/state_line.ts";
import { preferredLanguage, textIn, Wording } from "../../../web/page/texts.ts";

test("Chinese for a browser that prefers it, English for any other", () => {
  expect(preferredLanguage(["zh-TW", "en"])).toBe("zh");
  expect(preferredLanguage(["de", "zh"])).toBe("en");
  expect(preferredLanguage([])).toBe("en");
});

test("a text of the definition falls back to English, then to any", () => {
  expect(textIn({ zh: "女", en: "girl" }, "zh")).toBe("女");
  expect(textIn({ en: "girl" }, "zh")).toBe("girl");
  expect(textIn({ fr: "fille" }, "zh")).toBe("fille");
  expect(textIn("plain", "zh")).toBe("plain");
});

test("durations are written in the largest unit that divides them", () => {
  const en = new Wording("en");
  expect([1_000, 1_500, 300_000, 3_600_000].map((ms) => en.duration(ms))).toEqual([
    "1 s",
    "1,500 ms",
    "5 min",
    "1 h",
  ]);
  expect(new Wording("zh").duration(60_000)).toBe("1 分钟");
});

describe("state line", () => {
  const inputs = {
    connection: "connected",
    status: { feed: "live" },
    isPaused: false,
    silentMs: 0,
    lastMessageMs: 0,
    newestStart: undefined,
    wording: new Wording("en"),
  } as const;

  test.each([
    ["connected and live", {}, "connected", "Live"],
    ["still reading the past", { status: { feed: "catching-up" } }, "connected", "Catching up"],
    ["paused", { isPaused: true }, "paused", "Paused"],
    ["the log is out of reach", { status: { feed: "down" } }, "stale", "Stale"],
    ["just lost", { connection: "reconnecting", silentMs: 14_999 }, "reconnecting", "Reconnecting"],
    ["lost for long", { connection: "reconnecting", silentMs: 15_000 }, "stale", "Stale"],
    ["refused for good", { connection: "ended" }, "stale", "Disconnected; reload the page"],
  ] as const)("%s", (_, change, kind, text) => {
    expect(describeState({ ...inputs, ...change })).toMatchObject({ kind, text });
  });
});
