/** TLS and SASL of a real broker, which kafkajs handles for us. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCommand } from "../../runtime/cli/command.ts";
import { doctor } from "../../runtime/cli/commands/doctor.ts";
import { readSettings } from "../../runtime/cli/settings.ts";
import { createKafkaAdmin, createKafkaLog } from "../../runtime/kafka/mod.ts";
import { batchOf, pollUntil, recordsOf, topicName } from "../contract/_log_helpers.ts";
import { type RealKafka, startKafka, whyNoKafka } from "./harness.ts";

const reason = whyNoKafka() ?? whyNoOpenssl();

function whyNoOpenssl(): string | undefined {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no openssl on the PATH";
  }
}

async function diagnose(config: string) {
  const args = ["--json", "--config", config];
  const parsed = parseCommand(doctor, args, (file) => readSettings(file, {}));
  let report = "";
  const print = (line: string): void => {
    report += line;
  };
  await doctor.run({ ...parsed, print, note: print, signal: new AbortController().signal });
  return { settings: parsed.credentials, report };
}

describe.skipIf(reason !== undefined)(`TLS and SASL${reason ? ` (${reason})` : ""}`, () => {
  let kafka: RealKafka;
  let dir: string;
  let ca: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "millrace-tls-"));
    const [keyFile, certFile] = [join(dir, "key.pem"), join(dir, "cert.pem")];
    execFileSync(
      "openssl",
      [
        ..."req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split(" "),
        ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", certFile],
      ],
      { stdio: "ignore" },
    );
    ca = readFileSync(certFile, "utf8");
    const inline = (text: string): string => text.trim().replaceAll("\n", "\\n");
    const login = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    kafka = await startKafka({
      protocol: "SASL_SSL",
      properties: {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.client.plain.sasl.jaas.config": `${login} username="broker" password="b" user_broker="b" user_app="secret";`,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.key": inline(readFileSync(keyFile, "utf8")),
        "ssl.keystore.certificate.chain": inline(ca),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": inline(ca),
      },
    });
  });
  afterAll(async () => {
    await kafka?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const settings = (password: string, tls = true) => ({
    brokers: kafka.brokers,
    ssl: tls ? { ca: [ca] } : false,
    sasl: { mechanism: "plain", username: "app", password } as const,
  });

  it("appends, joins and fetches", async () => {
    const log = createKafkaLog(settings("secret"));
    const topic = topicName();
    await log.createTopics([{ topic, partitions: 1, configs: {} }]);
    await log.append([{ topic, partition: 0, batches: [batchOf("a")] }]);
    await log.join(
      { group: topic, coPartitioned: [[topic]] },
      {
        assigned: async (partitions) =>
          log.fetchFrom(partitions.map((partition) => ({ ...partition, offset: 0 }))),
        revoked: async () => {},
        lost: async () => {},
      },
    );
    await pollUntil(log, (all) => recordsOf(all).length === 1);
    await log.leave();
    await log.close();
  });

  it("says at once that the password is wrong, as the broker puts it", async () => {
    const admin = createKafkaAdmin(settings("guess"));
    await expect(admin.waitForBroker(20_000)).rejects.toMatchObject({
      code: "BROKER_REFUSED",
      message: expect.stringMatching(/Authentication failed/),
    });
    await admin.close();
  });

  it("is looked at by doctor with the configuration's login, which is never shown", async () => {
    const config = join(dir, "millrace.config.yaml");
    const findings = async (password: string) => {
      writeFileSync(
        config,
        `brokers: ${kafka.brokers[0]}
tls: { ca: cert.pem }
sasl: { username: app, password: ${password} }
registry: http://127.0.0.1:9
`,
      );
      const { settings, report } = await diagnose(config);
      expect(report).not.toContain(password);
      expect(settings.sasl?.password).toBe(password);
      const { findings } = JSON.parse(report) as { findings: { check: string; level: string }[] };
      return findings.filter(({ check }) => check === "broker");
    };
    expect((await findings("secret")).map(({ level }) => level)).toEqual(["ok", "ok"]);
    expect(await findings("a-guess")).toMatchObject([
      { level: "failure", message: expect.stringContaining("Authentication failed") },
    ]);
  });

  it("does not trust a certificate it was not given", async () => {
    const admin = createKafkaAdmin({ ...settings("secret"), ssl: true });
    await expect(admin.waitForBroker(500)).rejects.toMatchObject({
      code: "BROKER_UNREACHABLE",
      message: expect.stringContaining("certificate"),
    });
    await admin.close();
  });
});
