/**
 * Stops kafkajs' polling timer.
 *
 * After its first answer every connection of kafkajs 2.2.4 re-arms a timer of about one millisecond
 * for ever, which costs some 5 % of a core at rest and, on newer runtimes, a warning for each
 * negative delay. The timer is only of use while requests wait to be sent (throttling, in-flight
 * limit): `push` arms it itself then.
 */

import { createRequire } from "node:module";

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const patched = Symbol.for("millrace.kafkajs.quiet_timer");

/** Patches the class once per process. @returns the patched class, for the test that guards it */
export function quietRequestQueueTimer(): { readonly prototype: RequestQueue } {
  const load = createRequire(import.meta.url);
  const RequestQueue = load("kafkajs/src/network/requestQueue") as {
    readonly prototype: RequestQueue & { [patched]?: boolean };
  };
  const { prototype } = RequestQueue;
  if (prototype[patched] !== true) {
    const schedule = prototype.scheduleCheckPendingRequests;
    prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
      if (this.pending.length > 0) schedule.call(this);
    };
    prototype[patched] = true;
  }
  return RequestQueue;
}
