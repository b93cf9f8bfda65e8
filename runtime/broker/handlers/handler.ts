import type { ApiName, RequestOf, ResponseInput } from "../../wire/mod.ts";
import type { Cluster } from "../cluster.ts";
import type { ClientConnection } from "../connection.ts";

/** One request, as its handler sees it. */
export interface Call<N extends ApiName> {
  readonly cluster: Cluster;
  readonly connection: ClientConnection;
  readonly version: number;
  readonly clientId: string;
  /** Bytes in it are views of the request: copy what stays. */
  readonly body: RequestOf<N>;
}

/** One API. */
export interface Handler<N extends ApiName> {
  /** Both ends included. */
  readonly versions: readonly [min: number, max: number];
  /** Undefined sends no response. @throws {ConnectionEnd} */
  handle(call: Call<N>): ResponseInput<N> | undefined | Promise<ResponseInput<N> | undefined>;
}

/** Some API: the dispatcher pairs it with a body of its own table. */
export interface AnyHandler {
  readonly versions: readonly [min: number, max: number];
  handle(call: Call<never>): unknown;
}
