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

/** Who we are to Kafka and the registry; never an option, which others on the machine can see. */
export interface Credentials {
  /** TLS to the brokers; PEM texts. */
  readonly ssl?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  };
  readonly registry?: { readonly username: string; readonly password: string };
}

/** What stands behind the options that were not given. */
export interface Settings {
  /** By names of options. */
  readonly options: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
}

const NO_SETTINGS: Settings = { options: {}, credentials: {} };

export interface CommandContext {
  readonly positionals: readonly string[];
  readonly credentials: Credentials;
  /** Text of an option: as given, else as configured, else its default. */
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
  settingsOf: (config: string | undefined) => Settings = () => NO_SETTINGS,
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
  const given = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  // Asking for help needs no configuration that is right.
  const settings = help ? NO_SETTINGS : settingsOf(given("config"));
  const text = (name: string): string | undefined => {
    const { options } = settings;
    const configured = Object.hasOwn(options, name) ? options[name] : undefined;
    return given(name) ?? configured ?? command.options[name]?.default;
  };
  return {
    help,
    positionals,
    credentials: settings.credentials,
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
