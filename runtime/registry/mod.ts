/**
 * Schema registry: the client that the engine asks, and an embedded server.
 *
 * @module
 */

export {
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
} from "./client.ts";
export {
  createRegistryInspector,
  type RegistryInspector,
  type RegistryState,
  type SubjectState,
} from "./inspector.ts";
export {
  createRegistryServer,
  type RegistryServer,
  type RegistryServerOptions,
} from "./server.ts";
