/**
 * FindCoordinator 0-4: this node, for every group. An empty group id: INVALID_GROUP_ID.
 *
 * There are no transactions: key type 1 is answered TRANSACTIONAL_ID_AUTHORIZATION_FAILED, with a
 * message that says why. It is the one code at which every client gives up at once; at
 * COORDINATOR_NOT_AVAILABLE all of them, and at most others librdkafka, would ask again for ever.
 * Other key types: INVALID_REQUEST.
 */

import { ERROR, type Refusal, refusal } from "../errors.ts";
import { NO_TRANSACTIONS } from "../no_transactions.ts";
import { NODE_ID } from "../node.ts";
import type { Handler } from "./handler.ts";

const GROUP = 0;
const TRANSACTION = 1;
const NOWHERE = { nodeId: -1, host: "", port: -1 };

export const findCoordinator: Handler<"FindCoordinator"> = {
  versions: [0, 4],
  handle({ connection, version, body }) {
    const find = (key: string) => {
      const refused = refuse(body.keyType, key);
      if (refused !== undefined) return { key, ...NOWHERE, ...refused };
      return { key, nodeId: NODE_ID, ...connection.advertised };
    };
    return version < 4 ? find(body.key) : { coordinators: body.coordinatorKeys.map(find) };
  },
};

function refuse(keyType: number, key: string): Refusal | undefined {
  if (keyType === TRANSACTION) return NO_TRANSACTIONS;
  if (keyType !== GROUP) return refusal(ERROR.INVALID_REQUEST, `Unknown key type ${keyType}`);
  return key === "" ? refusal(ERROR.INVALID_GROUP_ID, "The group id is empty") : undefined;
}
