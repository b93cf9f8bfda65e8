/** `doctor` and `reset` beside an application that runs and has run, on whatever broker it is given. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor } from "../../runtime/cli/commands/doctor.ts";
import { reset } from "../../runtime/cli/commands/reset.ts";
import { createKafkaAdmin, type KafkaAdmin } from "../../runtime/kafka/mod.ts";
import { createRegistryServer, type RegistryServer } from "../../runtime/registry/mod.ts";
import { runCommand } from "../runtime/cli/_in_process.ts";
import { millrace } from "../support/millrace.ts";
import type { PipelineBroker } from "./_pipeline.ts";

const FILE = "topology/double11.yaml";
const INTERNAL = [
  "double11-per_second-changelog",
  "double11-per_second-repartition",
  "double11-shoppers_by_gender-changelog",
  "double11-topology",
];
const RESULTS = ["double11-dead-letters", "late_shoppers", "result"];
const LIMIT_MS = 90_000;

export function describeMaintenance(name: string, start: () => Promise<PipelineBroker>): void {
  describe(`doctor and reset on ${name}`, () => {
    let broker: PipelineBroker;
    let registry: RegistryServer;
    let admin: KafkaAdmin;
    let where: string[];

    beforeAll(async () => {
      broker = await start();
      registry = await createRegistryServer();
      admin = createKafkaAdmin({ brokers: [broker.broker] });
      where = ["--brokers", broker.broker, "--registry", registry.url];
    }, LIMIT_MS);
    afterAll(async () => {
      await admin.close();
      await registry.close();
      await broker.close();
    });

    async function existing(): Promise<readonly string[]> {
      const counts = await admin.partitionCounts([...INTERNAL, ...RESULTS, "user_log"]);
      return [...counts.keys()].sort();
    }

    it("leaves nothing of an application but its source, once nobody runs it", {
      timeout: LIMIT_MS,
    }, async () => {
      const before = await runCommand(doctor, FILE, ...where);
      expect([before.code, before.stdout]).toEqual([0, expect.not.stringMatching(/^✗/m)]);
      expect(before.stdout).toMatch(/^✓ group +double11: has never run here$/m);
      expect((await runCommand(reset, FILE, ...where)).stdout).toBe(
        "double11: has left nothing here",
      );

      const instance = millrace(["run", FILE, ...where]);
      await instance.saw(/runs \d+ tasks/);
      const during = await runCommand(doctor, FILE, ...where);
      expect([during.code, during.stdout]).toEqual([0, expect.not.stringMatching(/^✗/m)]);
      expect(during.stdout).toMatch(/^✓ group +double11: Stable, run by 1 on 127\.0\.0\.1$/m);
      expect(during.stdout).toMatch(/^✓ topic +double11-per_second-repartition: 4 partitions$/m);
      await expect(runCommand(reset, FILE, "--yes", ...where)).rejects.toThrow(
        "Cannot reset double11: 1 of its group still run it; stop them first",
      );
      const all = [...INTERNAL, ...RESULTS, "user_log"].sort();
      expect(await existing()).toEqual(all);
      await instance.stop("SIGTERM");

      const listed = await runCommand(reset, FILE, "--json", ...where);
      const { topics, ...rest } = JSON.parse(listed.stdout);
      expect(rest).toEqual({
        application: "double11",
        group: { name: "double11", state: "Empty", members: 0 },
        deleted: false,
      });
      const named = (role: string) =>
        topics.flatMap((found: { topic: string; role: string }) =>
          found.role === role ? [found.topic] : [],
        );
      expect(named("internal").sort()).toEqual(INTERNAL);
      expect(named("result").sort()).toEqual(RESULTS);
      expect(await existing()).toEqual(all);

      const deleted = await runCommand(reset, FILE, "--yes", ...where);
      expect(deleted.stdout).toMatch(/^group +double11 with its offsets \(Empty\)$/m);
      expect(deleted.stdout).toMatch(/^topic +result \(result, 4 partitions\)$/m);
      expect(await existing()).toEqual(["user_log"]);
      const partitions = [0, 1, 2, 3].map((partition) => ({ topic: "user_log", partition }));
      expect(await admin.committed("double11", partitions)).toEqual([]);
      expect((await runCommand(reset, FILE, "--yes", ...where)).stdout).toContain("left nothing");
    });
  });
}
