/** The command line as a child process, with stdout and stderr apart and a limit. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const MAIN = fileURLToPath(new URL("../../../runtime/cli/main.ts", import.meta.url));
const BIN = fileURLToPath(new URL("../../../runtime/cli/millrace.js", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const LIMIT_MS = 25_000;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface Cli {
  /** Resolves with stdout once it matches. */
  printed(pattern: RegExp): Promise<string>;
  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  /** What the process left; past the limit it is killed and the code is null. */
  readonly outcome: Promise<Outcome>;
}

const running = new Set<Cli>();
// A test that failed before it came to an end of its own leaves nothing behind.
afterAll(async () => {
  for (const { signal } of running) signal("SIGKILL");
  await Promise.all([...running].map(({ outcome }) => outcome));
});

/** Starts it in the checkout's root. */
export function startCli(args: readonly string[], limitMs = LIMIT_MS): Cli {
  const command =
    "Deno" in globalThis ? [process.execPath, "run", "-A", MAIN] : [process.execPath, BIN];
  const startedAt = performance.now();
  const child = spawn(command[0]!, [...command.slice(1), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  let wake: () => void = () => undefined;
  let ended = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const limit = setTimeout(() => signal("SIGKILL"), limitMs);
  const outcome = new Promise<Outcome>((resolve) => {
    child.once("close", (code) => {
      clearTimeout(limit);
      ended = true;
      wake();
      resolve({ code, stdout, stderr, ms: performance.now() - startedAt });
    });
  });
  // Not child.kill: Deno then reports the signal as what ended the child, whatever the child did.
  function signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    if (!ended && child.pid !== undefined) process.kill(child.pid, name);
  }
  const started: Cli = {
    outcome,
    signal,
    async printed(pattern) {
      while (!pattern.test(stdout)) {
        if (ended) throw new Error(`It ended before it printed ${pattern}:\n${stdout}${stderr}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return stdout;
    },
  };
  running.add(started);
  void outcome.then(() => running.delete(started));
  return started;
}

/** Runs it to its end. */
export function cli(...args: readonly string[]): Promise<Outcome> {
  return startCli(args).outcome;
}
