/** Wrong use and help: what a person reads, and the exit codes of the process. */

import { describe, expect, it } from "vitest";
import { type Command, helpOf, parseCommand, UsageError } from "../../../runtime/cli/command.ts";
import { broker } from "../../../runtime/cli/commands/broker.ts";
import { check } from "../../../runtime/cli/commands/check.ts";
import { dashboard } from "../../../runtime/cli/commands/dashboard.ts";
import { dev } from "../../../runtime/cli/commands/dev.ts";
import { doctor } from "../../../runtime/cli/commands/doctor.ts";
import { feed } from "../../../runtime/cli/commands/feed.ts";
import { replay } from "../../../runtime/cli/commands/replay.ts";
import { reset } from "../../../runtime/cli/commands/reset.ts";
import { run } from "../../../runtime/cli/commands/run.ts";
import { tail } from "../../../runtime/cli/commands/tail.ts";
import { test } from "../../../runtime/cli/commands/test.ts";
import { cli } from "./_cli.ts";

const COMMANDS = [dev, run, check, test, replay, tail, feed, dashboard, doctor, reset, broker];
const DOUBLE11 = "topology/double11.yaml";

/** What the command says about wrong use; anything else is thrown. */
async function refusal(command: Command, args: readonly string[]): Promise<string> {
  try {
    const { help, ...parsed } = parseCommand(command, args);
    const ignore = (): void => undefined;
    // Aborted: a command that finds nothing wrong ends where it would wait.
    await command.run({ ...parsed, signal: AbortSignal.abort(), print: ignore, note: ignore });
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("it found nothing wrong");
}

describe("the command line", () => {
  it("lists every command, on stdout, with 0 when asked and with 2 when not", async () => {
    const [asked, bare] = await Promise.all([cli("--help"), cli()]);
    for (const { name } of COMMANDS) {
      expect(asked.stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, "m"));
    }
    expect([asked.code, asked.stderr]).toEqual([0, ""]);
    expect([bare.code, bare.stdout]).toEqual([2, asked.stdout]);
  });

  it("shows a command's help on stdout, with 0", async () => {
    const { code, stdout, stderr } = await cli("run", "nothing", "too", "much", "--help");
    expect([code, stdout, stderr]).toEqual([0, `${helpOf(run)}\n`, ""]);
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    "%s --help tells every option with its meaning",
    (name, command) => {
      const help = helpOf(command);
      expect(parseCommand(command, ["--help"]).help).toBe(true);
      expect(help).toMatch(new RegExp(`^millrace ${name}`));
      for (const option of [...Object.keys(command.options), "help"]) {
        expect(help).toMatch(new RegExp(`^ {2}--${option}( <[^>]+>)? +\\w`, "m"));
      }
    },
  );

  it.each([
    [check, [], "check needs <file>"],
    [check, ["a.yaml", "b.yaml"], 'check does not take "b.yaml"'],
    [check, ["a.yaml", "--frobnicate"], "'--frobnicate'"],
    [run, [DOUBLE11, "--brokers", "localhost"], '--brokers takes host:port, got "localhost"'],
    [run, [DOUBLE11, "--brokers", "a:1,b"], '--brokers takes host:port, got "a:1,b"'],
    [
      run,
      [DOUBLE11, "--session-timeout", "10"],
      '--session-timeout takes a whole number from 500 to 1800000, got "10"',
    ],
    [run, [DOUBLE11, "--port", "65536"], "--port takes a whole number from 0 to 65535"],
    [run, [DOUBLE11, "--port", ""], "--port takes a whole number"],
    [run, [DOUBLE11, "--port", "1.5"], "--port takes a whole number"],
    [feed, [], "feed takes a file or --generate"],
    [feed, ["data/user_log_sample.csv", "--generate"], "feed takes a file or --generate"],
    [feed, ["data/missing.csv"], "there is no file data/missing.csv"],
    [feed, ["--generate", "--rate", "often"], "--rate takes a whole number"],
    [feed, ["--generate", "--stream", "shoppers"], 'no source "shoppers"; there is user_log'],
    [tail, [], "tail takes a stream or --ledger"],
    [tail, ["shoppers", "--ledger"], "tail takes a stream or --ledger"],
    [tail, ["elsewhere"], 'no stream "elsewhere"; there is user_log, shoppers, late_shoppers'],
    [tail, ["shoppers", "--until", "0"], "--until takes a whole number from 1"],
    [broker, ["--broker-port", "x"], "--broker-port takes a whole number"],
  ] as const)("$0.name refuses $1", async (command, args, reason) => {
    expect(await refusal(command, args)).toContain(reason);
  });

  it.each([
    [["nonsense"], 'millrace: there is no command "nonsense"'],
    [["constructor"], 'millrace: there is no command "constructor"'],
    [["feed"], "millrace feed: feed takes a file or --generate"],
  ])("exits with 2 for %j and says why on stderr, with the help", async (args, reason) => {
    const { code, stdout, stderr } = await cli(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.startsWith(`${reason}\n\nmillrace `)).toBe(true);
  });

  it("exits with 1 for a definition that is not there, and names it", async () => {
    const { code, stdout, stderr } = await cli("run", "topology/missing.yaml");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^millrace: cannot read topology\/missing\.yaml: /);
  });
});
