/**
 * The page in chromium, fed by a fake topic.
 *
 * Longer than 400 lines: one browser and one page for everything a person does with it.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDashboard, type Dashboard } from "../../web/mod.ts";
import { evaluatePaths, FakeTopic, GENDERS, SHOPPERS, START_MS, until } from "../web/_fixtures.ts";
import { launch, type Misdeeds, skipReason, watchMisdeeds } from "./_browser.ts";

const OUTPUT = new URL("../output/web/", import.meta.url);

describe.skipIf(skipReason !== undefined)(`dashboard in chromium ${skipReason ?? ""}`, () => {
  let browser: Browser;
  let dashboard: Dashboard;
  let topic: FakeTopic;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    topic = new FakeTopic();
    dashboard = await start();
    page = await open();
  });

  afterEach(async () => {
    expect(misdeeds).toEqual({ console: [], foreignRequests: [], policyViolations: [] });
    await page.context().close();
    await dashboard.close();
  });

  async function start(port = 0): Promise<Dashboard> {
    const options = { dashboard: SHOPPERS, epoch: "epoch-1", evaluate: evaluatePaths, port };
    const started = await createDashboard({
      ...options,
      limits: { flushMs: 20, heartbeatMs: 500 },
    });
    return started;
  }

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      locale: "zh-CN",
      timezoneId: "Asia/Shanghai",
      acceptDownloads: true,
      ...options,
    });
    const opened = await context.newPage();
    misdeeds = await watchMisdeeds(opened, new URL(dashboard.url).origin);
    await opened.goto(dashboard.url);
    await opened.locator('#state[data-state="connected"]').waitFor();
    return opened;
  }

  /** One window of every gender; the numbers differ from window to window. */
  function produce(second: number, to: Dashboard | undefined = dashboard): void {
    for (const [i, gender] of GENDERS.entries()) {
      const record = topic.append(gender, second, ((second * 7 + i * 3) % 11) + 1);
      to?.push(record);
    }
  }

  /** What the page shows, by its data table: `[time, girls, boys]`, newest first. */
  async function tableRows(): Promise<string[][]> {
    const details = page.locator("details.data");
    if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
    return page
      .locator(".chart .data-table tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((c) => c.textContent ?? "")));
  }

  /** The same from the topic: the newest twenty windows. */
  function expectedRows(): string[][] {
    const girls = topic.valuesOf("FEMALE");
    const boys = topic.valuesOf("MALE");
    const seconds = [...girls.keys()].sort((a, b) => b - a).slice(0, 20);
    return seconds.map((second) => {
      const time = new Date(START_MS + 8 * 3_600_000 + second * 1_000).toISOString().slice(11, 19);
      return [`2015年11月11日 ${time}`, String(girls.get(second)), String(boys.get(second))];
    });
  }

  async function showsTopic(): Promise<void> {
    await until(
      async () => JSON.stringify(await tableRows()) === JSON.stringify(expectedRows()),
      "the page to show the topic's last 20 windows",
    ).catch(async () => expect(await tableRows()).toEqual(expectedRows()));
  }

  async function counters(): Promise<Record<string, { newest: string; total: string }>> {
    const entries = await page.locator(".counter").evaluateAll((cards) =>
      cards.map((card): [string, { newest: string; total: string }] => [
        (card as HTMLElement).dataset["series"] ?? "",
        {
          newest: card.querySelector(".counter-newest")?.textContent ?? "",
          total: card.querySelector(".counter-total")?.textContent ?? "",
        },
      ]),
    );
    return Object.fromEntries(entries);
  }

  function expectedCounters(): Record<string, { newest: string; total: string }> {
    return Object.fromEntries(
      GENDERS.map((gender) => {
        const values = topic.valuesOf(gender);
        const newest = String(values.get(Math.max(...values.keys())));
        return [gender, { newest, total: `累计 ${topic.totalOf(gender).toLocaleString("en")}` }];
      }),
    );
  }

  /** Pixels of the chart in the colour a series has. */
  function pixelsOf(series: 1 | 2): Promise<number> {
    return page.evaluate((wanted) => {
      const probe = document.createElement("i");
      probe.style.color = `var(--series-${wanted})`;
      document.body.append(probe);
      const colour = getComputedStyle(probe).color.match(/\d+/g)!.slice(0, 3).map(Number);
      probe.remove();
      const canvas = document.querySelector<HTMLCanvasElement>(".uplot canvas")!;
      const context = canvas.getContext("2d")!;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const distance = Math.max(...colour.map((c, k) => Math.abs(c - data[i + k]!)));
        if (distance < 12 && data[i + 3]! > 200) count++;
      }
      return count;
    }, series);
  }

  const picture = () =>
    page.evaluate(() => document.querySelector<HTMLCanvasElement>(".uplot canvas")!.toDataURL());

  test("before the first window it says what it is waiting for", async () => {
    await page.getByText("等待第一个窗口…").waitFor();
    produce(0);
    await page.getByText("等待第一个窗口…").waitFor({ state: "hidden" });
  });

  test("title, both curves in the legend, and a curve that moves with what is pushed", async () => {
    expect(await page.locator("h1").textContent()).toBe("男女生购物人数实时分析");
    expect(await page.title()).toBe("男女生购物人数实时分析");
    for (let second = 0; second < 22; second++) produce(second);
    await showsTopic();
    expect(await page.locator(".legend-item").allTextContents()).toEqual([
      "女生购物人数",
      "男生购物人数",
    ]);
    const before = await picture();
    produce(22);
    await showsTopic();
    await until(async () => (await picture()) !== before, "the curve to move");
    expect(await pixelsOf(1)).toBeGreaterThan(100);
    expect(await pixelsOf(2)).toBeGreaterThan(100);
  });

  test("the counters are the topic's content; unknown gender is counted and not drawn", async () => {
    for (let second = 0; second < 40; second++) produce(second);
    // A result written again after a crash, and one corrected.
    dashboard.push(topic.append("FEMALE", 39, topic.valuesOf("FEMALE").get(39)!));
    dashboard.push(topic.append("MALE", 38, 50));
    await showsTopic();
    await until(
      async () => JSON.stringify(await counters()) === JSON.stringify(expectedCounters()),
      "the counters",
    ).catch(async () => expect(await counters()).toEqual(expectedCounters()));
    expect(await page.locator(".legend-item").count()).toBe(2);
  });

  test("the legend hides a curve and brings it back, by mouse and by key", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    const girls = page.locator('.legend-item[data-series="FEMALE"]');
    await girls.click();
    expect(await girls.getAttribute("aria-pressed")).toBe("false");
    await until(async () => (await pixelsOf(1)) === 0, "the curve to disappear");
    expect(await pixelsOf(2)).toBeGreaterThan(100);
    await page.keyboard.press("Enter");
    await until(async () => (await pixelsOf(1)) > 100, "the curve to come back");
    // Neither a new point nor a redrawn legend may take the focus away.
    produce(20);
    await showsTopic();
    const rebuilt = await girls.elementHandle();
    await page.emulateMedia({ colorScheme: "dark" });
    await until(
      () => rebuilt!.evaluate((button) => !button.isConnected),
      "the legend to be redrawn",
    );
    expect(await girls.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test("the tooltip tells time and values of the window under the pointer", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    const box = (await page.locator(".u-over").boundingBox())!;
    await page.mouse.move(box.x + (box.width * 10) / 19, box.y + box.height / 2);
    await page.locator(".tooltip").waitFor();
    const [time, girls, boys] = expectedRows()[9]!;
    expect(await page.locator(".tooltip-time").textContent()).toBe(time);
    expect(await page.locator(".tooltip-label").allTextContents()).toEqual([
      "女生购物人数",
      "男生购物人数",
    ]);
    expect(await page.locator(".tooltip-value").allTextContents()).toEqual([girls, boys]);
    await page.mouse.move(5, 5);
    await page.locator(".tooltip").waitFor({ state: "hidden" });
  });

  test("arrow keys walk from window to window, and what they find is spoken", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    await page.locator(".canvas").focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    const [time, girls, boys] = expectedRows()[1]!;
    expect(await page.locator(".tooltip-time").textContent()).toBe(time);
    const spoken = `${time!.split(" ")[1]}, 女生购物人数 ${girls}, 男生购物人数 ${boys}`;
    await page.locator("#announcer", { hasText: spoken }).waitFor({ state: "attached" });
    await page.keyboard.press("Escape");
    await page.locator(".tooltip").waitFor({ state: "hidden" });
  });

  test("CSV: a file Excel reads, with the points that are shown", async () => {
    for (let second = 0; second < 25; second++) produce(second);
    await showsTopic();
    const started = page.waitForEvent("download");
    await page.locator('[data-action="exportCsv"]').click();
    const download = await started;
    expect(download.suggestedFilename()).toMatch(/^shoppers-2015-11-10T16-00-24-000Z\.csv$/);
    const bytes = await readFile((await download.path())!);
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = new TextDecoder().decode(bytes).split("\r\n");
    expect(lines[0]).toBe("窗口开始,窗口结束,女生购物人数,男生购物人数");
    const girls = topic.valuesOf("FEMALE");
    const boys = topic.valuesOf("MALE");
    const iso = (second: number) => new Date(START_MS + second * 1_000).toISOString();
    const want = Array.from({ length: 20 }, (_, i) => i + 5).map(
      (s) => `${iso(s)},${iso(s + 1)},${girls.get(s)},${boys.get(s)}`,
    );
    expect(lines.slice(1)).toEqual([...want, ""]);
  });

  test("PNG: a picture that opens, with title and legend above the curves", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    const started = page.waitForEvent("download");
    await page.locator('[data-action="exportPng"]').click();
    const download = await started;
    await download.saveAs(new URL("export.png", OUTPUT).pathname);
    const bytes = await readFile((await download.path())!);
    expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const blank = await page.context().newPage();
    const found = await blank.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      // Pixels unlike the corner's, in the title's, the legend's and the curves' bands.
      const count = (top: number, height: number) => {
        const { data } = context.getImageData(0, top, image.width, height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4) {
          if (Math.abs(data[i]! - data[0]!) > 40 || Math.abs(data[i + 2]! - data[2]!) > 40) n++;
        }
        return n;
      };
      return {
        width: image.width,
        title: count(20, 28),
        legend: count(80, 18),
        curves: count(110, 300),
      };
    }, bytes.toString("base64"));
    expect(found.width).toBeGreaterThan(600);
    expect(found.title).toBeGreaterThan(200);
    expect(found.legend).toBeGreaterThan(150);
    expect(found.curves).toBeGreaterThan(2_000);
  });

  test("the language follows the browser, switches, and is remembered", async () => {
    produce(0);
    await page.locator('[data-action="language"]').click();
    expect(await page.locator("h1").textContent()).toBe("Shoppers by gender, live");
    expect(await page.locator(".legend-item").allTextContents()).toEqual(["Girls", "Boys"]);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    await page.reload();
    await page.locator("h1", { hasText: "Shoppers by gender, live" }).waitFor();
    await page.context().close();
    page = await open({ locale: "en-GB" });
    await page.locator("h1", { hasText: "Shoppers by gender, live" }).waitFor();
  });

  test("light and dark follow the system, switch, and are remembered", async () => {
    produce(0);
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.locator('[data-action="theme"]').click();
    expect(await paper()).toBe(light);
    await page.reload();
    await page.locator('#state[data-state="connected"]').waitFor();
    expect(await paper()).toBe(light);
    await page.locator('[data-action="theme"]').click();
    expect(await paper()).toBe(dark);
  });

  test("a pause holds the view and counts what comes; resuming shows it all", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    const pause = page.locator('[data-action="pause"]');
    await pause.click();
    await page.locator('#state[data-state="paused"]').waitFor();
    const held = await tableRows();
    const heldCounters = await counters();
    for (let second = 20; second < 25; second++) produce(second);
    await pause.getByText("5 个新点").waitFor();
    expect(await tableRows()).toEqual(held);
    expect(await counters()).toEqual(heldCounters);
    await pause.click();
    await showsTopic();
    expect(await counters()).toEqual(expectedCounters());
  });

  test("a page opened late, and one loaded again, show the last twenty windows at once", async () => {
    for (let second = 0; second < 100; second++) produce(second);
    await page.reload();
    await showsTopic();
    expect(await counters()).toEqual(expectedCounters());
  });

  /** A server in its own process, fed the topic through a pipe. */
  async function spawnServer(port = 0): Promise<ChildProcessWithoutNullStreams> {
    const file = new URL("_server_process.ts", import.meta.url).pathname;
    const isDeno = "Deno" in globalThis;
    const flags = isDeno ? ["run", "-A"] : ["--import", "tsx"];
    const child = spawn(process.execPath, [...flags, file, String(port)]);
    child.stdin.on("error", () => {});
    child.stderr.pipe(process.stderr);
    await once(child.stdout, "data");
    return child;
  }

  const feed = (child: ChildProcessWithoutNullStreams, records: readonly unknown[]) =>
    child.stdin.write(records.map((record) => `${JSON.stringify(record)}\n`).join(""));

  test("the server process is killed and restarted beside the living topic: no point missing, none twice", async () => {
    const { port } = dashboard;
    for (let second = 0; second < 30; second++) produce(second);
    await dashboard.close();
    let child = await spawnServer(port);
    try {
      feed(child, topic.records);
      await showsTopic();
      // Every newest window the page ever shows from here on: it must never go back.
      await page.evaluate(() => {
        const seen: string[] = [];
        Object.assign(window, { seen });
        const table = document.querySelector(".chart .data-table")!;
        const note = () => seen.push(table.querySelector("tbody th")?.textContent ?? "none");
        new MutationObserver(note).observe(table, { childList: true });
      });
      child.kill("SIGKILL");
      await once(child, "exit");
      await page.locator('#state[data-state="reconnecting"]').waitFor();
      for (let second = 30; second < 37; second++) produce(second, undefined);
      child = await spawnServer(port);
      // It reads the topic from its earliest record. The page is back before that is done.
      feed(child, topic.records.slice(0, 45));
      await page.locator('#state[data-state="connected"]').waitFor();
      feed(child, topic.records.slice(45));
      const before = topic.records.length;
      produce(37, undefined);
      feed(child, topic.records.slice(before));
      child.stdin.write("live\n");
      await showsTopic();
      expect(await counters()).toEqual(expectedCounters());
      expect(new Set((await tableRows()).map(([time]) => time)).size).toBe(20);
      const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen).not.toContain("none");
      expect(seen).toEqual([...seen].sort());
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("faults of the definition are shown with their place while the last good version runs on", async () => {
    produce(0);
    dashboard.setDiagnostics([
      {
        code: "UNKNOWN_FIELD",
        severity: "error",
        file: "topology/double11.yaml",
        line: 19,
        column: 17,
        message: 'user_log has no field "gendr"; did you mean "gender"?',
        frame:
          "   19 |         when: value.gendr in ['FEMALE', 'MALE']\n      |               ^^^^^^^^^^^",
      },
    ]);
    await page.locator(".problem-place", { hasText: "topology/double11.yaml:19:17" }).waitFor();
    expect(await page.locator(".problem-frame").textContent()).toContain("^^^^^^^^^^^");
    produce(1);
    await showsTopic();
    dashboard.setDiagnostics([]);
    await page.locator("#problems").waitFor({ state: "hidden" });
  });

  test("text from the data is text, never markup", async () => {
    const image = '<img src="https://evil.example/x.png">';
    const chart = { ...SHOPPERS.charts[0]!, labels: { FEMALE: image } };
    dashboard.setDashboard({ ...SHOPPERS, title: image, charts: [chart] }, "epoch-1");
    produce(0);
    await page.locator("h1", { hasText: image }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
  });

  test("a window that becomes narrower takes the charts along", async () => {
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForFunction(() => document.documentElement.scrollWidth === 390);
    // The curve is drawn anew to fit, not cut off.
    await page.waitForFunction(() => {
      const { left, right } = document.querySelector(".u-over")!.getBoundingClientRect();
      return left > 0 && right < 390;
    });
  });

  test("a phone 390 px wide shows everything without scrolling sideways", async () => {
    await page.context().close();
    page = await open({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    for (let second = 0; second < 20; second++) produce(second);
    await showsTopic();
    const { scroll, width } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      width: document.documentElement.clientWidth,
    }));
    expect(scroll).toBe(width);
    expect(width).toBe(390);
    await page.locator(".u-over").tap();
    await page.locator(".tooltip").waitFor();
    // The finger is lifted; what it chose stays, until something else is touched.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
    expect(await page.locator(".tooltip").isVisible()).toBe(true);
    await page.locator('[data-action="pause"]').tap();
    await page.locator(".tooltip").waitFor({ state: "hidden" });
  });
});
