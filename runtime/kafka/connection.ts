/**
 * Connections to single brokers. kafkajs owns the socket, TLS, SASL (with re-authentication),
 * framing, correlation and request timeouts; requests and answers are encoded by `wire`.
 *
 * The one file that touches kafkajs' private parts: a cluster's `brokerPool.seedBroker`, that
 * broker's `versions`, and its `connectionPool.getConnection`, whose connection sends anything. The
 * cluster itself comes from a typed hook, the PartitionAssigner factory.
 * `test/runtime/kafka/connection_test.ts` guards them.
 *
 * Each connection has a kafkajs cluster of its own, made for one address. A shared cluster asks for
 * the metadata of all topics and fails when any of them is unwell, and it can neither drop a half-dead
 * connection nor keep a waiting JoinGroup from blocking what else goes to that broker.
 */

import { type Cluster, Kafka, logLevel } from "kafkajs";
import { MillraceError } from "../fault/mod.ts";
import {
  type ApiKey,
  decodeResponseBody,
  encodeRequestBody,
  isFlexible,
  type NameOf,
  type RequestInput,
  type ResponseOf,
} from "../wire/mod.ts";
import { connectionError } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";
import { quietRequestQueueTimer } from "./quiet_timer.ts";
import { createSockets } from "./socket.ts";

/** What is sent. */
export type Body<K extends ApiKey> = RequestInput<NameOf<K>>;
/** What is answered, error codes inside. */
export type Answer<K extends ApiKey> = ResponseOf<NameOf<K>>;

export interface Connection {
  /** `host:port` */
  readonly address: string;
  readonly isOpen: boolean;
  /**
   * The highest version that both sides know.
   *
   * @throws {MillraceError} BROKER_REFUSED when there is none
   */
  version(apiKey: ApiKey, lowest: number, highest: number): number;
  /**
   * Sends one request.
   *
   * @param waitMs how long the request itself asks the broker to wait
   * @throws {MillraceError} BROKER_UNREACHABLE: cut or timed out. Whether the broker carried the
   * request out is unknown then, and the connection is closed.
   */
  send<K extends ApiKey>(
    apiKey: K,
    version: number,
    body: Body<K>,
    waitMs?: number,
  ): Promise<Answer<K>>;
  /** Cuts the connection; requests in flight fail. */
  close(): void;
}

interface KafkajsConnection {
  isConnected(): boolean;
  send(request: {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
    };
    readonly response: {
      decode(payload: Buffer): Promise<{ readonly payload: Buffer }>;
      parse(data: { readonly payload: Buffer }): Promise<Buffer>;
    };
    readonly requestTimeout: number;
    readonly logResponseError: boolean;
  }): Promise<Buffer>;
}

interface SeedBroker {
  readonly versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>>;
  readonly connectionPool: { getConnection(): Promise<KafkajsConnection> };
}

/**
 * Connects and logs in.
 *
 * @throws {MillraceError} BROKER_UNREACHABLE; BROKER_REFUSED when the login fails
 */
export async function openConnection(address: string, options: KafkaOptions): Promise<Connection> {
  quietRequestQueueTimer();
  const sockets = createSockets(address, options.socketFactory);
  const cluster = createCluster(address, options, sockets.factory);
  let broker: SeedBroker;
  let connection: KafkajsConnection;
  try {
    await cluster.connect();
    broker = (cluster as unknown as { readonly brokerPool: { readonly seedBroker: SeedBroker } })
      .brokerPool.seedBroker;
    // Not the pool's `send`: that puts fetches on a second socket and reconnects behind our back.
    connection = await broker.connectionPool.getConnection();
  } catch (error) {
    sockets.cut("connecting failed");
    throw connectionError(error, `connect to ${address}`);
  }
  let isClosed = false;

  function close(): void {
    isClosed = true;
    sockets.cut("closed by the client");
  }

  return {
    address,
    get isOpen() {
      return !isClosed && connection.isConnected();
    },
    version(apiKey, lowest, highest) {
      const offered = broker.versions[apiKey];
      const version = Math.min(highest, offered?.maxVersion ?? -1);
      if (offered === undefined || version < lowest || highest < offered.minVersion) {
        const offer =
          offered === undefined ? "none" : `${offered.minVersion} to ${offered.maxVersion}`;
        throw new MillraceError(
          "BROKER_REFUSED",
          `Cannot talk to ${address}: API ${apiKey} needs a version from ${lowest} to ${highest}, it offers ${offer}`,
        );
      }
      return version;
    },
    async send<K extends ApiKey>(
      apiKey: K,
      version: number,
      body: Body<K>,
      waitMs = 0,
    ): Promise<Answer<K>> {
      const payload = withHeaderTags(encodeRequestBody(apiKey, version, body), apiKey, version);
      let answer: Buffer;
      try {
        answer = await connection.send({
          request: {
            apiKey,
            apiVersion: version,
            apiName: `api ${apiKey}`,
            // kafkajs takes for an encoder what has these two.
            encode: async () => ({ buf: payload, buffer: payload }),
          },
          response: {
            decode: async (bytes) => ({ payload: bytes }),
            parse: async (data) => data.payload,
          },
          requestTimeout: options.requestTimeoutMs + waitMs,
          logResponseError: false,
        });
      } catch (error) {
        close();
        throw connectionError(error, `reach ${address}`);
      }
      // No Buffer leaves this file: its `slice` is a view where that of Uint8Array is a copy.
      const bytes = new Uint8Array(answer.buffer, answer.byteOffset, answer.byteLength);
      const start = isFlexible(apiKey, version) ? headerTagsEnd(bytes) : 0;
      return decodeResponseBody(apiKey, version, bytes, start);
    },
    close,
  };
}

function createCluster(
  address: string,
  options: KafkaOptions,
  socketFactory: ReturnType<typeof createSockets>["factory"],
): Cluster {
  const kafka = new Kafka({
    brokers: [address],
    clientId: options.clientId,
    ssl: options.ssl,
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    connectionTimeout: options.connectTimeoutMs,
    authenticationTimeout: options.requestTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    // Who retries, and against which broker, is decided above this layer.
    retry: { retries: 0 },
    socketFactory,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      // Everything kafkajs logs about a failed request also reaches us as that request's error.
      options.onEvent({ level: "debug", message: `${address}: ${entry.log.message}` });
    },
  });
  let cluster: Cluster | undefined;
  kafka.consumer({
    groupId: "unused",
    partitionAssigners: [
      (config) => {
        cluster = config.cluster;
        return {
          name: "unused",
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: "unused", metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  if (cluster === undefined) {
    throw new MillraceError("INVARIANT", "Cannot use kafkajs: it did not hand over its cluster");
  }
  return cluster;
}

/** kafkajs writes request header v1; flexible versions want v2, which ends in (no) tagged fields. */
function withHeaderTags(body: Uint8Array, apiKey: ApiKey, version: number): Buffer {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return isFlexible(apiKey, version) ? Buffer.concat([Buffer.of(0), view]) : view;
}

/** Flexible answers have the same tags after the correlation id: count, then (tag, size, bytes)*. */
function headerTagsEnd(answer: Uint8Array): number {
  let at = 0;
  const uvarint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = answer[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (let left = uvarint(); left > 0; left--) {
    uvarint();
    const size = uvarint();
    at += size;
  }
  return at;
}
