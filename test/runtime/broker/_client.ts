/** A client that sends any request in any version, and any bytes; batches to send; waiting. */

import { connect, type Socket } from "node:net";
import {
  type Broker,
  type ClientConnection,
  Cluster,
  type ClusterOptions,
} from "../../../runtime/broker/mod.ts";
import {
  type ApiKey,
  BatchBuilder,
  decodeResponse,
  encodeRequest,
  type NameOf,
  RecordCursor,
  type RequestInput,
  type ResponseOf,
  stampProducer,
} from "../../../runtime/wire/mod.ts";

const LIMIT_MS = 10_000;

/** Over TCP. */
export interface TestClient {
  readonly socket: Socket;
  readonly isClosed: boolean;
  send<K extends ApiKey>(
    apiKey: K,
    version: number,
    body: RequestInput<NameOf<K>>,
  ): Promise<ResponseOf<NameOf<K>>>;
  /** Sends a request and expects nothing. */
  post<K extends ApiKey>(apiKey: K, version: number, body: RequestInput<NameOf<K>>): void;
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void;
  /** The next frame that no `send` waits for, size not included. */
  frame(): Promise<Uint8Array>;
  close(): void;
}

export function framed(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setInt32(0, bytes.length);
  frame.set(bytes, 4);
  return frame;
}

export async function connectTo(broker: Broker): Promise<TestClient> {
  const socket = connect(broker.port, broker.host);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("error", reject);
  });
  let buffered = new Uint8Array(0);
  let correlationId = 0;
  let isClosed = false;
  const frames: Uint8Array[] = [];
  const waiting: { resolve(frame: Uint8Array): void; reject(error: Error): void }[] = [];
  socket.on("error", () => {});
  socket.on("close", () => {
    isClosed = true;
    for (const { reject } of waiting.splice(0)) reject(new Error("connection closed"));
  });
  socket.on("data", (chunk) => {
    const bytes = chunk as Uint8Array;
    const joined = new Uint8Array(buffered.length + bytes.length);
    joined.set(buffered);
    joined.set(bytes, buffered.length);
    buffered = joined;
    for (;;) {
      if (buffered.length < 4) return;
      const size = new DataView(buffered.buffer, buffered.byteOffset).getInt32(0);
      if (buffered.length < 4 + size) return;
      const frame = buffered.subarray(4, 4 + size);
      buffered = buffered.subarray(4 + size);
      const waiter = waiting.shift();
      if (waiter === undefined) frames.push(frame);
      else waiter.resolve(frame);
    }
  });
  const frame = (): Promise<Uint8Array> => {
    const next = frames.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (isClosed) return Promise.reject(new Error("connection closed"));
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
  return {
    socket,
    get isClosed() {
      return isClosed;
    },
    async send(apiKey, version, body) {
      const id = ++correlationId;
      const request = encodeRequest(apiKey, version, { correlationId: id, clientId: "test" }, body);
      socket.write(framed(request));
      const response = decodeResponse(apiKey, version, await frame());
      if (response.correlationId !== id) {
        throw new Error(`expected answer ${id}, got ${response.correlationId}`);
      }
      return response.body;
    },
    post(apiKey, version, body) {
      const head = { correlationId: ++correlationId, clientId: "test" };
      socket.write(framed(encodeRequest(apiKey, version, head, body)));
    },
    write: (bytes) => void socket.write(bytes),
    frame,
    close: () => void socket.destroy(),
  };
}

/** In process, without a socket: several requests may wait at once. */
export interface DirectClient {
  readonly cluster: Cluster;
  readonly connection: ClientConnection;
  send<K extends ApiKey>(
    apiKey: K,
    version: number,
    body: RequestInput<NameOf<K>>,
    clientId?: string,
  ): Promise<ResponseOf<NameOf<K>>>;
  /** As if the client had gone away. */
  disconnect(): void;
}

let connections = 0;

export function direct(options: ClusterOptions | Cluster = {}): DirectClient {
  const cluster = options instanceof Cluster ? options : new Cluster(options);
  const gone = new AbortController();
  const connection: ClientConnection = {
    id: connections++,
    clientHost: "10.0.0.1",
    advertised: { host: "broker.test", port: 9092 },
    signal: gone.signal,
  };
  return {
    cluster,
    connection,
    async send(apiKey, version, body, clientId = "test") {
      const head = { correlationId: 7, clientId };
      const response = await cluster.handle(connection, encodeRequest(apiKey, version, head, body));
      if (response === undefined) throw new Error("not answered");
      return decodeResponse(apiKey, version, response).body;
    },
    disconnect: () => gone.abort(),
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface TestRecord {
  readonly key?: string | null;
  readonly value: string | null;
  readonly timestamp?: number;
}

export interface BatchStamp {
  readonly producerId: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly isTransactional?: boolean;
}

/** One batch; timestamps are now unless told. */
export function batch(records: readonly (TestRecord | string)[], stamp?: BatchStamp): Uint8Array {
  const builder = new BatchBuilder({ maxBytes: 64 * 1024 * 1024 });
  for (const record of records) {
    const { key, value, timestamp } = typeof record === "string" ? { value: record } : record;
    const keyBytes = encoder.encode(key ?? "");
    const valueBytes = encoder.encode(value ?? "");
    builder.append(
      timestamp ?? Date.now(),
      keyBytes,
      key === undefined || key === null ? -1 : 0,
      keyBytes.length,
      valueBytes,
      value === null ? -1 : 0,
      valueBytes.length,
    );
  }
  const bytes = builder.finish();
  if (stamp !== undefined) {
    const { producerId, epoch, sequence, isTransactional = false } = stamp;
    stampProducer(bytes, producerId, epoch, sequence, isTransactional);
  }
  return bytes;
}

export interface ReadRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly value: string;
}

/** The records in fetched bytes; a wrong CRC throws. */
export function readRecords(bytes: Uint8Array | null | undefined, from = 0): ReadRecord[] {
  const cursor = new RecordCursor();
  cursor.reset(bytes ?? new Uint8Array(0));
  cursor.skipTo(from);
  const records: ReadRecord[] = [];
  while (cursor.nextBatch()) {
    while (cursor.nextRecord()) {
      const { offset, timestamp, buffer, valueStart, valueEnd } = cursor;
      const value = decoder.decode(buffer.subarray(Math.max(0, valueStart), Math.max(0, valueEnd)));
      records.push({ offset, timestamp, value });
    }
  }
  return records;
}

type Sender = Pick<DirectClient, "send">;

export async function createTopic(
  client: Sender,
  name: string,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { topics } = await client.send(19, 4, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
  if (topics[0]?.errorCode !== 0) throw new Error(`not created: ${topics[0]?.errorMessage}`);
}

/** Produces one batch to one partition and returns that partition's answer. */
export async function produceTo(
  client: Sender,
  name: string,
  records: Uint8Array | null,
  { index = 0, acks = -1, version = 9 } = {},
) {
  const body = {
    acks,
    timeoutMs: 1_000,
    topicData: [{ name, partitionData: [{ index, records }] }],
  };
  const { responses } = await client.send(0, version, body);
  return responses[0]!.partitionResponses[0]!;
}

export interface FetchOptions {
  readonly partition?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly version?: number;
}

/** The Fetch request for one partition. */
export function fetchBody(
  topic: string,
  fetchOffset: number,
  options: FetchOptions = {},
): RequestInput<"Fetch"> {
  const { partition = 0, maxWaitMs = 0, minBytes = 1 } = options;
  const { maxBytes = 1 << 26, partitionMaxBytes = 1 << 20 } = options;
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes }] }],
  };
}

/** Fetches one partition and returns its answer. */
export async function fetchFrom(
  client: Sender,
  topic: string,
  fetchOffset: number,
  options: FetchOptions = {},
) {
  const body = fetchBody(topic, fetchOffset, options);
  const { responses } = await client.send(1, options.version ?? 11, body);
  return responses[0]!.partitions[0]!;
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets everything that is due now happen: promises, and timers of a manual clock among them. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
