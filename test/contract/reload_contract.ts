/**
 * A definition that changes under a running application, on whatever broker it is given: SIGHUP
 * takes over what loses no state, and refuses the rest while what runs goes on.
 */

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

const LIMIT_MS = 90_000;
/** Nothing closes by silence while a test is about open windows. */
const NEVER_IDLE = "5m";
const PARTITIONS = [0, 1, 2, 3];
const CONDITION = "value.gender in ['FEMALE', 'MALE', 'UNKNOWN']";

export function describeReload(name: string, start: () => Promise<PipelineBroker>): void {
  describe(`a definition that changes under a running application on ${name}`, () => {
    let broker: PipelineBroker;
    let registry: RegistryServer;
    let schemas: RegistryClient;
    let pipelines = 0;
    let pipeline: Pipeline;

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      schemas = createRegistryClient({ url: registry.url });
    });
    beforeEach(() => {
      pipeline = createPipeline(NEVER_IDLE);
    });
    afterEach(() => pipeline.close());
    afterAll(async () => {
      await registry.close();
      await broker.close();
    });

    function createPipeline(idle: string): Pipeline {
      return new Pipeline(`_r${++pipelines}`, broker.broker, registry.url, schemas, idle);
    }

    /** Appends the rows to every partition. */
    async function send(timestampMs: number, genders: readonly string[]): Promise<void> {
      const encoder = createRecordEncoder(pipeline.plan.streams["user_log"]!, schemas);
      const rows = await Promise.all(
        genders.map((gender) => encoder.encode({ value: { user_id: 1, gender, action: "BUY" } })),
      );
      for (const partition of PARTITIONS) {
        const records = rows.map(({ value }) => ({ timestampMs, value: value! }));
        await pipeline.append(partition, records);
      }
    }

    function hangUp({ child }: Millrace): void {
      process.kill(child.pid!, "SIGHUP");
    }

    async function ends(instance: Millrace): Promise<void> {
      expect((await instance.stop("SIGTERM")).code).toBe(0);
      expect(instance.output()).not.toMatch(/while stopping/);
    }

    it("follows a new condition from SIGHUP on, while open windows keep what they had", {
      timeout: LIMIT_MS,
    }, async () => {
      const startMs = Math.floor(Date.now() / 1000) * 1000 - 20_000;
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      await send(startMs + 100, ["FEMALE", "FEMALE", "MALE"]);
      await pipeline.commits(pipeline.topicOf("user_log"), 12);
      await pipeline.commits(`${pipeline.plan.application}-per_second-repartition`, 12);
      expect(await pipeline.count("shoppers")).toBe(0);

      pipeline.edit(CONDITION, "value.gender in ['MALE', 'UNKNOWN']");
      hangUp(instance);
      await instance.saw(
        /taken over, state kept\nhot +shoppers_by_gender\.1\n +emits has changed\n/,
      );
      await send(startMs + 500, ["FEMALE", "MALE"]);
      await send(startMs + 5_000, ["UNKNOWN"]);
      await pipeline.settles(2);
      await ends(instance);
      const { counts, repeats } = await pipeline.finals();
      expect(Object.fromEntries(counts)).toEqual({
        [`FEMALE@${startMs}`]: "8/8",
        [`MALE@${startMs}`]: "8/8",
      });
      expect(repeats).toBe(0);
      expect(await pipeline.count("late_shoppers")).toBe(0);
      expect(await pipeline.compare()).toMatchObject({ code: 0 });
    });

    it("loses no result and writes none twice through swaps under load", {
      timeout: LIMIT_MS,
    }, async () => {
      await pipeline.close();
      pipeline = createPipeline("2s");
      const records = 4000;
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      const feeder = pipeline.feed(400, records);
      let condition = CONDITION;
      for (const share of [0.2, 0.4, 0.6]) {
        await pipeline.reaches("user_log", records * share);
        const next = `${CONDITION} && value.user_id >= ${-share * 10}`;
        pipeline.edit(`when: ${condition}`, `when: ${next}`);
        condition = next;
        const swapped = instance.output().split("taken over, state kept").length;
        hangUp(instance);
        await instance.saw(new RegExp(`(taken over, state kept[\\s\\S]*){${swapped}}`));
      }
      await feeder.saw(new RegExp(`"sent":${records},"malformed":0`), LIMIT_MS);
      const truth = await pipeline.truth();
      await pipeline.settles(truth.counts.size);
      await ends(instance);
      const { counts, repeats } = await pipeline.finals();
      expect([...counts].sort()).toEqual([...truth.counts].sort());
      expect(repeats).toBe(0);
      expect(await pipeline.count("late_shoppers")).toBe(truth.late);
      expect(await pipeline.count("dead_letters")).toBe(0);
    });

    it("refuses what would lose state, with the stage and the reason, until --reset is said", {
      timeout: LIMIT_MS,
    }, async () => {
      const startMs = Math.floor(Date.now() / 1000) * 1000 - 20_000;
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      await send(startMs + 100, ["FEMALE"]);
      await pipeline.commits(pipeline.topicOf("user_log"), 4);
      pipeline.edit("tumbling: 1s", "tumbling: 2s");
      hangUp(instance);
      await instance.saw(/not taken over, what runs goes on; state would be lost:\n/);
      await instance.saw(
        /\nnew state +per_second\n +window: tumbling 1s, now tumbling 2s\n +lost: what /,
      );
      await send(startMs + 500, ["FEMALE"]);
      await send(startMs + 5_000, ["UNKNOWN"]);
      await pipeline.settles(1);
      expect(Object.fromEntries((await pipeline.finals()).counts)).toEqual({
        [`FEMALE@${startMs}`]: "8/8",
      });
      await ends(instance);

      const { code, comparison } = await pipeline.compare();
      expect(code).toBe(11);
      expect(comparison.stages.filter((change) => change.class === "newState")).toMatchObject([
        { stage: "per_second", reasons: ["window: tumbling 1s, now tumbling 2s"] },
      ]);
      const refused = pipeline.run();
      expect((await refused.exited) as unknown).toEqual([1, null]);
      expect(refused.output()).toMatch(/STATE_MISMATCH [\s\S]*\nnew state +per_second\n/);
      expect(refused.output()).not.toMatch(/running/);

      const anew = pipeline.runWith("--reset");
      await anew.saw(/runs 8 tasks/);
      await anew.saw(/running/);
      expect(await pipeline.compare()).toMatchObject({
        code: 0,
        comparison: { ranBefore: true, verdict: "unchanged" },
      });
      await ends(anew);
    });

    it("goes on with the old version when the file is broken or the new one cannot start", {
      timeout: LIMIT_MS,
    }, async () => {
      const startMs = Math.floor(Date.now() / 1000) * 1000 - 20_000;
      const instance = pipeline.run();
      await instance.saw(/runs 8 tasks/);
      pipeline.edit("value.gender in", "value.gendr in");
      hangUp(instance);
      await instance.saw(/not taken over: [\s\S]*UNKNOWN_FIELD/);
      pipeline.edit("value.gendr in", "value.gender in");
      // A subject that holds something else: this definition is right, and cannot start.
      const topic = `taken_r${pipelines}`;
      await schemas.register(`${topic}-value`, {
        kind: "record",
        name: "other.Taken",
        fields: [{ name: "people", type: { kind: "string" }, hasDefault: false }],
      });
      pipeline.edit(`topic: ${pipeline.topicOf("shoppers")}`, `topic: ${topic}`);
      hangUp(instance);
      await instance.saw(new RegExp(`not taken over: [\\s\\S]*${topic}`));
      await send(startMs + 100, ["FEMALE"]);
      await send(startMs + 5_000, ["UNKNOWN"]);
      await pipeline.settles(1);
      await ends(instance);
    });
  });
}
