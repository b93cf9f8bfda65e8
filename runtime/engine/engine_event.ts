/**
 * What an instance tells of itself, for people to read.
 *
 * @module
 */

import type { MillraceError } from "../fault/mod.ts";
import type { RestoringEvent } from "./restore_progress.ts";
import type { SnapshotEvent } from "./snapshots.ts";
import type { Peeked } from "./task_context.ts";

export type EngineEvent =
  | {
      readonly kind: "assigned";
      readonly tasks: readonly string[];
      /** Restored from changelogs. */
      readonly restoredEntries: number;
      readonly snapshotEntries: number;
    }
  | RestoringEvent
  | SnapshotEvent
  | { readonly kind: "revoked" }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "retrying"; readonly what: string; readonly error: MillraceError }
  | ({ readonly kind: "peeked" } & Peeked);
