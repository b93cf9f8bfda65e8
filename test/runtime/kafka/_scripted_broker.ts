/** A broker that answers as the test says: for codes and accidents that a real one shows too rarely. */

import { createServer, type Socket } from "node:net";
import {
  API,
  type ApiKey,
  type ApiName,
  decodeRequest,
  encodeResponse,
  type RequestOf,
  type ResponseInput,
} from "../../../runtime/wire/mod.ts";

/** Answers one request; `undefined` answers nothing, `"cut"` resets the connection. */
export type Handler<N extends ApiName> = (
  body: RequestOf<N>,
  call: { readonly version: number; readonly count: number },
) => Answered<N> | Promise<Answered<N>>;
type Answered<N extends ApiName> = ResponseInput<N> | undefined | "cut";

export type Handlers = { [N in ApiName]?: Handler<N> };

export interface ScriptedBroker {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Partition counts; may be changed at any time. */
  readonly topics: Record<string, number>;
  /** May be changed at any time. */
  readonly handlers: Handlers;
  /** Names of the requests received, in order, handshakes left out. */
  readonly received: string[];
  close(): Promise<void>;
}

const nameOf = new Map<number, ApiName>(
  Object.entries(API).map(([name, key]) => [key, name as ApiName]),
);

/** One broker, id 0, that leads every partition of `topics` and coordinates every group. */
export async function startScriptedBroker(
  topics: Record<string, number>,
  handlers: Handlers = {},
): Promise<ScriptedBroker> {
  const received: string[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let buffered: Uint8Array = new Uint8Array(0);
    socket.on("data", (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        if (buffered.length < 4) return;
        const size = new DataView(buffered.buffer, buffered.byteOffset).getInt32(0);
        if (buffered.length < 4 + size) return;
        void answer(socket, buffered.subarray(4, 4 + size));
        buffered = buffered.subarray(4 + size);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const host = "127.0.0.1";

  const all: Handlers = {
    ApiVersions: () => ({
      errorCode: 0,
      apiKeys: Object.values(API).map((apiKey) => ({ apiKey, minVersion: 0, maxVersion: 12 })),
    }),
    Metadata: (body) => ({
      brokers: [{ nodeId: 0, host, port }],
      clusterId: "scripted",
      controllerId: 0,
      topics: (body.topics ?? []).map(({ name }) => {
        const count = topics[name ?? ""] ?? 0;
        return {
          name,
          errorCode: count === 0 ? 3 : 0,
          partitions: Array.from({ length: count }, (_, partitionIndex) => ({
            partitionIndex,
            leaderId: 0,
          })),
        };
      }),
    }),
    FindCoordinator: () => ({ nodeId: 0, host, port }),
    InitProducerId: (_, { count }) => ({ producerId: 100 + count, producerEpoch: 0 }),
    ...handlers,
  };

  async function answer(socket: Socket, frame: Uint8Array): Promise<void> {
    const { apiKey, apiVersion, correlationId, body } = decodeRequest(frame);
    const name = nameOf.get(apiKey)!;
    if (name !== "ApiVersions") received.push(name);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const handler = all[name] as Handler<ApiName> | undefined;
    const answered = await handler?.(body as never, { version: apiVersion, count });
    if (answered === "cut") socket.resetAndDestroy();
    if (answered === undefined || answered === "cut") return;
    const response = encodeResponse(apiKey as ApiKey, apiVersion, correlationId, answered as never);
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, response.length);
    socket.write(Buffer.concat([size, response]));
  }

  return {
    address: `${host}:${port}`,
    host,
    port,
    topics,
    handlers: all,
    received,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
