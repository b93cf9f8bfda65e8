/**
 * The line under the title: is what you see live?
 *
 * @module
 */

import type { FeedStatus } from "../protocol.ts";
import type { ConnectionState } from "./connection.ts";
import type { Wording } from "./texts.ts";

/** Without a connection for this long, what is shown counts as out of date, ms. */
export const STALE_AFTER_MS = 15_000;

export interface StateInputs {
  readonly connection: ConnectionState;
  readonly status: FeedStatus;
  readonly isPaused: boolean;
  /** Since the last message of the server, ms. */
  readonly silentMs: number;
  /** Unix epoch ms. */
  readonly lastMessageMs: number;
  /** Newest window shown, Unix epoch ms. */
  readonly newestStart: number | undefined;
  readonly wording: Wording;
}

export interface StateLine {
  /** Chooses the colour of the dot. */
  readonly kind: "connecting" | "connected" | "reconnecting" | "stale" | "paused";
  readonly text: string;
  readonly detail: string;
}

export function describeState(inputs: StateInputs): StateLine {
  const { connection, status, isPaused, newestStart, wording } = inputs;
  const lastSeen = wording.say("lastSeen", { time: wording.time(inputs.lastMessageMs) });
  if (connection === "ended")
    return { kind: "stale", text: wording.say("ended"), detail: lastSeen };
  if (connection !== "connected") {
    if (inputs.silentMs >= STALE_AFTER_MS) {
      return { kind: "stale", text: wording.say("stale"), detail: lastSeen };
    }
    const detail = connection === "reconnecting" ? lastSeen : "";
    return { kind: connection, text: wording.say(connection), detail };
  }
  if (status.feed === "down") {
    return { kind: "stale", text: wording.say("stale"), detail: status.message ?? lastSeen };
  }
  const time = newestStart === undefined ? undefined : wording.time(newestStart);
  const detail = time === undefined ? "" : wording.say("lastWindow", { time });
  if (isPaused) return { kind: "paused", text: wording.say("paused"), detail };
  const isBehind = status.feed === "catching-up";
  return { kind: "connected", text: wording.say(isBehind ? "catchingUp" : "connected"), detail };
}
