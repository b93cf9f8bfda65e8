import { describe, expect, test } from "vitest";
import { runDefinitionTest } from "../../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { drive, results } from "./_driver.ts";

function planned(pipelines: string): Plan {
  const text = `topology: t
streams:
  s: { key: string, value: json }
  out: {}
  failures: {}
${pipelines}`;
  const files = { read: () => undefined };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

const COUNTED = `pipelines:
  p:
    - source: s
    - map: { value: { n: 100 / int(value.n) } }
    - sink: out
  failed:
    - source: dead_letters
    - id: per_minute
      onError: skip
      windowedReduce:
        key: headers['millrace.code']
        window: { tumbling: 1m, grace: 0s }
        value: { n: count(), bytes: sum(size(value)) }
        emit: final
    - onError: skip
      sink: failures
`;

describe("dead letters", () => {
  test("are counted per code and minute by the application that makes them", async () => {
    await drive({ plan: planned(COUNTED), partitions: 2 }, async (driver) => {
      await driver.send("s", [
        { value: { n: 0 }, atMs: 1000 },
        { value: { n: 5 }, atMs: 1000 },
        { value: { n: 0 }, atMs: 2000 },
        { value: { m: 1 }, atMs: 2000 },
      ]);
      await driver.wait(60_000);
      await driver.send("s", [{ value: { n: 0 } }]);
      await driver.wait(70_000);
      expect(await results(driver)).toEqual(['null {"n":20}']);
      expect((await results(driver, "failures")).toSorted()).toEqual([
        'BAD_CONVERSION 0 {"n":1,"bytes":7}',
        'DIVISION_BY_ZERO 0 {"n":2,"bytes":14}',
        'DIVISION_BY_ZERO 60000 {"n":1,"bytes":7}',
      ]);
    });
  });

  test("that fail again are left out and counted, and do not come back", async () => {
    const plan = planned(`pipelines:
  p:
    - source: s
    - filter: int(value.n) > 0
    - sink: out
  failed:
    - source: dead_letters
    - onError: skip
      filter: headers['no such header'] == 'x'
    - onError: skip
      sink: failures
`);
    await drive({ plan }, async (driver) => {
      await driver.send("s", [{ value: { m: 1 } }, { value: { n: 1 } }]);
      await driver.wait(30_000);
      expect(await driver.written("dead_letters")).toHaveLength(1);
      expect(await results(driver, "failures")).toEqual([]);
      expect(driver.ledger()).toMatchObject({
        failed: { read: 1, passed: 1 },
        "failed.1": { in: 1, dead: 1, passed: 0 },
      });
    });
  });

  test("that fail again stop the application where a stage says so", async () => {
    const plan = planned(`pipelines:
  failed:
    - source: dead_letters
    - onError: fail
      filter: headers['no such header'] == 'x'
    - onError: fail
      sink: failures
`);
    const sent = async () => {
      await drive({ plan }, async (driver) => {
        await driver.send("dead_letters", [{ value: "AQI=" }]);
      });
    };
    await expect(sent()).rejects.toMatchObject({ code: "RECORD_REFUSED" });
  });

  test("keep key, value and headers when they are written to another topic", async () => {
    const plan = planned(`pipelines:
  p:
    - source: s
    - filter: int(value.n) > 0
    - sink: out
  failed:
    - source: dead_letters
    - onError: skip
      sink: failures
`);
    await drive({ plan }, async (driver) => {
      await driver.send("s", [{ key: "k", value: { m: 1 }, headers: { trace: "7" } }]);
      const [letter] = await driver.written("dead_letters");
      const [copy, ...others] = await driver.written("failures");
      expect(others).toEqual([]);
      const { key, value, headers } = copy!;
      expect({ key, value, headers }).toEqual({
        key: letter!.key,
        value: letter!.value,
        headers: letter!.headers,
      });
      expect(headers).toMatchObject({ trace: "7", "millrace.stage": "p.1" });
    });
  });

  test("can be sent and expected in the tests of a definition", async () => {
    const plan = planned(`${COUNTED}tests:
  - name: a letter of somebody else's is counted, too
    steps:
      - send: s
        records: [{ at: 1s, value: { n: 0 } }]
      - expect: { dead_letters: [{ value: eyJuIjowfQ==, headers: { millrace.code: DIVISION_BY_ZERO } }] }
      - send: dead_letters
        records: [{ value: AQI=, headers: { millrace.code: THEIRS } }]
      - wait: 2m
      - expect:
          failures:
            - { key: DIVISION_BY_ZERO, window: [0s, 1m], value: { n: 1 } }
            - { key: THEIRS, window: [0s, 1m], value: { n: 1, bytes: 2 } }
`);
    expect(await runDefinitionTest(plan, plan.tests[0]!)).toEqual([]);
  });
});
