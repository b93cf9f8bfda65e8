import {
  type DecodedRequest,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  type ResponseInput,
  WireError,
} from "../wire/mod.ts";
import { type ClientConnection, ConnectionEnd } from "./connection.ts";
import { Groups } from "./groups/groups.ts";
import { unsupportedApiVersions } from "./handlers/api_versions.ts";
import type { AnyHandler } from "./handlers/handler.ts";
import { HANDLERS } from "./handlers/mod.ts";
import type { Intervention } from "./intercept.ts";
import {
  type ClusterOptions,
  type ResolvedClusterOptions,
  resolveClusterOptions,
} from "./options.ts";
import { Timers } from "./timers.ts";
import { Topics } from "./topics.ts";

const API_VERSIONS = 18;

/** What has happened since the start. */
export interface ClusterCounters {
  /** Requests that were understood, by API key. */
  readonly requests: ReadonlyMap<number, number>;
  /** Requests that made a connection end because they could not be understood. */
  readonly malformedRequests: number;
  /** Defects: handlers and timers that threw. */
  readonly internalErrors: number;
}

/**
 * The broker without a network: topics, logs, groups and producer ids, and what requests do to them.
 * Everything happens in the caller's process and in the order of the calls; `handle` returns a promise
 * only because fetches, joins and syncs may have to wait.
 */
export class Cluster {
  readonly options: ResolvedClusterOptions;
  readonly timers: Timers;
  readonly topics: Topics;
  readonly groups: Groups;
  readonly #requests = new Map<number, number>();
  #malformedRequests = 0;
  #internalErrors = 0;
  #nextProducerId = 0;

  /** @throws {MillraceError} INVALID_OPTION */
  constructor(options: ClusterOptions = {}) {
    this.options = resolveClusterOptions(options);
    this.timers = new Timers(this.options.clock, (error) => this.defect(error));
    this.topics = new Topics(this.options);
    this.groups = new Groups(this.options, this.timers);
    this.timers.every(this.options.retentionCheckMs, () =>
      this.topics.enforceRetention(this.options.clock.now()),
    );
  }

  /** What is spoken, by API key. */
  get apis(): ReadonlyMap<number, { readonly versions: readonly [min: number, max: number] }> {
    return HANDLERS;
  }

  get counters(): ClusterCounters {
    return {
      requests: this.#requests,
      malformedRequests: this.#malformedRequests,
      internalErrors: this.#internalErrors,
    };
  }

  newProducerId(): number {
    return this.#nextProducerId++;
  }

  /**
   * Handles one request, size not included. The caller keeps a connection's answers in the order of
   * its requests: by not calling again before the last call has ended, as Kafka does.
   *
   * @param bytes may be used again once the promise is settled
   * @returns the response, size not included; undefined when none is to be sent
   * @throws {ConnectionEnd} when the connection must be closed
   */
  async handle(connection: ClientConnection, bytes: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      const { apiKey, apiVersion, correlationId } = decodeRequestHeader(bytes);
      const handler = HANDLERS.get(apiKey);
      if (apiKey === API_VERSIONS && apiVersion > (handler?.versions[1] ?? 0)) {
        return encodeResponse(API_VERSIONS, 0, correlationId, unsupportedApiVersions());
      }
      if (handler === undefined) throw new ConnectionEnd(`API ${apiKey} is not spoken`, true);
      const [min, max] = handler.versions;
      if (apiVersion < min || apiVersion > max) {
        throw new ConnectionEnd(`API ${apiKey} is spoken from ${min} to ${max}`, true);
      }
      const request = decodeRequest(bytes);
      const seenBefore = this.#requests.get(apiKey) ?? 0;
      this.#requests.set(apiKey, seenBefore + 1);
      const intervention = await this.options.intercept?.({ ...request, connection, seenBefore });
      const body =
        intervention === undefined
          ? await this.#run(handler, request, connection)
          : await this.#intervene(intervention, handler, request, connection);
      if (body === undefined) return undefined;
      return encodeResponse(
        request.apiKey,
        apiVersion,
        correlationId,
        body as ResponseInput<never>,
      );
    } catch (error) {
      if (error instanceof ConnectionEnd) {
        if (error.isMalformed) this.#malformedRequests++;
        throw error;
      }
      if (error instanceof WireError) {
        this.#malformedRequests++;
        throw new ConnectionEnd(error.message, true);
      }
      this.defect(error);
      throw new ConnectionEnd(`internal error: ${String(error)}`);
    }
  }

  #run(handler: AnyHandler, request: DecodedRequest, connection: ClientConnection): unknown {
    return handler.handle({
      cluster: this,
      connection,
      version: request.apiVersion,
      clientId: request.clientId ?? "",
      // The table that the key leads to is the one that the body was read by.
      body: request.body as never,
    });
  }

  async #intervene(
    intervention: Intervention,
    handler: AnyHandler,
    request: DecodedRequest,
    connection: ClientConnection,
  ): Promise<unknown> {
    const { delayMs, request: asked, response, skipHandler, delayResponseMs } = intervention;
    const sleep = (ms: number) => this.timers.sleep(ms, connection.signal);
    if (delayMs !== undefined) await sleep(delayMs);
    if (asked === "drop") return undefined;
    if (asked === "cut") throw new ConnectionEnd("cut before the request");
    const handled = asked === undefined ? request : ({ ...request, body: asked } as DecodedRequest);
    const body = skipHandler === true ? undefined : await this.#run(handler, handled, connection);
    if (delayResponseMs !== undefined) await sleep(delayResponseMs);
    if (response === "drop") return undefined;
    if (response === "cut") throw new ConnectionEnd("cut after the request");
    return response ?? body;
  }

  /** Counts what should never have been thrown, and tells who wants to know. */
  defect(error: unknown): void {
    this.#internalErrors++;
    this.options.onError(error);
  }

  /** Ends all waiting. */
  close(): void {
    this.timers.close();
  }
}
