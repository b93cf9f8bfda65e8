import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { tasks } = JSON.parse(readFileSync(`${ROOT}/deno.json`, "utf8")) as {
  tasks: Record<string, string>;
};

/** What the product may do under Deno: listen and connect on loopback, read the checkout, these names. */
const PERMISSIONS = [
  "--allow-net=127.0.0.1",
  "--allow-read=.",
  "--allow-env=NODE_ENV,KAFKAJS_*,WS_NO_*,LOG_TOKENS,LOG_STREAM",
];

describe("under Deno", () => {
  it.each(["start", "millrace"])("the task %s has these permissions and no more", (task) => {
    const flags = tasks[task]!.split(" ").filter((word) => word.startsWith("-"));
    expect(flags).toEqual(PERMISSIONS);
  });

  // Only there: the other runtime has no permissions to keep to.
  if ("Deno" in globalThis) {
    it("the product starts with them, without asking for another, and ends at one Ctrl-C", async () => {
      const child: ChildProcess = spawn(
        process.execPath,
        [
          "run",
          "--no-prompt",
          ...PERMISSIONS,
          "runtime/cli/main.ts",
          ...["dev", "--port", "0", "--broker-port", "0", "--registry-port", "0"],
        ],
        { cwd: ROOT },
      );
      let output = "";
      const exited = once(child, "exit");
      const started = new Promise<string>((resolve, reject) => {
        for (const stream of [child.stdout!, child.stderr!]) {
          stream.on("data", (chunk: Uint8Array) => {
            output += new TextDecoder().decode(chunk);
            const url = /dashboard +(http:\S+)/.exec(output)?.[1];
            if (url !== undefined && output.includes("stop ")) resolve(url);
          });
        }
        exited.then(() => reject(new Error(output)));
      });
      const url = await started;
      expect((await fetch(url)).status).toBe(200);
      // Not child.kill: Deno then reports the signal as what ended the child, whatever the child did.
      process.kill(child.pid!, "SIGINT");
      const [code] = await exited;
      expect([code, output]).toEqual([0, expect.not.stringMatching(/NotCapable|permission/i)]);
    });
  }
});
