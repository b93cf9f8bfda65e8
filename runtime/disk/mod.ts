/**
 * Snapshots of tasks in a folder.
 *
 * @module
 */

export { SnapshotFolder } from "./snapshot_folder.ts";
