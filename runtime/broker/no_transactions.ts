import { ERROR, refusal } from "./errors.ts";

/** What whoever wants a transaction is told: a code that no client retries. */
export const NO_TRANSACTIONS = refusal(
  ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  "This broker has no transactions yet",
);
