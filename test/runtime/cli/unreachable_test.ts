/** Brokers and registries that do not answer: exit code 3, soon, with the address. */

import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";
import { cli, startCli } from "./_cli.ts";

const NOWHERE = "127.0.0.1:1";
/** The wait of 10 s, and a slow start. */
const LIMIT_MS = 20_000;

describe("a command whose", () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await createBroker({ host: "127.0.0.1", port: 0 });
  });
  afterAll(() => broker.close());

  it.concurrent.each([
    [["run", "topology/double11.yaml"]],
    [["dashboard", "topology/double11.yaml", "--port", "0"]],
    [["tail", "shoppers"]],
  ])("broker does not answer gives up soon with 3: %j", async (args) => {
    const { code, stdout, stderr, ms } = await cli(...args, "--brokers", NOWHERE);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/BROKER_UNREACHABLE .*127\.0\.0\.1:1/);
    expect(ms).toBeLessThan(LIMIT_MS);
  });

  it.concurrent.each([[["run", "topology/double11.yaml"]], [["feed", "data/user_log_sample.csv"]]])(
    "registry does not answer exits 3 and names it: %j",
    async (args) => {
      const registry = "http://127.0.0.1:9";
      const brokers = `127.0.0.1:${broker.port}`;
      const { code, stdout, stderr, ms } = await cli(
        ...args,
        "--brokers",
        brokers,
        "--registry",
        registry,
      );
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toMatch(/REGISTRY_UNREACHABLE .*127\.0\.0\.1:9/);
      expect(ms).toBeLessThan(LIMIT_MS);
    },
  );

  it.concurrent("broker does not answer ends with 0 when it is told to stop meanwhile", async () => {
    let knocked: () => void = () => undefined;
    const knock = new Promise<void>((resolve) => {
      knocked = resolve;
    });
    const closed = createServer((socket) => {
      socket.destroy();
      knocked();
    });
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    const running = startCli(["run", "topology/double11.yaml", "--brokers", `127.0.0.1:${port}`]);
    await knock;
    running.signal("SIGINT");
    const { code, stdout, stderr } = await running.outcome;
    closed.close();
    expect([code, stdout, stderr]).toEqual([0, "", ""]);
  });
});
