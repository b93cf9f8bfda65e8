/** The port's implementations. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnapshotFolder } from "../../runtime/disk/mod.ts";
import { MemorySnapshots } from "../../runtime/testing/mod.ts";
import { describeSnapshotStore } from "./snapshot_store_contract.ts";

describeSnapshotStore("in memory", async () => ({
  store: new MemorySnapshots(),
  close: async () => {},
}));

describeSnapshotStore("in a folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-"));
  const store = await SnapshotFolder.open(folder, "shop");
  return {
    store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
