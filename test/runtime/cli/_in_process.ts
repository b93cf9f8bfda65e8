/** A command in this process: what it prints, and its exit code. */

import { type Command, parseCommand } from "../../../runtime/cli/command.ts";

export async function runCommand(command: Command, ...args: readonly string[]) {
  const { help: _, ...parsed } = parseCommand(command, args);
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await command.run({
    ...parsed,
    signal: new AbortController().signal,
    print: (line) => void stdout.push(line),
    note: (line) => void stderr.push(line),
  });
  return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
}
