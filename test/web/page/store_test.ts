import { describe, expect, test } from "vitest";
import { mergeRows, Store } from "../../../web/page/store.ts";
import type { Delta, ServerHello, Snapshot, WindowRow } from "../../../web/protocol.ts";

const HELLO: ServerHello = {
  type: "hello",
  run: "run-1",
  epoch: "epoch-1",
  title: "t",
  charts: [{ id: "chart-0", stream: "s", points: 3, missing: "zero", as: "line", labels: {} }],
  counters: [{ id: "counter-0", stream: "s", labels: {} }],
  heartbeatMs: 5_000,
};

function rows(...starts: number[]): WindowRow[] {
  return starts.map((start) => ({ start, end: start + 1, values: { a: start } }));
}

function snapshot(seq: number, full: boolean, ...starts: number[]): Snapshot {
  const positions = { s: [seq] };
  const charts = { "chart-0": rows(...starts) };
  return { type: "snapshot", seq, full, positions, conflated: 0, charts, counters: {} };
}

function delta(since: number, seq: number, ...starts: number[]): Delta {
  const charts = { "chart-0": rows(...starts) };
  return { type: "delta", since, seq, positions: { s: [seq] }, charts, counters: {} };
}

const startsOf = (store: Store) =>
  store
    .view()
    .rows.get("chart-0")
    ?.map(({ start }) => start);

describe("store", () => {
  test("a snapshot, then deltas, the newest windows kept", () => {
    const store = new Store();
    expect(store.apply(HELLO)).toBe("layout");
    expect(store.apply(snapshot(4, true, 1, 2))).toBe("data");
    expect(store.apply(delta(4, 5, 3, 4))).toBe("data");
    expect(startsOf(store)).toEqual([2, 3, 4]);
    expect(store.cursor).toEqual({ run: "run-1", epoch: "epoch-1", seq: 5, positions: { s: [5] } });
  });

  test("a delta that does not follow is a gap and changes nothing", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1));
    expect(store.apply(delta(5, 6, 2))).toBe("gap");
    expect(startsOf(store)).toEqual([1]);
    expect(store.cursor?.seq).toBe(4);
  });

  test("a heartbeat ahead of what was received is a gap", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1));
    expect(store.apply({ type: "heartbeat", seq: 4, now: 0 })).toBe("other");
    expect(store.apply({ type: "heartbeat", seq: 5, now: 0 })).toBe("gap");
  });

  test("a restarted server's hello keeps the old points until its snapshot is there", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1, 2));
    expect(store.apply({ ...HELLO, run: "run-2" })).toBe("other");
    expect(store.apply({ type: "heartbeat", seq: 900, now: 0 })).toBe("other");
    expect(startsOf(store)).toEqual([1, 2]);
    expect(store.cursor?.run).toBe("run-1");
    store.apply(snapshot(1, true, 2, 3));
    expect(startsOf(store)).toEqual([2, 3]);
    expect(store.cursor).toMatchObject({ run: "run-2", seq: 1 });
  });

  test("another epoch starts over", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1, 2));
    expect(store.apply({ ...HELLO, epoch: "epoch-2" })).toBe("layout");
    expect(startsOf(store)).toBeUndefined();
    expect(store.cursor).toBeUndefined();
  });

  test("a partial snapshot adds to what is there, a full one replaces it", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1, 2));
    store.apply(snapshot(5, false, 3));
    expect(startsOf(store)).toEqual([1, 2, 3]);
    store.apply(snapshot(6, true, 9));
    expect(startsOf(store)).toEqual([9]);
  });

  test("a view taken before (a pause) does not change", () => {
    const store = new Store();
    store.apply(HELLO);
    store.apply(snapshot(4, true, 1));
    const frozen = store.view();
    store.apply(delta(4, 5, 2));
    expect(frozen.rows.get("chart-0")?.map(({ start }) => start)).toEqual([1]);
  });

  test("counters replace changed series and keep the others", () => {
    const store = new Store();
    const value = (total: number) => ({ newest: 1, window: [0, 1] as const, total });
    store.apply(HELLO);
    store.apply({ ...snapshot(1, true), counters: { "counter-0": { a: value(1), b: value(2) } } });
    store.apply({ ...delta(1, 2), counters: { "counter-0": { b: value(5) } } });
    expect(store.view().counters.get("counter-0")).toEqual({ a: value(1), b: value(5) });
  });

  test("diagnostics come and go", () => {
    const store = new Store();
    const fault = {
      code: "C",
      severity: "error",
      file: "f",
      line: 1,
      column: 1,
      message: "m",
    } as const;
    store.apply({ type: "diagnostics", list: [fault] });
    expect(store.diagnostics).toEqual([fault]);
    store.apply({ type: "diagnostics", list: [] });
    expect(store.diagnostics).toEqual([]);
  });
});

test("merging the same rows twice is merging them once", () => {
  const once = mergeRows(rows(1, 2), rows(2, 3), 3);
  expect(mergeRows(once, rows(2, 3), 3)).toEqual(once);
});
