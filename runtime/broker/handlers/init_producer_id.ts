/**
 * InitProducerId 0-4: a new producer id with epoch 0, for idempotence. A producer that names the id it
 * had (3+) gets a new one too, as from Kafka: its sequences begin at 0 again.
 *
 * With a transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, for the reason in
 * `find_coordinator.ts`; AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit and EndTxn are not
 * spoken.
 */

import { NO_TRANSACTIONS } from "../no_transactions.ts";
import type { Handler } from "./handler.ts";

export const initProducerId: Handler<"InitProducerId"> = {
  versions: [0, 4],
  handle({ cluster, body }) {
    if (body.transactionalId !== null) {
      return { errorCode: NO_TRANSACTIONS.errorCode, producerId: -1, producerEpoch: -1 };
    }
    return { producerId: cluster.newProducerId(), producerEpoch: 0 };
  },
};
