/** What every `SnapshotStore` does. */

import { describe, expect, test } from "vitest";
import type { SnapshotStore } from "../../runtime/engine/mod.ts";

const A = Uint8Array.of(1, 2, 3);
const B = Uint8Array.of(4, 5);

export interface OpenStore {
  readonly store: SnapshotStore;
  close(): Promise<void>;
}

export function describeSnapshotStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`snapshots ${name}`, () => {
    test("are not there before they are written", async () => {
      await using(open, async (store) => {
        expect(await read(store, "s/0")).toBeUndefined();
      });
    });

    test("come back as the parts were, one behind the other", async () => {
      await using(open, async (store) => {
        await store.write("s/0", [A, new Uint8Array(0), B]);
        await store.write("s/10", [B]);
        expect(await read(store, "s/0")).toEqual([1, 2, 3, 4, 5]);
        expect(await read(store, "s/10")).toEqual([4, 5]);
      });
    });

    test("are replaced whole", async () => {
      await using(open, async (store) => {
        await store.write("s/0", [A, B]);
        await store.write("s/0", [B]);
        expect(await read(store, "s/0")).toEqual([4, 5]);
      });
    });

    test("that are being read stay as they were while they are replaced", async () => {
      await using(open, async (store) => {
        await store.write("s/0", [A, B]);
        const stored = (await store.open("s/0"))!;
        await store.write("s/0", [B]);
        const bytes = new Uint8Array(5);
        expect(await stored.fill(bytes)).toBe(true);
        expect([...bytes]).toEqual([1, 2, 3, 4, 5]);
        await stored.close();
      });
    });

    test("say what is left, and do not fill what is more", async () => {
      await using(open, async (store) => {
        await store.write("s/0", [A]);
        const stored = (await store.open("s/0"))!;
        expect(stored.leftBytes).toBe(3);
        expect(await stored.fill(new Uint8Array(2))).toBe(true);
        expect(stored.leftBytes).toBe(1);
        expect(await stored.fill(new Uint8Array(2))).toBe(false);
        await stored.close();
      });
    });

    test("are gone when they are discarded, as often as that is", async () => {
      await using(open, async (store) => {
        await store.write("s/0", [A]);
        await store.discard("s/0");
        await store.discard("s/0");
        expect(await read(store, "s/0")).toBeUndefined();
      });
    });

    test("hold more than is written at once", async () => {
      await using(open, async (store) => {
        const much = new Uint8Array(9 * 1024 * 1024 + 1).fill(7);
        await store.write("s/0", [A, much]);
        const stored = (await store.open("s/0"))!;
        const bytes = new Uint8Array(3 + much.length);
        expect(await stored.fill(bytes)).toBe(true);
        expect(bytes.at(-1)).toBe(7);
        await stored.close();
      });
    });
  });
}

async function using(
  open: () => Promise<OpenStore>,
  body: (store: SnapshotStore) => Promise<void>,
): Promise<void> {
  const { store, close } = await open();
  try {
    await body(store);
  } finally {
    await close();
  }
}

async function read(store: SnapshotStore, task: string): Promise<number[] | undefined> {
  const stored = await store.open(task);
  if (stored === undefined) return undefined;
  const bytes = new Uint8Array(stored.leftBytes);
  expect(await stored.fill(bytes)).toBe(true);
  await stored.close();
  return [...bytes];
}
