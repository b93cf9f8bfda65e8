/**
 * A real Apache Kafka for tests: one KRaft node (broker and controller) on free local ports.
 *
 * @module
 */

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const KAFKA_VERSION = "4.3.0";
const START_LIMIT_MS = 60_000;
const here = fileURLToPath(new URL(".", import.meta.url));
const home = join(here, "../../.cache", `kafka-${KAFKA_VERSION}`);

export interface KafkaOptions {
  /** JVM heap flag. @default "-Xmx512m" */
  readonly heap?: string;
  /** Added to `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** How clients connect. @default "PLAINTEXT" */
  readonly protocol?: "PLAINTEXT" | "SASL_PLAINTEXT" | "SASL_SSL" | "SSL";
}

export interface RealKafka {
  readonly brokers: readonly string[];
  /** Stops the process, keeping its data; `kill` drops it without a goodbye. */
  stop(how?: "term" | "kill"): Promise<void>;
  start(): Promise<void>;
  /** Stops and deletes everything. */
  close(): Promise<void>;
  /**
   * What a Kafka command-line class prints, e.g. `org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`.
   * Awaited: members of a group in this process have to send their heartbeats meanwhile.
   */
  tool(className: string, args: readonly string[]): Promise<string>;
}

/** Why the real broker cannot run here, or undefined when it can. Fetches the jars if allowed to. */
export function whyNoKafka(): string | undefined {
  if (!existsSync(join(home, "complete"))) {
    if (process.env["MILLRACE_KAFKA"] !== "1") {
      return `no Kafka jars in ${home}; run test/kafka/fetch_jars.sh or set MILLRACE_KAFKA=1`;
    }
    execFileSync("sh", [join(here, "fetch_jars.sh")], { stdio: "inherit" });
  }
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
  } catch {
    return "no java on the PATH";
  }
  return undefined;
}

export async function startKafka(options: KafkaOptions = {}): Promise<RealKafka> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-kafka-"));
  const [port, controllerPort] = await freePorts(2);
  const properties: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `CLIENT://127.0.0.1:${port}`,
    "listener.security.protocol.map": `CLIENT:${options.protocol ?? "PLAINTEXT"},CONTROLLER:PLAINTEXT`,
    "inter.broker.listener.name": "CLIENT",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": join(dir, "data"),
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    // A restarted broker has to wait until its former self's session has ended.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "300",
    // Compaction tests should not wait for the default quarter of a minute.
    "log.cleaner.backoff.ms": "200",
    ...options.properties,
  };
  const config = join(dir, "server.properties");
  writeFileSync(
    config,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  );
  const classPath = join(home, "libs/*");
  const heap = options.heap ?? "-Xmx512m";
  const java = async (className: string, args: readonly string[]): Promise<string> => {
    const all = ["-Xmx256m", "-cp", classPath, className, ...args];
    const { stdout } = await promisify(execFile)("java", all, { encoding: "utf8" });
    return stdout;
  };
  const uuid = Buffer.from(crypto.getRandomValues(new Uint8Array(16)))
    .toString("base64url")
    .replace(/^-/, "A");
  await java("kafka.tools.StorageTool", ["format", "-t", uuid, "-c", config]);

  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    const output = openSync(join(dir, "kafka.log"), "a");
    const started = spawn(
      "java",
      [heap, "-XX:TieredStopAtLevel=1", "-cp", classPath, "kafka.Kafka", config],
      { stdio: ["ignore", output, output] },
    );
    child = started;
    exited = new Promise((resolve) => started.once("exit", () => resolve()));
    process.once("exit", () => started.kill("SIGKILL"));
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await accepts(port!))) {
      if (started.exitCode !== null || Date.now() > deadline) {
        throw new Error(
          `Kafka did not start: ${readFileSync(join(dir, "kafka.log"), "utf8").slice(-2000)}`,
        );
      }
    }
  }

  async function stop(how: "term" | "kill" = "term"): Promise<void> {
    child?.kill(how === "kill" ? "SIGKILL" : "SIGTERM");
    await exited;
    child = undefined;
  }

  await start();
  return {
    brokers: [`127.0.0.1:${port}`],
    start,
    stop,
    async close() {
      await stop("kill");
      rmSync(dir, { recursive: true, force: true });
    },
    tool: java,
  };
}

/** One attempt to connect; the wait between attempts is part of it. */
async function accepts(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => setTimeout(() => resolve(false), 100));
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  for (let i = 0; i < count; i++) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    ports.push(address.port);
    servers.push(server);
  }
  await Promise.all(servers.map((s) => new Promise((resolve) => s.close(resolve))));
  return ports;
}
