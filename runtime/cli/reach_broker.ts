/**
 * The first word with a Kafka: it answers soon, or the command gives up.
 *
 * @module
 */

import { createKafkaAdmin } from "../kafka/mod.ts";

const BROKER_WAIT_MS = 10_000;

/**
 * @throws {MillraceError} BROKER_UNREACHABLE after 10 s
 * @throws the signal's reason when aborted
 */
export async function reachBroker(brokers: readonly string[], signal: AbortSignal): Promise<void> {
  const admin = createKafkaAdmin({ brokers });
  try {
    await admin.waitForBroker(BROKER_WAIT_MS, signal);
  } finally {
    await admin.close();
  }
}
