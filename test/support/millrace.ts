/**
 * The command line as a child process, under the runtime that runs the tests.
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url));
const BIN = fileURLToPath(new URL("../../runtime/cli/millrace.js", import.meta.url));

export interface Millrace {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything written so far. */
  output(): string;
  /** Resolves with the match once the output matches. */
  saw(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
  /** Resolves when it has ended. */
  readonly exited: Promise<unknown>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>;
}

/** @param entry script to run instead of the checkout's own, such as a bundle of it */
export function millrace(args: readonly string[], cwd?: string, entry?: string): Millrace {
  const command =
    "Deno" in globalThis
      ? [process.execPath, "run", "-A", entry ?? MAIN]
      : [process.execPath, entry ?? BIN];
  const child = spawn(command[0]!, [...command.slice(1), ...args], { cwd });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    exited,
    output: () => text,
    saw: (pattern, limitMs = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => finish(() => reject(new Error(`Never saw ${pattern} in:\n${text}`))),
          limitMs,
        );
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          settle();
        };
        const look = (): void => {
          const match = pattern.exec(text);
          if (match !== null) finish(() => resolve(match));
        };
        listeners.add(look);
        exited.then(([code]) => finish(() => reject(new Error(`Exit ${code}:\n${text}`))));
        look();
      }),
    async stop(signal = "SIGINT") {
      const started = performance.now();
      // Not child.kill: Deno then reports the signal as what ended the child, whatever the child did.
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid!, signal);
      const [code] = await exited;
      return { code, ms: performance.now() - started };
    },
  };
}
