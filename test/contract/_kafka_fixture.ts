/** The log port's fixture on any Kafka, with a network that can fail. */

import { connect, type Socket } from "node:net";
import { createKafkaLog, type KafkaSettings } from "../../runtime/kafka/mod.ts";
import type { LogClient, LogFixture } from "./log_contract.ts";

/** Nobody listens there. */
const NOWHERE = 1;

export interface FaultyNetwork {
  readonly socketFactory: NonNullable<KafkaSettings["socketFactory"]>;
  /** Resets every open connection. */
  cut(): void;
  setReachable(isReachable: boolean): void;
}

export function createFaultyNetwork(): FaultyNetwork {
  const open = new Set<Socket>();
  let isReachable = true;
  const cut = (): void => {
    for (const socket of open) socket.destroy(new Error("cut by the test"));
    open.clear();
  };
  return {
    socketFactory({ host, port, onConnect }) {
      const socket = connect({ host, port: isReachable ? port : NOWHERE }, onConnect);
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      return socket;
    },
    cut,
    setReachable(value) {
      isReachable = value;
      if (!value) cut();
    },
  };
}

export function kafkaFixture(brokers: readonly string[], close: () => Promise<void>): LogFixture {
  return {
    close,
    async connect(): Promise<LogClient> {
      const network = createFaultyNetwork();
      const log = createKafkaLog({
        brokers,
        socketFactory: network.socketFactory,
        sessionTimeoutMs: 2_000,
        heartbeatMs: 300,
        rebalanceTimeoutMs: 10_000,
      });
      return {
        log,
        kill: () => log.close(),
        cut: network.cut,
        setReachable: network.setReachable,
      };
    },
  };
}
