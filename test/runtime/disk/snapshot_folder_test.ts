import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SnapshotFolder } from "../../../runtime/disk/mod.ts";

let folder: string;
const LOCK = () => join(folder, "shop", "lock");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a folder is one owner's until it is given back", async () => {
  const first = await SnapshotFolder.open(folder, "shop");
  await expect(SnapshotFolder.open(folder, "shop")).rejects.toMatchObject({ code: "STATE_LOCKED" });
  const other = await SnapshotFolder.open(folder, "mill");
  await first.close();
  const second = await SnapshotFolder.open(folder, "shop");
  await Promise.all([other.close(), second.close()]);
});

test("the lock of a process that lives is kept", async () => {
  await (await SnapshotFolder.open(folder, "shop")).close();
  await writeFile(LOCK(), JSON.stringify({ pid: process.ppid, host: hostname(), started: "" }));
  await expect(SnapshotFolder.open(folder, "shop")).rejects.toMatchObject({
    code: "STATE_LOCKED",
    message: expect.stringContaining(`process ${process.ppid}`),
  });
});

test("the lock of a process that is gone is taken over", async () => {
  await (await SnapshotFolder.open(folder, "shop")).close();
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  await writeFile(LOCK(), JSON.stringify({ pid: child.pid, host: hostname(), started: "" }));
  const taken = await SnapshotFolder.open(folder, "shop");
  await taken.close();
  expect(await readdir(join(folder, "shop"))).toEqual([]);
});

test("so is one that an earlier process of our number has left", async () => {
  await (await SnapshotFolder.open(folder, "shop")).close();
  await writeFile(LOCK(), JSON.stringify({ pid: process.pid, host: hostname(), started: "1" }));
  await (await SnapshotFolder.open(folder, "shop")).close();
});

test("another host's lock is taken over when it was not touched for a minute", async () => {
  await (await SnapshotFolder.open(folder, "shop")).close();
  await writeFile(LOCK(), JSON.stringify({ pid: 1, host: "elsewhere", started: "1" }));
  await expect(SnapshotFolder.open(folder, "shop")).rejects.toMatchObject({ code: "STATE_LOCKED" });
  const before = new Date(Date.now() - 61_000);
  await utimes(LOCK(), before, before);
  await (await SnapshotFolder.open(folder, "shop")).close();
});

test("a discarded snapshot stays beside, under another name", async () => {
  const store = await SnapshotFolder.open(folder, "shop");
  await store.write("counted/3", [Uint8Array.of(1)]);
  await store.discard("counted/3");
  expect(await readdir(join(folder, "shop", "counted-3"))).toEqual(["snapshot.bad"]);
  await store.close();
});

test("what a crash has left of a write is no snapshot", async () => {
  const store = await SnapshotFolder.open(folder, "shop");
  await store.write("counted/3", [Uint8Array.of(1)]);
  await writeFile(join(folder, "shop", "counted-3", "snapshot.part"), "half");
  const stored = await store.open("counted/3");
  expect(stored!.leftBytes).toBe(1);
  await stored!.close();
  await store.close();
});
