/**
 * Definitions that ship in `topology/`. By name: what somebody has written beside them is theirs.
 *
 * @module
 */

export const EXAMPLES = [
  "accounts.yaml",
  "by_action.yaml",
  "clean.yaml",
  "double11.yaml",
  "orders.yaml",
  "purchases.yaml",
  "trending_items.yaml",
  "visits.yaml",
  "wordcount.yaml",
] as const;
