/**
 * Inline tests: names looked up, times resolved; values stay as written.
 *
 * @module
 */

import type { Expected, Instant, Sent, Step } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { parseInstant } from "../duration.ts";
import type { ExpectedRecord, SentRecord, TestPlan, TestStep } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import type { Planning } from "./context.ts";
import { DEAD_LETTERS } from "./names.ts";
import { durationMs, findStream } from "./streams.ts";
import { checkTestValue } from "./test_values.ts";

export function planTests(planning: Planning): readonly TestPlan[] {
  return (planning.topology.tests ?? []).flatMap((test, index) => {
    if (test === undefined) return [];
    const path = ["tests", index];
    const steps = test.steps.flatMap((step, stepIndex) => {
      const planned = step && planStep(step, [...path, "steps", stepIndex], planning);
      return planned === undefined ? [] : [planned];
    });
    return [{ name: test.name, partitions: test.partitions ?? 1, steps }];
  });
}

function planStep(step: Step, path: Path, planning: Planning): TestStep | undefined {
  const line = planning.report.lineOf(path);
  if ("send" in step) {
    const records = planSent(step.records, step.send, path, planning);
    return records && { kind: "send", stream: step.send, records, line };
  }
  if ("wait" in step) return { kind: "wait", ms: durationMs(step.wait, 0), line };
  if ("restart" in step) return { kind: "restart", how: step.restart, line };
  if ("expect" in step) return planExpected("expect", step.expect, line, path, planning);
  if ("contain" in step) return planExpected("contain", step.contain, line, path, planning);
  checkLedger(step.ledger, [...path, "ledger"], planning);
  return { kind: "ledger", counts: step.ledger, line };
}

function planSent(
  records: readonly (Sent | undefined)[],
  stream: string,
  path: Path,
  planning: Planning,
): readonly SentRecord[] | undefined {
  const draft = findStream(stream, [...path, "send"], planning);
  if (draft === undefined) return undefined;
  if (draft.readers.size === 0 && !draft.broken) {
    const message = `nothing reads "${stream}"`;
    planning.report.error("UNKNOWN_STREAM", [...path, "send"], message);
    return undefined;
  }
  const planned: SentRecord[] = [];
  for (const [index, record] of records.entries()) {
    if (record === undefined) continue;
    const { at, partition, key, value, headers } = record;
    const here = [...path, "records", index];
    if (draft.shape !== undefined) {
      checkTestValue(value, draft.shape.value, "sent", [...here, "value"], planning);
    }
    planned.push({
      ...(at !== undefined && { atMs: instantMs(at) }),
      ...(partition !== undefined && { partition }),
      ...(key !== undefined && { key }),
      value,
      ...(headers !== undefined && { headers }),
    });
  }
  return planned;
}

function planExpected(
  kind: "expect" | "contain",
  expected: Expected,
  line: number,
  path: Path,
  planning: Planning,
): TestStep {
  const streams: Record<string, readonly ExpectedRecord[]> = Object.create(null);
  for (const [name, records] of Object.entries(expected)) {
    const at = [...path, kind, name];
    const draft = name === DEAD_LETTERS ? undefined : findExpected(name, at, planning);
    streams[name] = (records ?? []).flatMap((record, index) => {
      if (record === undefined) return [];
      const here = [...at, index];
      const { window, value, ...rest } = record;
      if (window !== undefined && draft?.shape !== undefined && draft.shape.window === undefined) {
        const message = `records of "${name}" have no window`;
        planning.report.error("TYPE_MISMATCH", [...here, "window"], message);
      }
      if (draft?.shape !== undefined && value !== undefined) {
        checkTestValue(value, draft.shape.value, "expected", [...here, "value"], planning);
      }
      return [
        {
          ...rest,
          ...(window !== undefined && { window: window.map(instantMs) as [number, number] }),
          ...(value !== undefined && { value }),
        },
      ];
    });
  }
  return { kind, streams, line };
}

function findExpected(name: string, path: Path, planning: Planning) {
  const draft = planning.streams.get(name);
  if (draft !== undefined) return draft;
  const known = [...planning.streams.keys(), DEAD_LETTERS];
  const message = `there is no stream "${name}"${didYouMean(name, known)}`;
  planning.report.error("UNKNOWN_STREAM", path, message, { on: "key" });
  return undefined;
}

function checkLedger(
  counts: Readonly<Record<string, unknown>>,
  path: Path,
  { report, streams, ids, topology }: Planning,
): void {
  const places = Object.entries(topology.pipelines).flatMap(([pipeline, stages]) =>
    (stages ?? []).map((_, index) => `${pipeline}.${index}`),
  );
  // As written too: a stage with a fault of its own is not planned, and is no fault of the test's.
  const written = Object.values(topology.pipelines).flatMap((stages) =>
    (stages ?? []).flatMap((stage) => stage?.id ?? []),
  );
  const known = [...streams.keys(), ...ids.keys(), ...written, ...places];
  for (const name of Object.keys(counts)) {
    if (known.includes(name)) continue;
    const message = `there is no stream or stage "${name}"${didYouMean(name, known)}`;
    report.error("UNKNOWN_STREAM", [...path, name], message, { on: "key" });
  }
}

/** The field specs have refused what is neither. */
function instantMs(instant: Instant): number {
  return parseInstant(instant) ?? 0;
}
