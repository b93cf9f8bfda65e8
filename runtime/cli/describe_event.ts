/**
 * What an instance does, for people to read.
 *
 * @module
 */

import type { EngineEvent } from "../engine/mod.ts";
import { toJson } from "../serde/mod.ts";

/** A peek shows no more of a record, characters. */
const PEEK_CHARACTERS = 2000;

/** What an instance does, in one line; undefined for what only matters to machines. */
export function describeEvent(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case "assigned":
      return event.restoredEntries === 0
        ? `runs ${event.tasks.length} tasks: ${event.tasks.join(", ")}`
        : `runs ${event.tasks.length} tasks, ${event.restoredEntries} changelog entries restored`;
    case "revoked":
      return undefined;
    case "lost":
      return `lost its tasks: ${event.reason}`;
    case "retrying":
      return `cannot ${event.what} yet: ${event.error.message}; trying again`;
    case "peeked":
      return describePeek(event);
  }
}

type Peeked = Extract<EngineEvent, { readonly kind: "peeked" }>;

function describePeek(event: Peeked): string {
  const { stage, topic, partition, offset, timestampMs } = event;
  const place = offset < 0 ? `task ${partition}` : `${topic}/${partition}@${offset}`;
  const what =
    "error" in event
      ? `! ${event.error instanceof Error ? event.error.message : String(event.error)}`
      : JSON.stringify(toJson(event.shown));
  const text = what.length > PEEK_CHARACTERS ? `${what.slice(0, PEEK_CHARACTERS)}…` : what;
  return `${stage}  ${place}  ${new Date(timestampMs).toISOString()}  ${text}`;
}
