/** `--json` of the commands that need a broker, on one that `broker --json` has started. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cli, cli, startCli } from "./_cli.ts";

const FILE = "topology/double11.yaml";

/** What `tail --ledger --json` prints a line of. */
interface LedgerLook {
  readonly ledger: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly tasks: readonly { readonly partition: number; readonly ledger: LedgerLook["ledger"] }[];
}

/** Each line of stdout, parsed; anything but JSON fails. */
function lines(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("--json", () => {
  let broker: Cli;
  let where: string[];
  beforeAll(async () => {
    broker = startCli(["broker", "--json", "--broker-port", "0", "--registry-port", "0"], 120_000);
    const [started] = lines(await broker.printed(/\n/));
    where = ["--brokers", String(started!["broker"]), "--registry", String(started!["registry"])];
  }, 30_000);
  afterAll(async () => {
    broker.signal("SIGTERM");
    await broker.outcome;
  });

  test("of run, feed, tail and dashboard is documents and lines on stdout alone", async () => {
    const running = startCli(["run", FILE, "--json", "--dashboard", "--port", "0", ...where]);
    await running.printed(/"assigned"[\s\S]*"dashboard"|"dashboard"[\s\S]*"assigned"/);

    const fed = await cli(
      ...["feed", "data/user_log_sample.csv", "--limit", "40", "--rate", "max", "--json"],
      ...where,
    );
    expect([fed.code, fed.stderr]).toEqual([0, ""]);
    expect(lines(fed.stdout)).toEqual([{ sent: 40, malformed: 0 }]);

    const tailed = await cli("tail", "user_log", "--until", "2", "--json", ...where);
    expect([tailed.code, tailed.stderr]).toEqual([0, ""]);
    const records = lines(tailed.stdout);
    expect(records).toHaveLength(2);
    expect(Object.keys(records[0]!)).toEqual(["partition", "offset", "timestamp", "key", "value"]);

    const following = startCli(["tail", "--ledger", "--topology", FILE, "--json", ...where]);
    await following.printed(/"read":40\b/);
    following.signal("SIGTERM");
    const followed = await following.outcome;
    expect([followed.code, followed.stderr]).toEqual([0, ""]);
    const looks = lines(followed.stdout) as unknown as LedgerLook[];
    const { ledger, tasks } = looks.at(-1)!;
    expect(ledger["shoppers_by_gender"]).toMatchObject({ read: 40 });
    expect(tasks.map((task) => task.ledger["shoppers_by_gender"]?.["read"] ?? 0)).toEqual(
      expect.arrayContaining([10, 10, 10, 10]),
    );
    const once = await cli("tail", "--ledger", "--topology", FILE, "--until", "1", ...where);
    expect(once.code).toBe(0);
    expect(once.stdout).toMatch(/^double11, as committed at .*Z\n {2}.* in {2}accepted /);

    const page = startCli(["dashboard", FILE, "--json", "--port", "0", ...where]);
    await page.printed(/"dashboard"/);
    page.signal("SIGTERM");
    const shown = await page.outcome;
    expect(shown.code).toBe(0);
    expect(lines(shown.stdout)).toEqual([
      { event: "dashboard", url: expect.stringMatching(/^http:/) },
      { event: "stopped" },
    ]);

    running.signal("SIGTERM");
    const { code, stdout } = await running.outcome;
    expect(code).toBe(0);
    const events = lines(stdout);
    expect(events).toContainEqual({
      event: "running",
      application: "double11",
      brokers: [where[1]],
    });
    const assigned = events.findLast(({ event }) => event === "assigned")!;
    expect(assigned).toMatchObject({ restoredEntries: 0 });
    expect(assigned["tasks"]).toHaveLength(8);
    expect(events.at(-1)).toEqual({ event: "stopped" });
  }, 60_000);

  test("of dev tells what is served, run and fed", async () => {
    const ports = ["--port", "0", "--broker-port", "0", "--registry-port", "0"];
    const dev = startCli(["dev", FILE, "--json", ...ports]);
    await dev.printed(/"running"/);
    dev.signal("SIGTERM");
    const { code, stdout } = await dev.outcome;
    expect(code).toBe(0);
    const events = lines(stdout);
    for (const event of ["serving", "dashboard", "feeding", "running", "stopped"]) {
      expect(events.filter((found) => found["event"] === event)).toHaveLength(1);
    }
    expect(events.find(({ event }) => event === "feeding")).toEqual({
      event: "feeding",
      topic: "user_log",
      rate: 10,
    });
  }, 40_000);
});
