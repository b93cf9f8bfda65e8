/** The `instances` and `restart` steps: several engines of one application in a test. */

import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import { MemoryLog, runDefinitionTest, TestDriver } from "../../../runtime/testing/mod.ts";
import { planned } from "./_definitions.ts";

const counting = (steps: string) => `topology: t
streams:
  s: { key: string, value: string, idle: never }
  out: {}
pipelines:
  p:
    - source: s
    - map: { key: value }
    - id: counted
      windowedReduce:
        window: { tumbling: 1s, grace: 0s }
        value: { n: count() }
        emit: final
    - sink: out
tests:
  - name: one
    partitions: 4
    steps:
${steps.replaceAll(/^/gm, "      ")}
`;

/** One record on every partition. */
const everywhere = (at: string, value: string) =>
  `- send: s\n  records: [${[0, 1, 2, 3]
    .map((partition) => `{ at: ${at}, partition: ${partition}, value: ${value} }`)
    .join(", ")}]`;

const CLOSED = "- expect: { out: [{ key: a, window: [0s, 1s], value: { n: 12 } }] }";

async function failuresOf(steps: string) {
  const plan = planned(counting(steps));
  return runDefinitionTest(plan, plan.tests[0]!);
}

describe("instances", () => {
  test("share the partitions, the newest leave first, and nobody's tasks get lost", async () => {
    const plan = planned(counting("- wait: 1s"));
    const driver = await TestDriver.open({ plan, partitions: 4 });
    const all = ["counted/0", "counted/1", "counted/2", "counted/3", "p/0", "p/1", "p/2", "p/3"];
    const spread = async (count: number, leaving: "clean" | "crash") => {
      await driver.instances(count, leaving);
      expect(driver.tasks.flat().toSorted()).toEqual(all);
      return driver.tasks.map((tasks) => tasks.length);
    };
    expect(await spread(2, "clean")).toEqual([4, 4]);
    expect(await spread(4, "clean")).toEqual([2, 2, 2, 2]);
    expect(await spread(3, "crash")).toEqual([4, 2, 2]);
    // A fifth has nothing to do.
    expect(await spread(5, "clean")).toEqual([2, 2, 2, 2, 0]);
    expect(await spread(1, "clean")).toEqual([8]);
    await driver.close();
  });

  test.each([["clean"], ["crash"]])(
    "count nothing twice and lose nothing when one joins and a %s end takes it away",
    async (leaving) => {
      const steps = `${everywhere("0s", "a")}
- instances: 3
${everywhere("100ms", "a")}
- { instances: 1, leaving: ${leaving} }
${everywhere("200ms", "a")}
${everywhere("1s", "b")}
${CLOSED}
- ledger: { counted: { accepted: 16 }, s: { read: 16 } }`;
      expect(await failuresOf(steps)).toEqual([]);
    },
  );

  test.each([["clean"], ["crash"]])(
    "all go with a %s restart, and as many come back",
    async (how) => {
      const steps = `- instances: 3
${everywhere("0s", "a")}
- restart: ${how}
${everywhere("100ms", "a")}
- restart: ${how}
${everywhere("200ms", "a")}
${everywhere("1s", "b")}
${CLOSED}`;
      expect(await failuresOf(steps)).toEqual([]);
      const plan = planned(counting("- wait: 1s"));
      const driver = await TestDriver.open({ plan, partitions: 4 });
      await driver.instances(3, "clean");
      await driver.restart(how as "clean" | "crash");
      expect(driver.tasks.map((tasks) => tasks.length).toSorted()).toEqual([2, 2, 4]);
      await driver.close();
    },
  );

  test("that cannot start say why, and those that run go on", async () => {
    const plan = planned(counting("- wait: 1s"));
    let logs = 0;
    const driver = await TestDriver.open({
      plan,
      partitions: 4,
      createLog: (options) => (logs++ === 0 ? new MemoryLog(options) : new RefusingLog(options)),
    });
    await expect(driver.instances(2, "clean")).rejects.toMatchObject({ code: "TOPIC_MISSING" });
    await driver.settle();
    expect(driver.tasks.map((tasks) => tasks.length)).toEqual([8]);
    await driver.close();
  });
});

class RefusingLog extends MemoryLog {
  override async startOffsets(): Promise<never> {
    throw new MillraceError("TOPIC_MISSING", "Cannot find a topic");
  }
  override async committed(): Promise<never> {
    throw new MillraceError("TOPIC_MISSING", "Cannot find a topic");
  }
}
