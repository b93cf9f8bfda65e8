/** Sockets for kafkajs: TCP or TLS, without Nagle's delay, and known to us so that they can be cut. */

import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

const KEEP_ALIVE_DELAY_MS = 60_000;

export interface Sockets {
  readonly factory: ISocketFactory;
  /**
   * Ends every open connection at once; requests in flight fail. Waiting for their answers, as
   * kafkajs' own disconnect does, may take as long as the longest poll, or for ever on a dead line.
   */
  cut(reason: string): void;
}

/**
 * @param address `host:port`, IPv6 hosts with or without brackets. It is read here, because kafkajs
 * takes what stands before the first colon for the host.
 * @param make creates the raw socket instead: tests put a faulty network here
 */
export function createSockets(address: string, make: ISocketFactory = openSocket): Sockets {
  const open = new Set<Socket>();
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(address.slice(colon + 1));
  return {
    factory(args) {
      const socket = make({ ...args, host, port });
      // kafkajs leaves Nagle on: a small request would wait for the answer to the one before it.
      socket.setNoDelay(true);
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      return socket;
    },
    cut(reason) {
      // An error, not a plain destroy: kafkajs rejects the requests in flight on `error` and `end`.
      for (const socket of open) socket.destroy(new Error(reason));
      open.clear();
    },
  };
}

function openSocket({ host, port, ssl, onConnect }: Parameters<ISocketFactory>[0]): Socket {
  const socket = ssl
    ? connectTls(
        {
          host,
          port,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(ssl as ConnectionOptions),
        },
        onConnect,
      )
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  return socket;
}
