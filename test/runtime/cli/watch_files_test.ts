import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { watchFiles } from "../../../runtime/cli/watch_files.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "millrace-watch-"));

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

test("what was saved between reading and watching is not missed", async () => {
  const file = join(FOLDER, "a.yaml");
  writeFileSync(file, "a");
  const readAtMs = 1_700_000_000_000;
  utimesSync(file, readAtMs / 1000 - 1, readAtMs / 1000 - 1);
  const unchanged = vi.fn(async () => undefined);
  const quiet = watchFiles([file], unchanged, readAtMs);
  await new Promise((done) => setTimeout(done, 300));
  quiet.close();
  expect(unchanged).not.toHaveBeenCalled();

  utimesSync(file, readAtMs / 1000 + 1, readAtMs / 1000 + 1);
  const changed = vi.fn(async () => undefined);
  const watcher = watchFiles([file, join(FOLDER, "gone.yaml")], changed, readAtMs);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
  watcher.close();
});

test("what was saved before it was watched, because it is read from now on, is not missed", async () => {
  const [first, second] = [join(FOLDER, "first.yaml"), join(FOLDER, "other", "second.yaml")];
  mkdirSync(join(FOLDER, "other"));
  writeFileSync(first, "1");
  let runs = 0;
  const watcher = watchFiles(
    [first],
    async () => {
      // It is read, then saved, then watched.
      if (++runs === 1) writeFileSync(second, "2");
      watcher.watch([first, second]);
    },
    Date.now() + 1000,
  );
  writeFileSync(first, "2");
  await vi.waitFor(() => expect(runs).toBe(2));
  watcher.close();
});
