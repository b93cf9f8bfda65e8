/**
 * The embedded broker and registry, side by side.
 *
 * @module
 */

import { createBroker } from "../broker/mod.ts";
import { createRegistryServer } from "../registry/mod.ts";
import { onPort } from "./on_port.ts";

export interface Embedded {
  /** `host:port`. */
  readonly broker: string;
  /** Base URL. */
  readonly registry: string;
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly host: string;
  /** Fixed port, or undefined: the usual one, or a free one where that is taken. */
  readonly brokerPort: number | undefined;
  readonly registryPort: number | undefined;
}

const USUAL_BROKER_PORT = 9092;
const USUAL_REGISTRY_PORT = 8081;

/** @throws {MillraceError} PORT_IN_USE when a fixed port is taken */
export async function startEmbedded({
  host,
  brokerPort,
  registryPort,
}: EmbeddedOptions): Promise<Embedded> {
  const broker = await onPort(brokerPort, USUAL_BROKER_PORT, (port) =>
    createBroker({ host, port }),
  );
  try {
    const registry = await onPort(registryPort, USUAL_REGISTRY_PORT, (port) =>
      createRegistryServer({ host, port }),
    );
    return {
      broker: `${host}:${broker.port}`,
      registry: registry.url,
      async close() {
        await registry.close();
        await broker.close();
      },
    };
  } catch (error) {
    await broker.close();
    throw error;
  }
}
