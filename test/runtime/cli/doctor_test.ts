/** What `doctor` sees of a broker that is well, and of one that is made not to be. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type Broker, type BrokerOptions, createBroker } from "../../../runtime/broker/mod.ts";
import { doctor } from "../../../runtime/cli/commands/doctor.ts";
import { checkMemory, checkRuntime } from "../../../runtime/cli/doctor/local.ts";
import { checkClock } from "../../../runtime/cli/doctor/registry.ts";
import { createKafkaAdmin } from "../../../runtime/kafka/mod.ts";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryServer,
} from "../../../runtime/registry/mod.ts";
import { API } from "../../../runtime/wire/mod.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";
import { runCommand } from "./_in_process.ts";

const DOUBLE11 = "topology/double11.yaml";

let broker: Broker | undefined;
let registry: RegistryServer | undefined;
afterEach(async () => {
  await broker?.close();
  await registry?.close();
  broker = undefined;
  registry = undefined;
});

async function start(options: BrokerOptions = {}): Promise<string[]> {
  broker = await createBroker({ port: 0, ...options });
  registry = await createRegistryServer({ port: 0 });
  return ["--brokers", `127.0.0.1:${broker.port}`, "--registry", registry.url];
}

async function createTopics(specs: Readonly<Record<string, [number, Record<string, string>]>>) {
  const admin = createKafkaAdmin({ brokers: [`127.0.0.1:${broker!.port}`] });
  await admin.createTopics(
    Object.entries(specs).map(([topic, [partitions, configs]]) => ({ topic, partitions, configs })),
  );
  await admin.close();
}

interface Shown {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly hint?: string;
}

async function diagnose(...args: readonly string[]) {
  const { code, stdout } = await runCommand(doctor, ...args, "--json");
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Shown[] };
  return { code, ok, findings, bad: findings.filter(({ level }) => level === "failure") };
}

describe("doctor", () => {
  test.each([
    ["compact", []],
    ["delete", [/^accounts: it is a table, and rows are deleted after a while/]],
  ])("says of a table's topic with cleanup.policy %s whether rows stay", async (cleanup, told) => {
    const where = await start();
    await createTopics({ accounts: [2, { "cleanup.policy": cleanup }] });
    const { findings } = await diagnose("topology/accounts.yaml", ...where);
    const messages = findings.flatMap(({ level, message }) =>
      level === "warning" && message.startsWith("accounts:") ? [message] : [],
    );
    expect(messages).toEqual(told.map((text) => expect.stringMatching(text)));
  });

  test("says of a cluster where nothing has run that run creates what is missing", async () => {
    const where = await start();
    const { code, stdout, stderr } = await runCommand(doctor, DOUBLE11, ...where);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^✓ broker +127\.0\.0\.1:\d+: connected in \d+ ms, .* every API/m);
    expect(stdout).toMatch(/^✓ broker +cluster \S+ has 1 node$/m);
    expect(stdout).toMatch(
      /^! topic +user_log: the source is not there, .* 4 partitions\n +→ is the name right/m,
    );
    expect(stdout).toMatch(/^✓ topic +result: not there yet, run creates it with 4 partitions$/m);
    expect(stdout).toMatch(/^✓ topic +double11-per_second-changelog: not there yet/m);
    expect(stdout).toMatch(/^✓ group +double11: has never run here$/m);
    expect(stdout).toMatch(/^✓ registry +http:\S+: answers in \d+ ms, compatibility BACKWARD$/m);
    expect(stdout).toMatch(/^✓ clock +that of the registry agrees/m);
    expect(stdout).toMatch(/^✓ subject +result-value: not there yet/m);
  });

  test("changes nothing", async () => {
    const writing: readonly number[] = [
      API.Produce,
      API.CreateTopics,
      API.DeleteTopics,
      API.OffsetCommit,
      API.JoinGroup,
      API.InitProducerId,
    ];
    const seen: number[] = [];
    const where = await start({
      intercept: ({ apiKey }) => {
        seen.push(apiKey);
        return undefined;
      },
    });
    await diagnose(DOUBLE11, ...where);
    expect(seen).toContain(API.DescribeGroups);
    expect(seen.filter((apiKey) => writing.includes(apiKey))).toEqual([]);
    const { base } = { base: registry!.url };
    expect(await (await fetch(`${base}/subjects`)).json()).toEqual([]);
  });

  test("tells topics that do not fit: settings, partitions", async () => {
    const where = await start();
    await createTopics({
      user_log: [4, { "retention.ms": "500" }],
      "double11-per_second-changelog": [3, { "cleanup.policy": "delete" }],
      result: [4, { "message.timestamp.type": "LogAppendTime" }],
    });
    const { code, findings, bad } = await diagnose(DOUBLE11, ...where);
    expect(code).toBe(1);
    expect(findings).toContainEqual({
      check: "topic",
      level: "warning",
      message: "user_log: records are deleted after 500ms, a window with its grace is open for 1s",
      hint: "a start from the earliest record sees part of a window only",
    });
    expect(bad.map(({ message }) => message)).toEqual([
      expect.stringContaining("double11-per_second-changelog has 3 partitions and needs 4"),
      expect.stringMatching(/^result: message\.timestamp\.type is LogAppendTime/),
      expect.stringMatching(/^double11-per_second-changelog: cleanup\.policy is delete/),
    ]);
  });

  test("tells what this user may not do, and what to grant", async () => {
    const where = await start({
      intercept: ({ apiKey }) => {
        if (apiKey !== API.DescribeGroups) return undefined;
        const groups = [{ groupId: "double11", errorCode: 30, groupState: "" }];
        return { skipHandler: true, response: { groups } };
      },
    });
    const { code, bad } = await diagnose(DOUBLE11, ...where);
    expect(code).toBe(1);
    expect(bad).toEqual([
      {
        check: "group",
        level: "failure",
        message: "double11: GROUP_AUTHORIZATION_FAILED",
        hint: "grant this user READ on group double11",
      },
    ]);
  });

  test("tells which topic may be read and not written", async () => {
    const [read, describe] = [1 << 3, 1 << 8];
    const where = await start({
      intercept: ({ apiKey }) => {
        if (apiKey !== API.Metadata) return undefined;
        const topic = {
          errorCode: 0,
          name: "result",
          isInternal: false,
          partitions: [],
          topicAuthorizedOperations: read | describe,
        };
        const brokers = [{ nodeId: 0, host: "127.0.0.1", port: broker!.port, rack: null }];
        const response = { brokers, clusterId: "c", controllerId: 0, topics: [topic] };
        return { skipHandler: true, response };
      },
    });
    const { bad } = await diagnose(DOUBLE11, ...where);
    expect(bad).toContainEqual({
      check: "topic",
      level: "failure",
      message: "result: this user may not write",
      hint: "grant it WRITE on topic result",
    });
  });

  test("finds the advertised address that cannot be reached from here", async () => {
    const where = await start({ advertisedHost: "kafka.inside.invalid" });
    const { code, bad } = await diagnose(...where);
    expect(code).toBe(3);
    expect(bad).toEqual([
      {
        check: "broker",
        level: "failure",
        message: expect.stringMatching(
          /^node \d+ advertises kafka\.inside\.invalid:\d+: there is no host of that name$/,
        ),
        hint: expect.stringContaining("advertised.listeners of node"),
      },
    ]);
  });

  test("exits with 3 and names what does not answer, and looks at the rest", async () => {
    const [, , ...registryAt] = await start();
    const { code, bad, findings } = await diagnose("--brokers", "127.0.0.1:1", ...registryAt);
    expect([code, bad.map(({ check }) => check)]).toEqual([3, ["broker"]]);
    expect(bad[0]!.message).toMatch(/^127\.0\.0\.1:1: /);
    expect(findings.find(({ check }) => check === "registry")?.level).toBe("ok");
  });

  test("names a registry that does not answer, without its password", async () => {
    const [, brokers] = await start();
    const url = "http://user:secret@127.0.0.1:9";
    const { code, bad, findings } = await diagnose("--brokers", brokers!, "--registry", url);
    expect([code, bad.map(({ check }) => check)]).toEqual([3, ["registry"]]);
    expect(bad[0]!.message).toContain("127.0.0.1:9");
    expect(JSON.stringify(findings)).not.toContain("secret");
  });

  test("tells that a subject would refuse what the definition writes", async () => {
    const where = await start();
    const other = parseAvroSchema({
      type: "record",
      name: "Other",
      fields: [{ name: "x", type: "string" }],
    });
    await createRegistryClient({ url: registry!.url }).register("result-value", other);
    const { code, bad } = await diagnose(DOUBLE11, ...where);
    expect(code).toBe(1);
    expect(bad).toMatchObject([
      {
        check: "subject",
        message:
          "result-value: what the definition writes is not BACKWARD compatible with the newest version",
      },
    ]);
  });

  test("tells of a definition with errors, and of the cluster all the same", async () => {
    const where = await start();
    const { code, bad, findings } = await diagnose("README.md", ...where);
    expect([code, bad.map(({ check }) => check)]).toEqual([1, ["file"]]);
    expect(findings.some(({ check }) => check === "broker")).toBe(true);
  });

  test("tells an HTTP server from a registry", async () => {
    const [, brokers] = await start();
    const server = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code } = await diagnose("--brokers", brokers!, "--registry", url);
    server.closeAllConnections();
    server.close();
    expect(code).toBe(3);
  });
});

describe("this machine", () => {
  test.each([
    [{ node: "20.19.0" }, "ok"],
    [{ node: "20.18.9" }, "failure"],
    [{ node: "18.20.0" }, "failure"],
    [{ node: "24.0.0" }, "ok"],
    [{ node: "18.0.0", deno: "2.5.0" }, "ok"],
  ])("with %j is %s", (versions, level) => {
    expect(checkRuntime(versions).level).toBe(level);
  });

  test("is warned of when what run may hold does not fit", () => {
    expect(checkMemory(1024 ** 3).level).toBe("ok");
    expect(checkMemory(1024 ** 3 - 1).level).toBe("warning");
  });

  test.each([
    [0, "ok", "agrees"],
    [-2_000, "ok", "agrees"],
    [60_000, "warning", "60 s behind"],
    [-60_000, "warning", "60 s ahead"],
    [undefined, "warning", "does not tell"],
  ])("%j ms from the registry's clock is %s", (aheadMs, level, said) => {
    const { level: found, message } = checkClock(aheadMs);
    expect(found).toBe(level);
    expect(message).toContain(said);
  });
});
