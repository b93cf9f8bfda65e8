/**
 * What a command that goes on tells: for people a line each, with `--json` an object a line on stdout.
 *
 *     { event: "running", application, brokers } · { event: "serving", broker, registry }
 *     { event: "dashboard", url } · { event: "feeding", topic, rate }
 *     { event: "restoring", task, entries, entriesPerSecond, share, leftMs }
 *     { event: "assigned", tasks, restoredEntries, snapshotEntries } · { event: "revoked" }
 *     { event: "snapshot", task, outcome, reason } · { event: "lost", reason }
 *     { event: "retrying", what, code, message } · { event: "reload", taken, message }
 *     { event: "peeked", stage, topic, partition, offset, timestamp, shown | error }
 *     { event: "stopped" }
 *
 * @module
 */

import type { EngineEvent, RestoringEvent, SnapshotEvent } from "../engine/mod.ts";
import { toJson } from "../serde/mod.ts";

export type CommandEvent =
  | { readonly event: "serving"; readonly broker: string; readonly registry: string }
  | { readonly event: "running"; readonly application: string; readonly brokers: readonly string[] }
  | { readonly event: "dashboard"; readonly url: string }
  | { readonly event: "feeding"; readonly topic: string; readonly rate: number | "max" }
  | {
      readonly event: "assigned";
      readonly tasks: readonly string[];
      readonly restoredEntries: number;
      readonly snapshotEntries: number;
    }
  | ({ readonly event: "restoring" } & Omit<RestoringEvent, "kind">)
  | ({ readonly event: "snapshot" } & Omit<SnapshotEvent, "kind">)
  | { readonly event: "revoked" }
  | { readonly event: "lost"; readonly reason: string }
  | {
      readonly event: "retrying";
      readonly what: string;
      readonly code: string;
      readonly message: string;
    }
  /** What a peek shows; `shown` or, where it could not be evaluated, `error`. */
  | {
      readonly event: "peeked";
      readonly stage: string;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
      readonly timestamp: number;
      readonly shown?: unknown;
      readonly error?: string;
    }
  /** A changed file: whether it runs now, and what that meant or why not. */
  | { readonly event: "reload"; readonly taken: boolean; readonly message: string }
  | { readonly event: "stopped" };

export interface Telling {
  /** Prints the event when there is `--json`, else the lines, if any. */
  tell(event: CommandEvent, ...lines: readonly string[]): void;
}

/** @param json Whether `--json` was given. */
export function createTelling(json: boolean, print: (line: string) => void): Telling {
  return {
    tell(event, ...lines) {
      if (json) print(JSON.stringify(event));
      else for (const line of lines) print(line);
    },
  };
}

export function engineEvent(event: EngineEvent): CommandEvent {
  switch (event.kind) {
    case "assigned":
      return {
        event: "assigned",
        tasks: event.tasks,
        restoredEntries: event.restoredEntries,
        snapshotEntries: event.snapshotEntries,
      };
    case "restoring":
    case "snapshot": {
      const { kind, ...told } = event;
      return { event: kind, ...told } as CommandEvent;
    }
    case "revoked":
      return { event: "revoked" };
    case "lost":
      return { event: "lost", reason: event.reason };
    case "retrying": {
      const { code, message } = event.error;
      return { event: "retrying", what: event.what, code, message };
    }
    case "peeked":
      return peekEvent(event);
  }
}

function peekEvent(event: Extract<EngineEvent, { readonly kind: "peeked" }>): CommandEvent {
  const { stage, topic, partition, offset, timestampMs: timestamp } = event;
  const place = { event: "peeked", stage, topic, partition, offset, timestamp } as const;
  if ("shown" in event) return { ...place, shown: toJson(event.shown) };
  return {
    ...place,
    error: event.error instanceof Error ? event.error.message : String(event.error),
  };
}
