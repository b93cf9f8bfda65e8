/** Clients of a scripted broker, with short waits. */

import { MillraceError } from "../../../runtime/fault/mod.ts";
import { ClusterClient } from "../../../runtime/kafka/cluster.ts";
import { type KafkaSettings, resolveOptions } from "../../../runtime/kafka/options.ts";
import type { ScriptedBroker } from "./_scripted_broker.ts";

export function clientOf(
  broker: ScriptedBroker,
  settings: Partial<KafkaSettings> = {},
): ClusterClient {
  return new ClusterClient(
    resolveOptions({
      brokers: [broker.address],
      fetchWaitMs: 10,
      requestTimeoutMs: 1_000,
      retryTimeoutMs: 2_000,
      ...settings,
    }),
  );
}

/** The error that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<MillraceError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error("did not fail");
}
