/**
 * The command line: finds the command, runs it, turns what it throws into an exit code.
 *
 *     0 ok, also after one SIGINT or SIGTERM · 1 user error · 2 usage · 3 dependency unreachable
 *     10 / 11 from `plan`: changes, changes that lose state
 *     130 / 143 on a second signal
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import { type Command, helpOf, parseCommand, UsageError } from "./command.ts";
import { CLEAR_LINE } from "./progress.ts";
import { DiagnosticsError } from "./topology_file.ts";

/** Each command is loaded when it is asked for: `check` does not wait for a broker's code. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  dev: {
    summary: "everything embedded in one process, watching the file",
    load: async () => (await import("./commands/dev.ts")).dev,
  },
  run: {
    summary: "run a topology against a Kafka and a registry",
    load: async () => (await import("./commands/run.ts")).run,
  },
  new: {
    summary: "write a topology to begin with, with its schema and tests",
    load: async () => (await import("./commands/new.ts")).create,
  },
  check: {
    summary: "say what is wrong with a topology file, and where",
    load: async () => (await import("./commands/check.ts")).check,
  },
  plan: {
    summary: "what running a topology would change, and what it would lose",
    load: async () => (await import("./commands/plan.ts")).plan,
  },
  describe: {
    summary: "show what a topology becomes, as text or as a diagram",
    load: async () => (await import("./commands/describe.ts")).describe,
  },
  test: {
    summary: "run the tests of definitions, without a broker",
    load: async () => (await import("./commands/test.ts")).test,
  },
  schema: {
    summary: "print the JSON Schema of definitions, for editors",
    load: async () => (await import("./commands/schema.ts")).schema,
  },
  types: {
    summary: "write the types of the functions that a topology uses",
    load: async () => (await import("./commands/types.ts")).types,
  },
  replay: {
    summary: "a file of records through the whole topology, and its results",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  tail: {
    summary: "show the decoded records of a stream",
    load: async () => (await import("./commands/tail.ts")).tail,
  },
  feed: {
    summary: "write the user log, from a file or generated, to its topic",
    load: async () => (await import("./commands/feed.ts")).feed,
  },
  dashboard: {
    summary: "the page alone, beside instances that run elsewhere",
    load: async () => (await import("./commands/dashboard.ts")).dashboard,
  },
  doctor: {
    summary: "what stands between this machine and a topology that runs",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  reset: {
    summary: "delete what an application has made, to begin from nothing",
    load: async () => (await import("./commands/reset.ts")).reset,
  },
  broker: {
    summary: "an embedded broker and registry, for development and tests",
    load: async () => (await import("./commands/broker.ts")).broker,
  },
};

/** How long a stopping process waits for what it has printed to be read. */
const STOP_PATIENCE_MS = 1000;

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs the command that `args` name and exits the process. */
export async function main(args: readonly string[]): Promise<void> {
  const stopping = new AbortController();
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(code);
      stopping.abort();
    });
  }
  // A closed pipe (`millrace tail | head`) is a clean end.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  const code = await execute(args, stopping.signal);
  // A slow reader of a pipe gets all of it: an exit drops what has not been taken yet.
  const taken = Promise.all([process.stdout, process.stderr].map(drained));
  // Who has asked it to stop is not kept waiting by one who does not read.
  await (stopping.signal.aborted ? Promise.race([taken, sleep(STOP_PATIENCE_MS)]) : taken);
  process.exit(code);
}

async function execute(args: readonly string[], signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    write(process.stdout, overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    write(process.stderr, `millrace: there is no command "${name}"\n\n${overview()}`);
    return 2;
  }
  const command = await entry.load();
  try {
    const settingsOf = "config" in command.options ? await loadSettings() : undefined;
    const { help, ...parsed } = parseCommand(command, rest, settingsOf);
    if (help) {
      write(process.stdout, helpOf(command));
      return 0;
    }
    return await command.run({
      ...parsed,
      signal,
      print: (line) => write(process.stdout, line),
      // Progress may stand on the line.
      note: (line) => write(process.stderr, process.stderr.isTTY ? CLEAR_LINE + line : line),
    });
  } catch (error) {
    // Told to stop while it waited for something.
    if (signal.aborted && error === signal.reason) return 0;
    if (error instanceof UsageError) {
      write(process.stderr, `millrace ${name}: ${error.message}\n\n${helpOf(command)}`);
      return 2;
    }
    if (error instanceof DiagnosticsError) {
      write(process.stderr, error.message);
      return 1;
    }
    if (error instanceof MillraceError) {
      write(process.stderr, `millrace ${name}: ${error.code} ${error.message}${placeOf(error)}`);
      return error.faultClass === "transient" ? 3 : 1;
    }
    write(process.stderr, `millrace ${name}: ${error instanceof Error ? error.stack : error}`);
    return 1;
  }
}

/** For the commands that go out into a network; the others do not wait for it. */
async function loadSettings() {
  const { readSettings } = await import("./settings.ts");
  return (config: string | undefined) => readSettings(config, process.env);
}

function placeOf({ where }: MillraceError): string {
  const parts = Object.entries(where).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? "" : `\n  at ${parts.join(", ")}`;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length)) + 2;
  return [
    "millrace <command> [options]",
    "",
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`),
    "",
    "millrace <command> --help tells the rest.",
  ].join("\n");
}

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`);
}

// Deno runs this file itself; Node comes through millrace.js.
if ((import.meta as { main?: boolean }).main === true && "Deno" in globalThis) {
  await main((globalThis as unknown as { Deno: { args: string[] } }).Deno.args);
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    stream.write("", () => done());
  });
}
