import type { TestDriver } from "../../../runtime/testing/mod.ts";
import { type Plan, planTopology } from "../../../topology/language/mod.ts";
import { SHOP_LOG } from "./_driver.ts";

/** A plan over the table `rows` with string keys. */
export function tablePlan(pipelines: string, streams = "", value = "{ avro: s.avsc }"): Plan {
  return planned(`topology: t
tables:
  rows: { key: string, value: ${value} }
streams:
  out: {}
${streams}
pipelines:
${pipelines}`);
}

export function planned(text: string): Plan {
  const files = { read: () => JSON.stringify(SHOP_LOG) };
  const { plan, diagnostics } = planTopology({ file: "t.yaml", text, files });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

export const row = (atMs: number, key: string, value: object | null) => ({ atMs, key, value });

/** Keys and values on a sink, tombstones as null. */
export async function numbers(driver: TestDriver, stream = "out"): Promise<readonly unknown[]> {
  return (await driver.written(stream)).map(({ key, value }) => [
    key,
    value === null ? null : (value as { readonly n: number }).n,
  ]);
}
