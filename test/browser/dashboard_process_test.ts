import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTopicReader, type TopicReader } from "../../runtime/kafka/mod.ts";
import { createRegistryClient } from "../../runtime/registry/mod.ts";
import { createRecordDecoder, recordsOf } from "../../runtime/serde/mod.ts";
import { planTopology } from "../../topology/language/mod.ts";
import { type Millrace, millrace } from "../support/millrace.ts";
import { launch, type Misdeeds, skipReason, watchMisdeeds } from "./_browser.ts";

const FILE = fileURLToPath(new URL("../../topology/double11.yaml", import.meta.url));
const POINTS = 20;
const LIMIT_MS = 30_000;

/** Broker, engine, feed and dashboard as processes of their own, and a page that stays open. */
describe.skipIf(skipReason !== undefined)(`the dashboard's process ${skipReason ?? ""}`, () => {
  const children: Millrace[] = [];
  let broker: string;
  let registry: string;
  let port: number;
  let feed: Millrace;
  let dashboard: Millrace;
  let topic: Topic;
  let browser: Browser;
  let page: Page;
  let misdeeds: Misdeeds;

  function start(...args: string[]): Millrace {
    const child = millrace(args);
    children.push(child);
    return child;
  }
  const cluster = () => ["--brokers", broker, "--registry", registry];
  const startDashboard = () => start("dashboard", FILE, ...cluster(), "--port", String(port));

  beforeAll(async () => {
    const embedded = start("broker", "--json", "--broker-port", "0", "--registry-port", "0");
    const [line] = await embedded.saw(/\{.*\}/);
    ({ broker, registry } = JSON.parse(line) as { broker: string; registry: string });
    await start("run", FILE, ...cluster()).saw(/runs \d+ tasks/);
    feed = start("feed", "--generate", "--rate", "20", "--topology", FILE, ...cluster());
    port = await freePort();
    dashboard = startDashboard();
    const [, url] = (await dashboard.saw(/dashboard +(http:\S+)/)) as unknown as [string, string];
    topic = new Topic(broker, registry);
    browser = await launch();
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai" });
    page = await context.newPage();
    misdeeds = await watchMisdeeds(page, new URL(url).origin);
    await page.goto(url);
    await page.locator("details.data summary").click();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await topic?.close();
    for (const child of children.reverse()) await child.stop("SIGKILL");
  });

  /** `[time, girls, boys]`, newest first. */
  const table = (): Promise<string[][]> =>
    page
      .locator(".chart .data-table tbody tr")
      .evaluateAll((rows) => rows.map((row) => [...row.children].map((c) => c.textContent ?? "")));

  const totals = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      await page
        .locator(".counter")
        .evaluateAll((cards) =>
          cards.map((card): [string, number] => [
            (card as HTMLElement).dataset["series"] ?? "",
            Number(card.querySelector(".counter-total")?.textContent?.replace(/\D/g, "")),
          ]),
        ),
    );

  test("killed and started again beside a living topic: the page finds back, no point missing or twice", {
    timeout: 120_000,
  }, async () => {
    await until(async () => (await table()).length >= 6, "six windows on the page");
    await page.evaluate(() => document.body.setAttribute("data-first-load", ""));
    await dashboard.stop("SIGKILL");
    await page.locator('#state:not([data-state="connected"])').waitFor();
    const before = await table();
    await until(async () => {
      await topic.read();
      return topic.has(before[0]?.[0] ?? "");
    }, "the page's newest window in the topic");
    const newest = topic.newest();
    // The others live on: three more seconds of results that no page can see.
    await until(async () => {
      await topic.read();
      return topic.newest() >= newest + 3_000;
    }, "three more windows in the topic");
    expect(await table()).toEqual(before);

    dashboard = startDashboard();
    await page.locator('#state[data-state="connected"]').waitFor({ timeout: LIMIT_MS });
    await until(async () => {
      const times = (await table()).map(([time]) => time);
      return times.includes(textOf(newest + 3_000));
    }, "the windows of the time between");
    await topic.read();
    const rows = await table();
    expect(new Set(rows.map(([time]) => time)).size).toBe(rows.length);
    // The newest window was cut short: another partition's result may not have come yet.
    for (const [time, ...values] of before.slice(1)) {
      const now = rows.find(([other]) => other === time);
      if (now !== undefined) expect(now).toEqual([time, ...values]);
    }
    expect(await page.locator("body[data-first-load]").count()).toBe(1);
    expect(misdeeds).toEqual({ console: [], foreignRequests: [], policyViolations: [] });
  });

  test("after the feed has ended the page holds what the topic holds: last windows and totals", {
    timeout: 120_000,
  }, async () => {
    await until(async () => (await table()).length === POINTS, "a full chart");
    const { code } = await feed.stop("SIGINT");
    expect(code).toBe(0);
    await until(async () => {
      await topic.read();
      return JSON.stringify(await table()) === JSON.stringify(topic.lastWindows());
    }, "the page to show the topic's last windows").catch(async () => {
      expect(await table()).toEqual(topic.lastWindows());
    });
    expect(await table()).toHaveLength(POINTS);
    await until(async () => {
      await topic.read();
      return isEqual(await totals(), topic.totals());
    }, "the totals").catch(async () => expect(await totals()).toEqual(topic.totals()));
    expect(Math.min(...Object.values(await totals()))).toBeGreaterThan(0);
  });
});

/** The result topic, read beside the dashboard. */
class Topic {
  readonly #reader: TopicReader;
  readonly #decoder: ReturnType<typeof createRecordDecoder>;
  /** By gender, by window start; the last write wins. */
  readonly #people = new Map<string, Map<number, number>>();

  constructor(broker: string, registry: string) {
    const read = (path: string) =>
      readFileSync(fileURLToPath(new URL(`../../topology/${path}`, import.meta.url)), "utf8");
    const text = readFileSync(FILE, "utf8");
    const stream = planTopology({ file: FILE, text, files: { read } }).plan!.streams["shoppers"]!;
    this.#decoder = createRecordDecoder(stream, createRegistryClient({ url: registry }));
    this.#reader = createTopicReader({ brokers: [broker], topics: [stream.topic] });
  }

  /** What has come since. */
  async read(): Promise<void> {
    for (const { bytes } of await this.#reader.poll(100)) {
      for (const record of recordsOf(bytes)) {
        const { key, window, value } = await this.#decoder.decode(record.key, record.value);
        const gender = String(key);
        const byStart = this.#people.get(gender) ?? new Map<number, number>();
        this.#people.set(gender, byStart);
        byStart.set(window![0], (value as { people: number }).people);
      }
    }
  }

  /** @param time as `textOf` writes it */
  has(time: string): boolean {
    return [...this.#people.values()].some((byStart) =>
      [...byStart.keys()].some((start) => textOf(start) === time),
    );
  }

  newest(): number {
    return Math.max(...[...this.#people.values()].flatMap((byStart) => [...byStart.keys()]));
  }

  /** As the page's table writes them; a second without a girl, or a boy, is a 0. */
  lastWindows(): string[][] {
    const last = this.newest();
    return Array.from({ length: POINTS }, (_, i) => {
      const start = last - i * 1_000;
      const values = ["FEMALE", "MALE"].map((gender) => this.#people.get(gender)?.get(start) ?? 0);
      return [textOf(start), ...values.map(String)];
    });
  }

  totals(): Record<string, number> {
    return Object.fromEntries(
      [...this.#people].map(([gender, byStart]) => [
        gender,
        [...byStart.values()].reduce((a, b) => a + b, 0),
      ]),
    );
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** A window's start as the Chinese page writes it. */
function textOf(startMs: number): string {
  const shanghai = new Date(startMs + 8 * 3_600_000);
  const [year, month, day] = [
    shanghai.getUTCFullYear(),
    shanghai.getUTCMonth() + 1,
    shanghai.getUTCDate(),
  ];
  return `${year}年${month}月${day}日 ${shanghai.toISOString().slice(11, 19)}`;
}

function isEqual(a: Record<string, number>, b: Record<string, number>): boolean {
  const sorted = (of: Record<string, number>) => JSON.stringify(Object.entries(of).sort());
  return sorted(a) === sorted(b);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${LIMIT_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
