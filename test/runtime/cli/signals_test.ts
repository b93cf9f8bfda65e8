/** One signal ends a command in order, a second one at once. */

import { afterEach, expect, test } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { createRegistryServer, type RegistryServer } from "../../../runtime/registry/mod.ts";
import { startCli } from "./_cli.ts";

let broker: Broker | undefined;
let registry: RegistryServer | undefined;
afterEach(async () => {
  await broker?.close();
  await registry?.close();
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s, and again while the broker holds up the last commit, exits with %d",
  async (signal, code) => {
    let isFrozen = false;
    let asked: () => void = () => undefined;
    const askedFrozen = new Promise<void>((resolve) => {
      asked = resolve;
    });
    broker = await createBroker({
      intercept: () => {
        if (!isFrozen) return undefined;
        asked();
        return { request: "drop" };
      },
    });
    registry = await createRegistryServer();
    const where = ["--brokers", `127.0.0.1:${broker.port}`, "--registry", registry.url];
    const running = startCli(["run", "topology/double11.yaml", "--json", ...where]);
    await running.printed(/"assigned"/);
    await running.printed(/"running"/);
    isFrozen = true;
    running.signal(signal);
    await askedFrozen;
    // The first one has been heard once nothing but the end is waited for: it takes 10 s to give up.
    const again = setInterval(() => running.signal(signal), 200);
    const outcome = await running.outcome;
    clearInterval(again);
    expect(outcome.code).toBe(code);
    expect(outcome.stdout).not.toContain('"stopped"');
  },
  30_000,
);
