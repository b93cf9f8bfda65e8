/**
 * What an instance does, for people to read.
 *
 * @module
 */

import type { EngineEvent, RestoringEvent } from "../engine/mod.ts";
import { toJson } from "../serde/mod.ts";

/** A peek shows no more of a record, characters. */
const PEEK_CHARACTERS = 2000;

/** What an instance does, in one line; undefined for what only matters to machines. */
export function describeEvent(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case "assigned":
      return describeAssigned(event);
    case "restoring":
      return describeRestoring(event);
    case "snapshot":
      return event.outcome === "discarded"
        ? `restores ${event.task} from its changelog, its snapshot is discarded: ${event.reason}`
        : `cannot keep a snapshot of ${event.task}: ${event.reason}`;
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

function describeAssigned({
  tasks,
  restoredEntries,
  snapshotEntries,
}: Extract<EngineEvent, { readonly kind: "assigned" }>): string {
  const runs = `runs ${tasks.length} tasks`;
  if (restoredEntries + snapshotEntries === 0) return `${runs}: ${tasks.join(", ")}`;
  const changelog = `${restoredEntries} changelog entries restored`;
  if (snapshotEntries === 0) return `${runs}, ${changelog}`;
  return `${runs}, ${snapshotEntries} entries of snapshots and ${changelog}`;
}

function describeRestoring(event: RestoringEvent): string {
  const { task, entries, entriesPerSecond, share, leftMs } = event;
  const left = leftMs > 0 ? `, ${Math.ceil(leftMs / 1000)} s left` : "";
  return `restores ${task}: ${entries} entries, ${entriesPerSecond}/s, ${Math.floor(share * 100)} %${left}`;
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
