/** The ledger on the page, in chromium. */

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDashboard, type Dashboard } from "../../web/mod.ts";
import type { LedgerRow } from "../../web/protocol.ts";
import { evaluatePaths, SHOPPERS, until } from "../web/_fixtures.ts";
import { launch, type Misdeeds, skipReason, watchMisdeeds } from "./_browser.ts";

const SOURCE: LedgerRow = {
  name: "shoppers_by_gender",
  step: "source",
  in: 1200,
  accepted: 1199,
  filtered: 0,
  dead: 1,
  out: 1199,
};
const REDUCE: LedgerRow = {
  name: "per_second",
  step: "windowedReduce",
  in: 1199,
  accepted: 1190,
  filtered: 0,
  lateAtSource: 9,
  lateAtOperator: 0,
  dead: 0,
  out: 300,
};

describe.skipIf(skipReason !== undefined)(`the ledger in chromium ${skipReason ?? ""}`, () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    const options = { dashboard: SHOPPERS, epoch: "epoch-1", evaluate: evaluatePaths };
    dashboard = await createDashboard({ ...options, limits: { flushMs: 20 } });
    const context = await browser.newContext({
      locale: "en-GB",
      viewport: { width: 390, height: 844 },
      isMobile: true,
    });
    page = await context.newPage();
    misdeeds = await watchMisdeeds(page, new URL(dashboard.url).origin);
    await page.goto(dashboard.url);
    await page.locator('#state[data-state="connected"]').waitFor();
  });
  afterEach(async () => {
    expect(misdeeds).toEqual({ console: [], foreignRequests: [], policyViolations: [] });
    await page.context().close();
    await dashboard.close();
  });

  const rows = () =>
    page
      .locator("#ledger tbody tr")
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));

  test("is not there before the application has committed anything, then counts live", async () => {
    const ledger = page.locator("#ledger");
    expect(await ledger.isVisible()).toBe(false);
    dashboard.setLedger([SOURCE, REDUCE]);
    await ledger.waitFor({ state: "visible" });
    expect(await rows()).toEqual([
      ["shoppers_by_gender source", "1,200", "1,199", "0", "", "", "1", "1,199"],
      ["per_second windowedReduce", "1,199", "1,190", "0", "9", "0", "0", "300"],
    ]);
    dashboard.setLedger([SOURCE, { ...REDUCE, in: 1200, lateAtSource: 10 }]);
    await until(async () => (await rows())[1]?.[4] === "10", "the late record to be counted");
    // Named where something was lost, and only there.
    expect(await page.locator("#ledger .is-loss").allTextContents()).toEqual(["1", "10"]);
  });

  test("says what each column means, in both languages, and fits a phone", async () => {
    dashboard.setLedger([SOURCE, REDUCE]);
    const heads = page.locator("#ledger thead abbr");
    await heads.first().waitFor();
    expect(await heads.allTextContents()).toEqual([
      "Stage",
      "In",
      "Accepted",
      "Filtered",
      "Late at source",
      "Late at operator",
      "Dead",
      "Out",
    ]);
    expect(await heads.nth(4).getAttribute("title")).toMatch(/clock of the partition/);
    await page.getByRole("button", { name: "中文" }).click();
    await until(async () => (await heads.first().textContent()) === "阶段", "Chinese");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const [name, seen] = await page
      .locator("#ledger tbody th")
      .first()
      .evaluate((cell) => {
        const scroll = document.querySelector(".ledger-scroll")!;
        scroll.scrollLeft = scroll.scrollWidth;
        return [cell.textContent, cell.getBoundingClientRect().left >= 0];
      });
    expect([name, seen]).toEqual(["shoppers_by_gender source", true]);
  });

  test("stands still while the page is paused", async () => {
    dashboard.setLedger([REDUCE]);
    await until(async () => (await rows())[0]?.[1] === "1,199", "the ledger");
    await page.getByRole("button", { name: "Pause" }).click();
    dashboard.setLedger([{ ...REDUCE, in: 5000 }]);
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect((await rows())[0]?.[1]).toBe("1,199");
    await page.getByRole("button", { name: "Resume" }).click();
    await until(async () => (await rows())[0]?.[1] === "5,000", "the ledger to go on");
  });
});
