/**
 * What may happen to a running pipeline, on whatever broker it is given: instances that are killed,
 * suspended and replaced while the others go on, a registry and a broker that are away. Afterwards
 * every topic is read to its end: no final missing, none extra, no two that differ in a byte.
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryClient,
  type RegistryServer,
} from "../../runtime/registry/mod.ts";
import { createRecordEncoder } from "../../runtime/serde/mod.ts";
import type { Millrace } from "../support/millrace.ts";
import { Pipeline, type PipelineBroker } from "./_pipeline.ts";
import { hex } from "./_readers.ts";

const LIMIT_MS = 120_000;
/** Promised for one SIGTERM. */
const STOP_MS = 5000;

export function describePipeline(
  name: string,
  start: () => Promise<PipelineBroker>,
  // A broker that keeps everything in memory cannot come back.
  can: { readonly restart: boolean },
): void {
  describe(`a pipeline on ${name}`, () => {
    let broker: PipelineBroker;
    let registry: RegistryServer;
    let schemas: RegistryClient;
    let gate: Gate;
    let pipelines = 0;
    let pipeline: Pipeline;

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      schemas = createRegistryClient({ url: registry.url });
      gate = await createGate(registry.url);
    });
    beforeEach(() => {
      pipeline = createPipeline();
    });
    afterEach(async () => {
      gate.isOpen = true;
      await pipeline.close();
    });
    afterAll(async () => {
      await gate.close();
      await registry.close();
      await broker.close();
    });

    function createPipeline(idle?: string): Pipeline {
      return new Pipeline(`_p${++pipelines}`, broker.broker, gate.url, schemas, idle);
    }

    async function fed(feeder: Millrace, records: number): Promise<void> {
      await feeder.saw(new RegExp(`"sent":${records},"malformed":0`), LIMIT_MS);
    }

    /** Waits for all finals, stops the instances and reads to the end. @returns finals written again */
    async function endsExact(instances: readonly Millrace[]): Promise<number> {
      const truth = await pipeline.truth();
      await pipeline.settles(truth.counts.size);
      for (const instance of instances) await stopped(instance);
      const { counts, repeats } = await pipeline.finals();
      // First, because it would tell why the others are wrong.
      const late = await pipeline.read("late_shoppers");
      const reasons = new Set(late.map(({ headers }) => headers["millrace.late.reason"]));
      expect([...reasons].filter((reason) => reason !== "late")).toEqual([]);
      expect([...counts].sort()).toEqual([...truth.counts].sort());
      expect(late.length).toBe(truth.late);
      console.info(`${name}: ${counts.size} finals exact, ${repeats} written again`);
      return repeats;
    }

    it("keeps finals exact through ten SIGKILLs of two instances", {
      timeout: LIMIT_MS,
    }, async () => {
      const records = 6000;
      const instances = [pipeline.run(), pipeline.run()];
      await Promise.all(instances.map((instance) => instance.saw(/running/)));
      const feeder = pipeline.feed(400, records);
      const moments = Array.from({ length: 10 }, () => Math.ceil(Math.random() * records * 0.95));
      for (const [kill, moment] of moments.sort((a, b) => a - b).entries()) {
        await pipeline.reaches("user_log", moment);
        await instances[kill % 2]!.stop("SIGKILL");
        instances[kill % 2] = pipeline.run();
      }
      console.info(`${name}: killed after ${moments.join(", ")} of ${records} records`);
      await fed(feeder, records);
      await endsExact(instances);
      expect(await pipeline.count("dead_letters")).toBe(0);
    });

    it("writes no final again while two instances are replaced one after the other", {
      timeout: LIMIT_MS,
    }, async () => {
      const records = 4000;
      const instances = [pipeline.run(), pipeline.run()];
      await Promise.all(instances.map((instance) => instance.saw(/runs 4 tasks/)));
      const feeder = pipeline.feed(400, records);
      for (const [turn, share] of [0.1, 0.3, 0.5].entries()) {
        await pipeline.reaches("user_log", records * share);
        await stopped(instances[turn % 2]!);
        instances[turn % 2] = pipeline.run();
        await instances[turn % 2]!.saw(/runs \d tasks/);
      }
      await fed(feeder, records);
      expect(await endsExact(instances)).toBe(0);
    });

    it("keeps finals exact when an instance is suspended, replaced and comes back", {
      timeout: LIMIT_MS,
    }, async () => {
      const records = 3000;
      const sleeper = pipeline.run();
      await sleeper.saw(/runs 8 tasks/);
      const feeder = pipeline.feed(400, records);
      await pipeline.reaches("user_log", records * 0.2);
      process.kill(sleeper.child.pid!, "SIGSTOP");
      const other = pipeline.run();
      await other.saw(/runs 8 tasks/, 30_000);
      await pipeline.reaches("user_log", records * 0.5);
      process.kill(sleeper.child.pid!, "SIGCONT");
      await other.saw(/runs 4 tasks/, 30_000);
      await fed(feeder, records);
      await endsExact([sleeper, other]);
    });

    it("closes no window short when its instance was held up for longer than a partition is idle", {
      timeout: LIMIT_MS,
    }, async () => {
      const records = 6000;
      // Its session outlasts the pause: it goes on with what it has.
      const instance = pipeline.run(30_000);
      await instance.saw(/runs 8 tasks/);
      const feeder = pipeline.feed(400, records);
      for (const share of [0.1, 0.4, 0.7]) {
        await pipeline.reaches("user_log", records * share);
        process.kill(instance.child.pid!, "SIGSTOP");
        // Three seconds' worth; a partition is idle after two.
        await pipeline.reaches("user_log", records * (share + 0.2));
        process.kill(instance.child.pid!, "SIGCONT");
      }
      await fed(feeder, records);
      await endsExact([instance]);
    });

    it("makes one dead letter, with its reason, of each bad record between good ones", {
      timeout: LIMIT_MS,
    }, async () => {
      const records = 900;
      const encoder = createRecordEncoder(pipeline.plan.streams["user_log"]!, schemas);
      const row = { user_id: 1, gender: "FEMALE", action: "BUY" };
      const good = (await encoder.encode({ value: row })).value!;
      const foreign = good.slice();
      foreign.set([0, 0, 99, 99], 1);
      const bad = [
        { value: Uint8Array.of(9, 9, 9, 9, 9, 9, 9), code: "UNDECODABLE" },
        { value: foreign, code: "UNKNOWN_SCHEMA_ID" },
        { value: good.subarray(0, 8), code: "UNDECODABLE" },
        { value: new Uint8Array(0), code: "UNDECODABLE" },
      ];
      const first = pipeline.run();
      await first.saw(/runs 8 tasks/);
      const feeder = pipeline.feed(300, records);
      await pipeline.reaches("user_log", 100);
      const key = new TextEncoder().encode("k");
      for (const partition of [0, 1, 2, 3]) {
        const values = bad.flatMap(({ value }) => [good, value, null]);
        const headers = { origin: "test", empty: "" };
        await pipeline.append(
          partition,
          values.map((value) => ({ key, value, headers })),
        );
      }
      await pipeline.reaches("dead_letters", 16);
      await stopped(first);
      const second = pipeline.run();
      await fed(feeder, records);
      expect(await endsExact([second])).toBe(0);

      const topic = pipeline.topicOf("user_log");
      const sources = new Map(
        (await pipeline.read("user_log")).map(({ partition, offset, ...stored }) => [
          `${partition}/${offset}`,
          stored,
        ]),
      );
      const dead = await pipeline.read("dead_letters");
      const seen = dead.map(({ key, value, headers }) => {
        const where = "__streams.errors.";
        const place = `${headers[`${where}partition`]}/${headers[`${where}offset`]}`;
        expect([hex(key), hex(value)]).toEqual(["6b", hex(sources.get(place)?.value ?? null)]);
        expect(headers).toEqual({
          origin: "test",
          empty: "",
          [`${where}topic`]: topic,
          [`${where}partition`]: expect.stringMatching(/^[0-3]$/),
          [`${where}offset`]: expect.stringMatching(/^\d+$/),
          [`${where}exception`]: "MillraceError",
          [`${where}message`]: expect.stringMatching(/^Cannot /),
          "millrace.stage": "user_log",
          "millrace.code": expect.any(String),
          "millrace.timestamp": expect.stringMatching(/^\d{13}$/),
        });
        return `${headers[`${where}partition`]} ${hex(value)} ${headers["millrace.code"]}`;
      });
      const expected = [0, 1, 2, 3].flatMap((partition) =>
        bad.map(({ value, code }) => `${partition} ${hex(value)} ${code}`),
      );
      expect(seen.sort()).toEqual(expected.sort());
    });

    it("waits for a registry that is away instead of writing dead letters", {
      timeout: LIMIT_MS,
    }, async () => {
      const stream = pipeline.plan.streams["user_log"]!;
      const schema = (stream.value as { readonly schema: { readonly doc?: string } }).schema;
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      // The same schema with other words about it: an id that no instance has seen.
      const id = await schemas.register("elsewhere-value", {
        ...(schema as object),
        doc: "other words",
      } as never);
      gate.isOpen = false;
      const row = { user_id: 1, gender: "MALE", action: "CLICK" };
      const value = (
        await createRecordEncoder(stream, schemas).encode({ value: row })
      ).value!.slice();
      new DataView(value.buffer).setInt32(1, id);
      await pipeline.append(1, [{ value }, { value }]);
      await instance.saw(/trying again/);
      gate.isOpen = true;
      await pipeline.reaches("shoppers", 1);
      expect(await endsExact([instance])).toBe(0);
      expect(await pipeline.count("dead_letters")).toBe(0);
    });

    if (can.restart) {
      it("goes on, exactly, when the broker is killed and comes back", {
        timeout: LIMIT_MS,
      }, async () => {
        const records = 3000;
        // What the feeder holds back meanwhile must not find its windows closed by silence.
        await pipeline.close();
        pipeline = createPipeline("15s");
        const instances = [pipeline.run(), pipeline.run()];
        await Promise.all(instances.map((instance) => instance.saw(/runs 4 tasks/)));
        const feeder = pipeline.feed(400, records);
        await pipeline.reaches("user_log", records * 0.3);
        await broker.restart!();
        await fed(feeder, records);
        await endsExact(instances);
        expect(await pipeline.count("dead_letters")).toBe(0);
      });
    }
  });
}

async function stopped(instance: Millrace): Promise<void> {
  const { code, ms } = await instance.stop("SIGTERM");
  expect([code, instance.output()]).toEqual([0, expect.not.stringMatching(/while stopping/)]);
  expect(ms).toBeLessThan(STOP_MS);
}

interface Gate {
  readonly url: string;
  isOpen: boolean;
  close(): Promise<void>;
}

/** Passes requests on to a registry; closed, it answers as a proxy whose registry is away. */
async function createGate(target: string): Promise<Gate> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    if (!gate.isOpen) {
      response.writeHead(503).end();
      return;
    }
    const type = request.headers["content-type"];
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method!,
      headers: type === undefined ? {} : { "content-type": type },
      body: chunks.length === 0 ? null : new Blob(chunks as BlobPart[]),
    });
    const body = new Uint8Array(await answer.arrayBuffer());
    response.writeHead(answer.status, {
      "content-type": answer.headers.get("content-type") ?? "application/json",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isOpen: true,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return gate;
}
