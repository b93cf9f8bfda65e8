/**
 * The ledger of an application that runs anywhere, looked at again and again.
 *
 * @module
 */

import type { Plan } from "../../topology/language/mod.ts";
import { type CommittedLedger, CommittedLedgers } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { accessOf, type ClusterAccess, createKafkaAdmin, systemClock } from "../kafka/mod.ts";

/** Applications commit this often at most, unless they are told otherwise. */
const LOOK_MS = 1000;

export interface FollowLedgerOptions extends ClusterAccess {
  readonly plan: Plan;
  readonly signal: AbortSignal;
  /** An outage; it is looked again. */
  readonly onProblem: (error: MillraceError) => void;
}

/**
 * The committed counters of all tasks: at first as they are found, then each time they have changed.
 * Ends when the signal aborts.
 *
 * @throws {MillraceError} what does not pass by waiting
 */
export async function* followLedger({
  plan,
  signal,
  onProblem,
  ...access
}: FollowLedgerOptions): AsyncGenerator<readonly CommittedLedger[], void, undefined> {
  const admin = createKafkaAdmin(accessOf(access));
  const ledgers = new CommittedLedgers(
    { ...admin, committed: (partitions) => admin.committed(plan.application, partitions) },
    plan,
  );
  let shown: string | undefined;
  try {
    while (!signal.aborted) {
      try {
        const tasks = await ledgers.read();
        const text = JSON.stringify(tasks);
        if (text !== shown) yield tasks;
        shown = text;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof MillraceError && error.faultClass === "transient")) throw error;
        onProblem(error);
      }
      await systemClock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  } finally {
    await admin.close();
  }
}
