/** `millrace broker`: starts, says where, stops. */

import { describe, expect, it } from "vitest";
import { createKafkaAdmin } from "../../../runtime/kafka/mod.ts";
import { cli, startCli } from "./_cli.ts";

const ANY_PORTS = ["--broker-port", "0", "--registry-port", "0"];

describe("broker", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "--json prints one line of addresses that answer, and %s ends it with 0",
    async (signal) => {
      const running = startCli(["broker", "--json", ...ANY_PORTS]);
      const { broker, registry } = JSON.parse(await running.printed(/\n/));
      const admin = createKafkaAdmin({ brokers: [broker] });
      await admin.createTopics([{ topic: "t", partitions: 3, configs: {} }]);
      expect(await admin.partitionCounts(["t"])).toEqual(new Map([["t", 3]]));
      await admin.close();
      const subjects = await fetch(`${registry}/subjects`);
      expect([subjects.status, await subjects.json()]).toEqual([200, []]);
      running.signal(signal);
      const { code, stdout, stderr } = await running.outcome;
      expect([code, stdout.split("\n").length, stderr]).toEqual([0, 2, ""]);
    },
  );

  it("refuses a fixed port that is taken, with 1", async () => {
    const running = startCli(["broker", "--json", ...ANY_PORTS]);
    const { broker } = JSON.parse(await running.printed(/\n/));
    const port = broker.split(":")[1];
    const { code, stdout, stderr } = await cli("broker", "--broker-port", port);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("PORT_IN_USE");
    expect(stderr).toContain(port);
    running.signal("SIGTERM");
    expect((await running.outcome).code).toBe(0);
  });
});
