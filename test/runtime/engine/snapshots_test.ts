import { expect, test } from "vitest";
import type { EngineEvent } from "../../../runtime/engine/mod.ts";
import {
  MemorySnapshots,
  TestDriver,
  type TestDriverOptions,
} from "../../../runtime/testing/mod.ts";
import { crc32c } from "../../../runtime/wire/mod.ts";
import { define, reduce, results } from "./_driver.ts";

const DAY_MS = 86_400_000;

interface Seen {
  readonly driver: TestDriver;
  readonly snapshots: MemorySnapshots;
  /** Of the last start. */
  assigned(): Extract<EngineEvent, { readonly kind: "assigned" }>;
  readonly discarded: string[];
}

async function open(options: Partial<TestDriverOptions> = {}): Promise<Seen> {
  const snapshots = new MemorySnapshots();
  const events: EngineEvent[] = [];
  const discarded: string[] = [];
  const driver = await TestDriver.open({
    plan: define({
      source: "key: string, idle: never",
      stages: reduce({
        window: "{ tumbling: 1000s, grace: 0s }",
        value: "{ n: count(), all: 'collect(value.n, 100)' }",
      }),
    }),
    snapshots,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === "snapshot" && event.task === TASK) discarded.push(event.reason);
    },
    ...options,
  });
  return {
    driver,
    snapshots,
    assigned: () => events.findLast((event) => event.kind === "assigned")!,
    discarded,
  };
}

async function send(driver: TestDriver, keys: readonly string[], atMs: number): Promise<void> {
  await driver.send(
    "s",
    keys.map((key, n) => ({ key, atMs, value: { n } })),
  );
}

/** Name of the one task that has windows. */
const TASK = "counted/0";

test("a clean stop leaves a snapshot that the next start needs nothing of the changelog beside", async () => {
  const { driver, assigned, discarded } = await open();
  await send(driver, ["a", "b", "a"], 1000);
  await driver.restart("clean");
  expect(assigned()).toMatchObject({ restoredEntries: 0, snapshotEntries: 2 });
  await send(driver, ["a", "end"], 2_000_000);
  expect(await results(driver)).toEqual(['a 0 {"n":2,"all":[0,2]}', 'b 0 {"n":1,"all":[1]}']);
  expect(discarded).toEqual([]);
});

test("a crash after a periodic snapshot reads only what was committed since", async () => {
  const { driver, assigned } = await open({ snapshotIntervalMs: 8000 });
  await send(driver, ["a", "b"], 1000);
  await driver.wait(10_000);
  await send(driver, ["c"], 12_000);
  await driver.wait(1000);
  await driver.restart("crash");
  expect(assigned()).toMatchObject({ restoredEntries: 1, snapshotEntries: 2 });
  await send(driver, ["end"], 2_000_000);
  expect((await results(driver)).map((line) => line.slice(0, 9))).toEqual([
    'a 0 {"n":',
    'b 0 {"n":',
    'c 0 {"n":',
  ]);
});

test("nothing is written again while nothing changes", async () => {
  const { driver, snapshots } = await open({ snapshotIntervalMs: 1000 });
  await send(driver, ["a"], 1000);
  await driver.wait(5000);
  const first = snapshots.files.get(TASK);
  expect(first).toBeDefined();
  await driver.wait(20_000);
  expect(snapshots.files.get(TASK)).toBe(first);
});

test.each([
  ["one bit flipped", (file: Uint8Array) => flip(file, file.length - 5), /checksum is wrong/],
  ["one bit of its head flipped", (file: Uint8Array) => flip(file, 40), /checksum is wrong/],
  ["cut off", (file: Uint8Array) => file.slice(0, file.length - 1), /cut off/],
  ["cut off in its head", (file: Uint8Array) => file.slice(0, 30), /cut off/],
  ["empty", () => new Uint8Array(0), /does not begin/],
  ["garbage", () => new Uint8Array(1000).fill(77), /does not begin/],
  ["with more behind it", (file: Uint8Array) => Uint8Array.of(...file, 0), /behind its end/],
])("a snapshot that is %s is discarded, and the changelog read", async (_, damage, reason) => {
  const { driver, snapshots, assigned, discarded } = await open();
  await send(driver, ["a", "b"], 1000);
  await driver.instances(0, "clean");
  snapshots.files.set(TASK, damage(snapshots.files.get(TASK)!));
  await driver.instances(1, "clean");
  expect(assigned()).toMatchObject({ restoredEntries: 2, snapshotEntries: 0 });
  expect(discarded.join()).toMatch(reason);
  await send(driver, ["end"], 2_000_000);
  expect(await results(driver)).toHaveLength(2);
});

test("a snapshot is refused once the changelog may have forgotten tombstones", async () => {
  for (const [ageMs, usable] of [
    [DAY_MS - 3_600_000, true],
    [DAY_MS - 3_600_000 + 1, false],
  ] as const) {
    const { driver, assigned, discarded } = await open();
    await send(driver, ["a", "b"], 1000);
    await driver.instances(0, "clean");
    driver.clock.moveTo(driver.clock.now() + ageMs);
    await driver.instances(1, "clean");
    expect(assigned().snapshotEntries).toBe(usable ? 2 : 0);
    expect(assigned().restoredEntries).toBe(usable ? 0 : 2);
    expect(discarded.length).toBe(usable ? 0 : 1);
  }
});

test.each([
  ["of another stage", { fingerprint: "{}" }, /another one/],
  ["of another topic of that name", { topicId: "other" }, /made anew/],
  ["beyond the changelog's end", { offset: 1_000_000 }, /the changelog holds/],
  ["of another partition", { partition: 3 }, /it is of/],
  ["of another version", { version: 99 }, /version is 99/],
  ["of another byte order", { byteOrder: "middle" }, /middle endian/],
])("a snapshot that is %s is discarded", async (_, changed, reason) => {
  const { driver, snapshots, assigned, discarded } = await open();
  await send(driver, ["a"], 1000);
  await driver.instances(0, "clean");
  snapshots.files.set(TASK, withHead(snapshots.files.get(TASK)!, changed));
  await driver.instances(1, "clean");
  expect(discarded.join()).toMatch(reason);
  expect(assigned()).toMatchObject({ restoredEntries: 1, snapshotEntries: 0 });
});

test("a snapshot whose positions fit no committed offsets is discarded", async () => {
  const { driver, snapshots, assigned, discarded } = await open();
  await send(driver, ["a"], 1000);
  await driver.restart("clean");
  const old = snapshots.files.get(TASK)!;
  await send(driver, ["b"], 1001);
  await driver.instances(0, "clean");
  // As if its end of the changelog had been noted wrong: the commit of `b` is not in it.
  const { endOffset } = driver.cluster.partition({ topic: "t-counted-changelog", partition: 0 });
  snapshots.files.set(TASK, withHead(old, { offset: endOffset }));
  await driver.instances(1, "clean");
  expect(discarded.join()).toMatch(/no entry of it belongs to the committed offsets/);
  expect(assigned()).toMatchObject({ restoredEntries: 2, snapshotEntries: 0 });
});

function flip(file: Uint8Array, at: number): Uint8Array {
  const flipped = file.slice();
  flipped[at]! ^= 1;
  return flipped;
}

/** The same with other facts in its head, and a checksum to them. */
function withHead(file: Uint8Array, changed: Readonly<Record<string, unknown>>): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(8);
  const head = JSON.parse(new TextDecoder().decode(file.subarray(16, 16 + length)));
  const bytes = new TextEncoder().encode(JSON.stringify({ ...head, ...changed }));
  const frame = new DataView(new ArrayBuffer(8));
  frame.setUint32(0, bytes.length);
  frame.setUint32(4, crc32c(bytes));
  const magic = file.subarray(0, 8);
  return Uint8Array.of(
    ...magic,
    ...new Uint8Array(frame.buffer),
    ...bytes,
    ...file.subarray(16 + length),
  );
}
