/** The broker that coordinates a group: found when needed, found again when it moved. */

import type { MillraceError, Where } from "../fault/mod.ts";
import type { ApiKey } from "../wire/mod.ts";
import type { ClusterClient, VersionRange } from "./cluster.ts";
import type { Answer, Body, Connection } from "./connection.ts";
import { brokerError, reactionTo } from "./errors.ts";

export class Coordinator {
  readonly #cluster: ClusterClient;
  readonly #group: string;
  #finding: Promise<Connection> | undefined;

  constructor(cluster: ClusterClient, group: string) {
    this.#cluster = cluster;
    this.#group = group;
  }

  /** Sends one request; does not retry. @throws {MillraceError} BROKER_UNREACHABLE, BROKER_RETRIABLE */
  async send<K extends ApiKey>(
    apiKey: K,
    [lowest, highest]: VersionRange,
    body: Body<K>,
    waitMs = 0,
  ): Promise<Answer<K>> {
    const connection = await this.#connection();
    const version = connection.version(apiKey, lowest, highest);
    return await connection.send(apiKey, version, body, waitMs);
  }

  /** The error of an answer's code; forgets the coordinator when the code says that it moved. */
  failure(code: number, cannot: string, where: Where = {}): MillraceError {
    if (reactionTo(code) === "coordinator") this.#finding = undefined;
    return brokerError(code, cannot, where);
  }

  /** Cuts the connection; what waits on it fails, what comes next opens another. */
  disconnect(): void {
    this.#finding?.then(
      (connection) => connection.close(),
      () => {},
    );
    this.#finding = undefined;
  }

  async #connection(): Promise<Connection> {
    const known = await this.#finding?.catch(() => undefined);
    // A cut connection may mean that the broker is gone and the group elsewhere.
    if (known?.isOpen === true) return known;
    const finding = this.#cluster.findCoordinator(this.#group);
    this.#finding = finding;
    return await finding;
  }
}
