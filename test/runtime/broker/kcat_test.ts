/** Debian's kcat (librdkafka) against the broker, in processes of its own. */

import { spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Broker, createBroker } from "../../../runtime/broker/mod.ts";

const reason = spawnSync("kcat", ["-V"]).status === 0 ? undefined : "kcat is not installed";
const LIMIT_MS = 20_000;

describe.skipIf(reason !== undefined)(`kcat${reason ? ` (${reason})` : ""}`, () => {
  let broker: Broker;

  beforeAll(async () => {
    broker = await createBroker({ defaultPartitions: 2 });
  });
  afterAll(async () => {
    expect(broker.stats()).toMatchObject({ internalErrors: 0, malformedRequests: 0 });
    await broker.close();
  });

  /** What it prints; rejects when it fails. */
  function kcat(args: readonly string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("kcat", ["-b", `127.0.0.1:${broker.port}`, ...args]);
      const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
      let out = "";
      let err = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
      child.once("error", reject);
      child.once("close", (code) => {
        clearTimeout(timer);
        if (code === 0) resolve(out);
        else reject(new Error(`kcat ${args.join(" ")}: exit ${code}\n${err}`));
      });
      child.stdin.end(input);
    });
  }

  const lines = (text: string) => text.trim().split("\n").sort();

  it("produces and consumes, keys and headers too", async () => {
    await kcat(["-P", "-t", "plain", "-K:", "-H", "a=b"], "k1:v1\nk2:v2\nk3:v3\n");
    const read = await kcat(["-C", "-t", "plain", "-e", "-q", "-f", "%k=%s %h\\n"]);
    expect(lines(read)).toEqual(["k1=v1 a=b", "k2=v2 a=b", "k3=v3 a=b"]);
  });

  it.each(["gzip", "snappy", "lz4", "zstd"])("passes %s through as it is", async (codec) => {
    const value = "x".repeat(5_000);
    await kcat(["-P", "-t", codec, "-z", codec], `${value}\n`);
    const { topics } = broker.cluster;
    const logs = topics.get(codec)!.partitions.map(({ log }) => log);
    expect(logs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThan(500);
    expect(await kcat(["-C", "-t", codec, "-e", "-q"])).toBe(`${value}\n`);
  });

  it("produces idempotently, and without acknowledgement", async () => {
    const values = Array.from({ length: 1_000 }, (_, n) => `v${n}`);
    const options = ["-X", "enable.idempotence=true", "-X", "batch.num.messages=10"];
    await kcat(["-P", "-t", "idempotent", "-p", "0", ...options], `${values.join("\n")}\n`);
    const read = await kcat(["-C", "-t", "idempotent", "-p", "0", "-e", "-q"]);
    expect(read.trim().split("\n")).toEqual(values);
    await kcat(["-P", "-t", "fire", "-X", "acks=0"], "a\nb\n");
    expect(lines(await kcat(["-C", "-t", "fire", "-e", "-q"]))).toEqual(["a", "b"]);
  });

  it("lists brokers and topics", async () => {
    await kcat(["-P", "-t", "listed"], "a\n");
    const listed = await kcat(["-L", "-t", "listed"]);
    expect(listed).toContain(`broker 0 at 127.0.0.1:${broker.port} (controller)`);
    expect(listed).toContain('topic "listed" with 2 partitions');
    expect(listed).toContain("partition 1, leader 0, replicas: 0, isrs: 0");
  });

  it("finds offsets by time", async () => {
    await kcat(["-P", "-t", "timed", "-p", "0"], "a\nb\n");
    const query = async (time: string) =>
      (await kcat(["-Q", "-t", `timed:0:${time}`])).match(/offset (-?\d+)/)?.[1];
    expect(await query("-2")).toBe("0");
    expect(await query("-1")).toBe("2");
    expect(await query("1")).toBe("0");
  });

  it("consumes as a group, and goes on where the group was", async () => {
    const group = ["-G", "kcat-group", "-X", "auto.offset.reset=earliest", "-q"];
    await kcat(["-P", "-t", "grouped"], "a\nb\nc\n");
    expect(lines(await kcat([...group, "-c", "3", "grouped"]))).toEqual(["a", "b", "c"]);
    await kcat(["-P", "-t", "grouped"], "d\n");
    expect(lines(await kcat([...group, "-c", "1", "grouped"]))).toEqual(["d"]);
  });
});
