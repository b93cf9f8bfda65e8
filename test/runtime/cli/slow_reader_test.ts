/** What a command prints is read whole, however slowly. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const MAIN = fileURLToPath(new URL("../../../runtime/cli/main.ts", import.meta.url));
const BIN = fileURLToPath(new URL("../../../runtime/cli/millrace.js", import.meta.url));

test("a pipe that is read late gets everything", async () => {
  const command =
    "Deno" in globalThis ? [process.execPath, "run", "-A", MAIN] : [process.execPath, BIN];
  const parameters = ["replay", "topology/purchases.yaml", "--json"];
  const child = spawn(
    command[0]!,
    [...command.slice(1), ...parameters, "--file", "data/user_log_sample.csv"],
    { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
  );
  child.stdout.setEncoding("utf8");
  await once(child.stdout, "readable");
  // Long enough for it to have written all that a pipe takes, and to think of its end.
  await new Promise((done) => setTimeout(done, 1500));
  const closed = once(child, "close");
  let text = "";
  for await (const part of child.stdout) text += part;
  expect(await closed).toEqual([0, null]);
  // More than a pipe holds.
  expect(text.length).toBeGreaterThan(300_000);
  expect(Object.keys(JSON.parse(text))).toEqual(["results", "ledger", "seconds"]);
}, 60_000);
