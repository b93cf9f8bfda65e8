import { afterEach, expect, test } from "vitest";
import { createDashboard, type Dashboard } from "../../web/mod.ts";
import { Store } from "../../web/page/store.ts";
import type { LedgerRow } from "../../web/protocol.ts";
import { TestClient } from "./_client.ts";
import { evaluatePaths, SHOPPERS } from "./_fixtures.ts";

const ROW: LedgerRow = {
  name: "per_second",
  step: "windowedReduce",
  in: 9,
  accepted: 7,
  filtered: 0,
  lateAtSource: 2,
  lateAtOperator: 0,
  dead: 0,
  out: 3,
};

let dashboard: Dashboard | undefined;
afterEach(async () => {
  await dashboard?.close();
});

test("a page is told the ledger when it comes and each time it changes", async () => {
  dashboard = await createDashboard({
    dashboard: SHOPPERS,
    epoch: "epoch-1",
    evaluate: evaluatePaths,
    limits: { flushMs: 5, closeMs: 200 },
  });
  const early = await new TestClient(dashboard.port).hello();
  expect((await early.next("ledger")).rows).toEqual([]);
  dashboard.setLedger([ROW]);
  expect((await early.next("ledger", ({ rows }) => rows.length > 0)).rows).toEqual([ROW]);
  const late = await new TestClient(dashboard.port).hello();
  expect((await late.next("ledger")).rows).toEqual([ROW]);
});

test("a view that was taken before keeps the ledger it had, for a page that is paused", () => {
  const store = new Store();
  store.apply({ type: "ledger", rows: [ROW] });
  const before = store.view();
  expect(store.apply({ type: "ledger", rows: [{ ...ROW, in: 10, accepted: 8 }] })).toBe("data");
  expect(before.ledger).toEqual([ROW]);
  expect(store.view().ledger[0]).toMatchObject({ in: 10, accepted: 8 });
});
