import { createServer, type Server, type Socket } from "node:net";
import { MillraceError } from "../fault/mod.ts";
import { Cluster, type ClusterCounters } from "./cluster.ts";
import { type BrokerOptions, type ResolvedBrokerOptions, resolveServerOptions } from "./options.ts";
import { serveSocket } from "./socket_connection.ts";

/** What has happened since the start, and what there is. */
export interface BrokerStats extends ClusterCounters {
  readonly connections: number;
  readonly acceptedConnections: number;
  /** Closed at once, for there were `maxConnections`. */
  readonly refusedConnections: number;
  /** Record bytes in memory, with an allowance per batch. */
  readonly logBytes: number;
  readonly topics: number;
  readonly groups: number;
}

/** A running broker. */
export interface Broker extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  /** The state machine behind the sockets, for tests that look inside or come by without a socket. */
  readonly cluster: Cluster;
  stats(): BrokerStats;
  /** Ends all connections and frees the port. Idempotent. */
  close(): Promise<void>;
}

const WILDCARDS = new Set(["0.0.0.0", "::", ""]);

/**
 * Starts a Kafka broker of one node in this process, in memory, for development and tests. The caller
 * closes it.
 *
 * @throws {MillraceError} INVALID_OPTION; PORT_IN_USE
 */
export async function createBroker(options: BrokerOptions = {}): Promise<Broker> {
  const serverOptions = resolveServerOptions(options);
  const cluster = new Cluster(options);
  const sockets = new Set<Socket>();
  let accepted = 0;
  let refused = 0;
  let malformedFrames = 0;
  const server = createServer((socket) => {
    if (sockets.size >= serverOptions.maxConnections) {
      refused++;
      socket.on("error", () => {});
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serveSocket({
      cluster,
      socket,
      connection: {
        id: accepted++,
        clientHost: socket.remoteAddress ?? "",
        advertised: { host: advertisedHost(serverOptions, socket), port },
      },
      maxRequestBytes: serverOptions.maxRequestBytes,
      idleTimeoutMs: serverOptions.idleTimeoutMs,
      onMalformed: () => malformedFrames++,
    });
  });
  let port: number;
  try {
    port = await listen(server, serverOptions);
  } catch (error) {
    cluster.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= new Promise((resolve) => {
      cluster.close();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    }));
  return {
    host: serverOptions.host,
    port,
    clusterId: cluster.options.clusterId,
    cluster,
    stats() {
      const { malformedRequests, ...counters } = cluster.counters;
      return {
        ...counters,
        malformedRequests: malformedRequests + malformedFrames,
        connections: sockets.size,
        acceptedConnections: accepted,
        refusedConnections: refused,
        logBytes: cluster.topics.budget.usedBytes,
        topics: [...cluster.topics.all()].length,
        groups: cluster.groups.size,
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function advertisedHost({ advertisedHost, host }: ResolvedBrokerOptions, socket: Socket): string {
  if (advertisedHost !== undefined) return advertisedHost;
  if (!WILDCARDS.has(host)) return host;
  // An IPv4 client of an IPv6 socket would not know its broker under the mapped form.
  return (socket.localAddress ?? host).replace(/^::ffff:/, "");
}

function listen(server: Server, { host, port }: ResolvedBrokerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const code = cause.code === "EADDRINUSE" ? "PORT_IN_USE" : "INVALID_OPTION";
      reject(
        new MillraceError(code, `Cannot listen on ${host}:${port}: ${cause.message}`, { cause }),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
