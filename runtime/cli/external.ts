/**
 * The Kafka and the registry that a command works with, as its options name them.
 *
 * @module
 */

import type { SchemaSource } from "../engine/mod.ts";
import { accessOf, type ClusterAccess, createKafkaAdmin } from "../kafka/mod.ts";
import { createRegistryClient, type RegistryClient } from "../registry/mod.ts";
import { type CommandContext, UsageError } from "./command.ts";

const BROKER_WAIT_MS = 10_000;

type Settings = Pick<CommandContext, "text" | "credentials">;

export interface External extends ClusterAccess {
  readonly schemas: SchemaSource;
}

/**
 * The first word with a Kafka: it answers soon, or the command gives up. The registry is not
 * asked before there is something to ask.
 *
 * @throws {UsageError} what an option says is no address
 * @throws {MillraceError} BROKER_UNREACHABLE after 10 s
 * @throws the signal's reason when aborted
 */
export async function reachExternal({
  signal,
  ...context
}: Pick<CommandContext, "text" | "credentials" | "signal">): Promise<External> {
  const access = accessFrom(context);
  const schemas = registryOf(context);
  const admin = createKafkaAdmin(access);
  try {
    await admin.waitForBroker(BROKER_WAIT_MS, signal);
  } finally {
    await admin.close();
  }
  return { ...access, schemas };
}

/** The registry that `--registry` names. @throws {MillraceError} INVALID_OPTION for what is no URL */
export function registryOf({ text, credentials }: Settings): RegistryClient {
  const { registry: auth } = credentials;
  return createRegistryClient({ url: text("registry")!, ...(auth !== undefined && { auth }) });
}

/** The Kafka that `--brokers` names. @throws {UsageError} */
export function accessFrom({ text, credentials: { ssl, sasl } }: Settings): ClusterAccess {
  const brokers = parseBrokers(text("brokers")!);
  return accessOf({ brokers, ...(ssl && { ssl }), ...(sasl && { sasl }) });
}

/** `host:port`, several with commas. @throws {UsageError} */
function parseBrokers(text: string): readonly string[] {
  const brokers = text.split(",").map((part) => part.trim());
  if (brokers.some((broker) => !/^([^\s:,]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(broker))) {
    throw new UsageError(`--brokers takes host:port, got "${text}"`);
  }
  return brokers;
}
