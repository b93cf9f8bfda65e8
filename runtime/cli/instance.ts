/**
 * An engine on a Kafka, with everything that has to be closed after it.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import {
  Engine,
  type EngineEvent,
  type Functions,
  type SchemaSource,
  type SnapshotStore,
} from "../engine/mod.ts";
import { accessOf, type ClusterAccess, createKafkaLog, systemClock } from "../kafka/mod.ts";

export interface InstanceOptions extends ClusterAccess {
  readonly plan: Plan;
  readonly functions: Functions;
  readonly schemas: SchemaSource;
  readonly sessionTimeoutMs?: number | undefined;
  readonly stateBytes?: number | undefined;
  /** Where snapshots of tasks are kept. @default nowhere */
  readonly snapshots?: SnapshotStore | undefined;
  readonly snapshotIntervalMs?: number | undefined;
  readonly onEvent: (event: EngineEvent) => void;
}

export interface Instance {
  readonly engine: Engine;
  /** Ends when the engine was stopped; rejects with what made it fail. */
  readonly done: Promise<void>;
  /** Commits, leaves the group, closes the connections. Idempotent; never rejects. */
  stop(): Promise<void>;
}

/** @throws {MillraceError} what keeps the engine from starting; nothing is left open then */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { plan, functions, schemas, sessionTimeoutMs, stateBytes, onEvent } = options;
  const { snapshots, snapshotIntervalMs } = options;
  const log = createKafkaLog({
    ...accessOf(options),
    ...(sessionTimeoutMs === undefined
      ? {}
      : { sessionTimeoutMs, heartbeatMs: Math.max(100, Math.floor(sessionTimeoutMs / 3)) }),
  });
  let engine: Engine;
  try {
    engine = await Engine.start({
      plan,
      functions,
      log,
      schemas,
      clock: systemClock,
      onEvent,
      ...(stateBytes === undefined ? {} : { stateBytes }),
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(snapshotIntervalMs === undefined ? {} : { snapshotIntervalMs }),
    });
  } catch (error) {
    await log.close();
    throw error;
  }
  const done = engine.run().finally(() => log.close());
  return {
    engine,
    done,
    async stop() {
      engine.stop();
      await done.catch(() => undefined);
    },
  };
}
