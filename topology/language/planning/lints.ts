/**
 * Lints: definitions that can run and probably should not.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { showDuration } from "../duration.ts";
import { reachMs } from "../window_extent.ts";
import type { Planning, RecordWindow, StreamDraft, WindowShape } from "./context.ts";
import { namesRead } from "./order.ts";
import { durationMs } from "./streams.ts";

export function lint(planning: Planning): void {
  lintUnread(planning);
  for (const draft of planning.streams.values()) {
    const { window } = draft.shape ?? {};
    if (window !== undefined) lintResults(draft, window, planning);
  }
  for (const { streams, window } of planning.windows) {
    for (const name of streams) {
      const source = planning.streams.get(name);
      if (source === undefined) continue;
      lintRetention(source, window, "records", planning);
      lintIdle(source, window, planning);
    }
  }
}

/** Streams that nothing uses, pipelines that lead nowhere. */
function lintUnread(planning: Planning): void {
  const { report, streams, topology } = planning;
  const read = namesRead(planning);
  for (const { name, path, readers, writers, broken } of streams.values()) {
    if (broken || readers.size + writers.size > 0) continue;
    report.warning("UNUSED_STREAM", path, `no stage reads or writes "${name}"`, { on: "key" });
  }
  for (const [pipeline, stages] of Object.entries(topology.pipelines)) {
    if (stages === undefined || stages.includes(undefined) || read.has(pipeline)) continue;
    const hint = `end with - sink: <stream>, or read "${pipeline}" in another pipeline`;
    lintLast(stages, ["pipelines", pipeline], hint);
  }

  function lintLast(stages: readonly (Stage | undefined)[], path: Path, hint: string): void {
    const last = stages.at(-1);
    const at = [...path, stages.length - 1];
    if (last === undefined || last.sink !== undefined) return;
    for (const [n, branch] of (last.branch ?? []).entries()) {
      lintLast(branch.stages, [...at, "branch", n, "stages"], "end with - sink: <stream>");
    }
    if (last.branch !== undefined) return;
    report.warning("UNREAD_STAGE", at, "nothing reads what comes out of this stage", { hint });
  }
}

function lintResults(draft: StreamDraft, window: RecordWindow, planning: Planning): void {
  const cleanup = draft.declared.create?.cleanup;
  if (cleanup === "compact" && draft.shape?.key.window === undefined) {
    const message = `a compacted topic keeps one result per key: those of older windows vanish`;
    planning.report.warning("COMPACTED_WINDOWS", [...draft.path, "create", "cleanup"], message, {
      hint: "leave cleanup out, or declare no plain key",
    });
  } else if (cleanup === "compact") {
    const message = "a compacted topic keeps every window for ever";
    planning.report.warning("COMPACTED_WINDOWS", [...draft.path, "create", "cleanup"], message, {
      hint: "cleanup: compact,delete with a retention",
    });
  }
  if (window.stage !== undefined) lintRetention(draft, window, "results", planning);
}

/** Windows close when every partition has reached their end, or has gone idle. */
function lintIdle({ declared, path }: StreamDraft, { stage }: WindowShape, { report }: Planning) {
  if (declared.idle !== "never" || declared.create?.partitions === 1) return;
  const message = `a partition without records holds the windows of "${stage}" back for ever`;
  report.warning("EMPTY_PARTITION", [...path, "idle"], message, {
    hint: "give idle a duration; if the topic has one partition, write create: { partitions: 1 }",
  });
}

function lintRetention(
  draft: StreamDraft,
  { of, graceMs, stage }: WindowShape,
  what: "records" | "results",
  { report }: Planning,
): void {
  const retention = draft.declared.create?.retention;
  if (retention === undefined || retention === "forever") return;
  const neededMs = reachMs(of) + graceMs;
  if (durationMs(retention, 0) >= neededMs) return;
  const needed = showDuration(neededMs);
  const message = `${what} are deleted after ${retention}, before their window in "${stage}" closes`;
  report.warning("SHORT_RETENTION", [...draft.path, "create", "retention"], message, {
    hint: `size and grace together are ${needed}`,
  });
}
