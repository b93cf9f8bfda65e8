/**
 * What a command is: a name, options with their docs, and something to run.
 *
 * @module
 */

import { parseArgs } from "node:util";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** Shown after the name: `host:port`, `n`. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
}

export interface CommandContext {
  readonly positionals: readonly string[];
  /** Text of an option, its default where it has one. */
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** A whole number within bounds. @throws {UsageError} */
  number(name: string, lowest: number, highest: number): number | undefined;
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** For progress and problems: stderr. */
  readonly note: (line: string) => void;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** `<file>` … after the name. */
  readonly arguments: string;
  readonly positionals: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** @returns the exit code */
  run(context: CommandContext): Promise<number>;
}

/** Wrong use of the command line: exit code 2, with the command's help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function parseCommand(
  command: Command,
  args: readonly string[],
): Omit<CommandContext, "signal" | "print" | "note"> & { readonly help: boolean } {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        ...Object.fromEntries(
          Object.entries(command.options).map(([name, { type }]) => [name, { type }]),
        ),
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const help = values["help"] === true;
  const { least, most } = command.positionals;
  if (!help && (positionals.length < least || positionals.length > most)) {
    throw new UsageError(
      positionals.length < least
        ? `${command.name} needs ${command.arguments}`
        : `${command.name} does not take "${positionals[most]}"`,
    );
  }
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : command.options[name]?.default;
  };
  return {
    help,
    positionals,
    text,
    flag: (name) => values[name] === true,
    number: (name, lowest, highest) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const number = Number(value);
      if (value.trim() === "" || !Number.isInteger(number) || number < lowest || number > highest) {
        throw new UsageError(
          `--${name} takes a whole number from ${lowest} to ${highest}, got "${value}"`,
        );
      }
      return number;
    },
  };
}

export function helpOf(command: Command): string {
  const rows = Object.entries({
    ...command.options,
    help: { type: "boolean", help: "this text" } as OptionSpec,
  }).map(([name, option]) => {
    const left = `  --${name}${option.value === undefined ? "" : ` <${option.value}>`}`;
    const preset = option.default === undefined ? "" : ` (default ${option.default})`;
    return [left, `${option.help}${preset}`] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    `millrace ${command.name} ${command.arguments}`.trimEnd(),
    "",
    `  ${command.summary}`,
    "",
    ...rows.map(([left, right]) => left.padEnd(width) + right),
  ].join("\n");
}
