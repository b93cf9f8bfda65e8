import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTopicReader } from "../../runtime/kafka/mod.ts";
import { createRegistryClient } from "../../runtime/registry/mod.ts";
import { createRecordDecoder, recordsOf } from "../../runtime/serde/mod.ts";
import { planTopology } from "../../topology/language/mod.ts";
import { type Millrace, millrace } from "../support/millrace.ts";
import { launch, type Misdeeds, skipReason, watchMisdeeds } from "./_browser.ts";
import { takeScreenshots } from "./screenshot.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../output/dev/", import.meta.url));

/** The product's front door: everything embedded, in a folder of its own to edit. */
describe.skipIf(skipReason !== undefined)(`millrace dev in chromium ${skipReason ?? ""}`, () => {
  let folder: string;
  let file: string;
  let app: Millrace;
  let url: string;
  let browser: Browser;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-dev-"));
    cpSync(join(ROOT, "topology/double11.yaml"), join(folder, "topology/double11.yaml"));
    cpSync(join(ROOT, "schemas"), join(folder, "schemas"), { recursive: true });
    file = join(folder, "topology/double11.yaml");
    app = millrace(["dev", file, "--port", "0", "--broker-port", "0", "--registry-port", "0"]);
    [, url] = (await app.saw(/dashboard +(http:\S+)/)) as unknown as [string, string];
    browser = await launch();
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai" });
    page = await context.newPage();
    misdeeds = await watchMisdeeds(page, new URL(url).origin);
    await page.goto(url);
    await page.locator('#state[data-state="connected"]').waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await app?.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  async function windowsDrawn(least: number): Promise<void> {
    await page.waitForFunction(
      (wanted) =>
        Number(document.querySelector<HTMLElement>(".canvas")?.dataset["windows"]) >= wanted,
      least,
      { timeout: 30_000 },
    );
  }

  it("says in a few lines what is where", async () => {
    await app.saw(/broker +127\.0\.0\.1:\d+/);
    await app.saw(/registry +http:\/\/127\.0\.0\.1:\d+/);
    await app.saw(/look +npx millrace tail shoppers --brokers/);
    await app.saw(/stop +Ctrl-C/);
    expect(app.output().trim().split("\n").length).toBeLessThan(12);
  });

  it("draws the tutorial's page, moving", async () => {
    await windowsDrawn(3);
    expect(await page.locator("#title").textContent()).toBe("男女生购物人数实时分析");
    const text = (await page.locator("body").textContent()) ?? "";
    expect(text).toContain("女生购物人数");
    expect(text).toContain("男生购物人数");
  });

  it("shows what became of every record, as the engine has committed it", async () => {
    const read = page.locator("#ledger tbody tr", { hasText: "source" }).first().locator("td");
    const before = Number(await read.first().textContent());
    expect(before).toBeGreaterThan(0);
    await page.waitForFunction(
      (least) => Number(document.querySelector("#ledger tbody td")?.textContent) > least,
      before,
    );
    const row = page.locator("#ledger tbody tr", { hasText: "windowedReduce" });
    const [into, accepted] = (await row.locator("td").allTextContents()).map(Number);
    expect(accepted).toBe(into);
  });

  it("shows the numbers of the result topic", async () => {
    await windowsDrawn(10);
    const [, broker] = (await app.saw(/broker +(\S+)/)) as unknown as [string, string];
    const [, registry] = (await app.saw(/registry +(\S+)/)) as unknown as [string, string];
    const { plan } = planTopology({
      file,
      text: readFileSync(file, "utf8"),
      files: { read: (path) => readFileSync(join(folder, "topology", path), "utf8") },
    });
    const stream = plan!.streams["shoppers"]!;
    const decoder = createRecordDecoder(stream, createRegistryClient({ url: registry }));
    const reader = createTopicReader({ brokers: [broker], topics: [stream.topic] });
    const girls = new Map<number, number>();
    const read = async () => {
      for (const { bytes } of await reader.poll(100)) {
        for (const record of recordsOf(bytes)) {
          const { key, window, value } = await decoder.decode(record.key, record.value);
          if (key === "FEMALE") girls.set(window![0], (value as { people: number }).people);
        }
      }
    };
    const details = page.locator("details.data");
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    await page.waitForFunction(
      () => document.querySelectorAll(".chart .data-table tbody tr").length >= 10,
    );
    // Each row of the page's table is in the topic with the same number, and none is older than shown.
    const rows = await page
      .locator(".chart .data-table tbody tr")
      .evaluateAll((list) => list.map((row) => [...row.children].map((c) => c.textContent ?? "")));
    const deadline = performance.now() + 10_000;
    while (girls.size < rows.length - 2 && performance.now() < deadline) await read();
    await read();
    const byClock = new Map(
      [...girls].map(([start, people]) => [
        new Date(start).toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai" }),
        people,
      ]),
    );
    let compared = 0;
    // The newest ones may have been under way when the page was read.
    for (const [time, people] of rows.slice(2)) {
      const clock = /\d\d:\d\d:\d\d/.exec(time ?? "")?.[0];
      const expected = byClock.get(clock ?? "");
      if (expected === undefined) continue;
      compared++;
      expect([clock, Number(people)]).toEqual([clock, expected]);
    }
    expect(compared).toBeGreaterThan(2);
    await reader.close();
  });

  it("has its pictures taken, light, dark and on a phone", { timeout: 60_000 }, async () => {
    // `MILLRACE_SCREENSHOT=1` also makes the README's picture, of a full chart.
    const forReadme = process.env["MILLRACE_SCREENSHOT"] === "1";
    const files = await takeScreenshots(url, OUTPUT, { minWindows: forReadme ? 20 : 8 });
    expect(files).toHaveLength(3);
    if (forReadme) cpSync(files[0]!, join(ROOT, "web/screenshot.png"));
  });

  it("shows a mistake with its place while the last good version goes on, then takes the mend", async () => {
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("value.gender in", "value.gendr in"));
    await app.saw(/double11\.yaml:\d+:\d+ error UNKNOWN_FIELD/);
    const problems = page.locator("#problems");
    await problems.waitFor({ state: "visible" });
    expect(await problems.textContent()).toMatch(/double11\.yaml:\d+:\d+/);
    expect(await problems.textContent()).toContain("gendr");
    const before = await page.locator("#counters").textContent();
    await page.waitForFunction(
      (text) => document.querySelector("#counters")?.textContent !== text,
      before,
    );
    writeFileSync(file, good);
    await problems.waitFor({ state: "hidden" });
  });

  it("takes another window over, from the earliest record on, without a restart by hand", async () => {
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("tumbling: 1s", "tumbling: 2s"));
    await app.saw(/started over/);
    // Windows of two seconds begin at even ones; the table may be drawn anew, closed, on the way.
    await page.waitForFunction(
      () => {
        for (const details of document.querySelectorAll<HTMLDetailsElement>("details.data")) {
          details.open = true;
        }
        const seconds = [...document.querySelectorAll(".chart .data-table tbody tr")].map((row) =>
          Number(/\d\d:\d\d:(\d\d)/.exec(row.children[0]?.textContent ?? "")?.[1]),
        );
        return seconds.length >= 3 && seconds.every((second) => second % 2 === 0);
      },
      undefined,
      { timeout: 25_000, polling: 250 },
    );
  });

  it("ends everything within five seconds of one Ctrl-C, with exit code 0", async () => {
    expect(misdeeds).toEqual({ console: [], foreignRequests: [], policyViolations: [] });
    const { code, ms } = await app.stop("SIGINT");
    expect(code).toBe(0);
    expect(ms).toBeLessThan(5000);
  });
});
