import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../../runtime/kafka/options.ts";

describe("Kafka options", () => {
  it("have defaults, also for what is given as undefined", () => {
    const given = { brokers: ["a:9092"], sessionTimeoutMs: undefined } as unknown as {
      brokers: string[];
    };
    expect(resolveOptions(given)).toMatchObject({ clientId: "millrace", sessionTimeoutMs: 10_000 });
  });

  it.each([
    [{ brokers: [] }, /at least one/],
    [{ brokers: ["localhost"] }, /"localhost" is not host:port/],
    [{ brokers: ["a:1"], fetchWaitMs: 0 }, /fetchWaitMs: must be a whole number/],
    [{ brokers: ["a:1"], maxFetchBytes: 2 ** 31 }, /maxFetchBytes/],
    [{ brokers: ["a:1"], sessionTimeoutMs: 5_000, heartbeatMs: 2_501 }, /at most half/],
  ])("refuse %j", (settings, message) => {
    expect(() => resolveOptions(settings)).toThrow(message);
  });

  it("allow a heartbeat of exactly half the session", () => {
    const settings = { brokers: ["a:1"], sessionTimeoutMs: 5_000, heartbeatMs: 2_500 };
    expect(resolveOptions(settings).heartbeatMs).toBe(2_500);
  });
});
