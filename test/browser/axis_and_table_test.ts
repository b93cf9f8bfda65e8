import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDashboard, type Dashboard } from "../../web/mod.ts";
import { evaluatePaths, FakeTopic, SHOPPERS, until } from "../web/_fixtures.ts";
import { launch, skipReason } from "./_browser.ts";

const OUTPUT = fileURLToPath(new URL("../output/web/", import.meta.url));

describe.skipIf(skipReason !== undefined)(`chart details in chromium ${skipReason ?? ""}`, () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let topic: FakeTopic;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    browser = await launch();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    topic = new FakeTopic();
    dashboard = await createDashboard({
      dashboard: SHOPPERS,
      epoch: "epoch-1",
      evaluate: evaluatePaths,
      limits: { flushMs: 20 },
    });
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai" });
    page = await context.newPage();
    await page.goto(dashboard.url);
    await page.locator('#state[data-state="connected"]').waitFor();
  });

  afterEach(async () => {
    await page.context().close();
    await dashboard.close();
  });

  async function drawWindows(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      dashboard.push(topic.append("FEMALE", second, 1 + (second % 5)));
      dashboard.push(topic.append("MALE", second, 1 + (second % 3)));
    }
    await page.locator(`.canvas[data-windows="${Math.min(count, 20)}"]`).waitFor();
  }

  /** Pixels of text in the lines under the axis, `wide` CSS pixels at the left edge of the canvas. */
  function inkUnderAxis(line: "time" | "date", wide: number): Promise<number> {
    return page.evaluate(
      ({ line, wide }) => {
        const canvas = document.querySelector<HTMLCanvasElement>(".uplot canvas")!;
        const ratio = canvas.width / canvas.clientWidth;
        // The axis is 44 px high: a tick and a gap, the time, the date.
        const top = canvas.height - (line === "time" ? 32 : 17) * ratio;
        const context = canvas.getContext("2d")!;
        const { data } = context.getImageData(0, top, Math.ceil(wide * ratio), 14 * ratio);
        return data.filter((value, i) => i % 4 === 3 && value > 60).length;
      },
      { line, wide },
    );
  }

  test("the date under the time axis is never cut off at the canvas's edge", async () => {
    for (const windows of [20, 21, 23, 25]) {
      await drawWindows(windows);
      await until(async () => (await inkUnderAxis("date", 600)) > 50, "the date to be drawn");
      expect(await inkUnderAxis("date", 2)).toBe(0);
    }
    await page.locator("section.chart").screenshot({ path: `${OUTPUT}/axis.png` });
  });

  test("a data table that was open stays open on another history, and shows that", async () => {
    await drawWindows(3);
    const rows = page.locator(".chart .data-table tbody tr");
    await page.locator("details.data summary").click();
    await until(async () => (await rows.count()) === 3, "three rows");
    dashboard.setDashboard(SHOPPERS, "epoch-2");
    await until(async () => (await rows.count()) === 0, "the old rows to go");
    topic = new FakeTopic();
    await drawWindows(2);
    await until(async () => (await rows.count()) === 2, "two rows");
    expect(await page.locator("details.data").getAttribute("open")).not.toBeNull();
  });

  test("a data table that was closed stays closed", async () => {
    await drawWindows(3);
    dashboard.setDashboard(SHOPPERS, "epoch-2");
    await page.locator('.canvas[data-windows="0"]').waitFor({ state: "attached" });
    expect(await page.locator("details.data").getAttribute("open")).toBeNull();
  });
});
