import { expect, test } from "vitest";
import { appendRecord, TestDriver } from "../../../runtime/testing/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import { planned } from "./_definitions.ts";

const PLAN = planned(`topology: t
streams:
  s: { value: string, idle: never }
  out: {}
pipelines:
  p:
    - source: s
    - filter: value == 'a'
    - sink: out
`);

test("what is read and leaves no trace is read to its end", async () => {
  const driver = await TestDriver.open({ plan: PLAN });
  const value = new TextEncoder().encode("b");
  // More than a few polls bring.
  const count = 1000;
  for (let n = 0; n < count; n++) {
    const builder = new BatchBuilder();
    appendRecord(builder, n, null, value);
    await driver.append("s", 0, builder.finish());
  }
  await driver.settle();
  expect(driver.ledger()["p"]).toMatchObject({ read: count });
  await driver.close();
});
