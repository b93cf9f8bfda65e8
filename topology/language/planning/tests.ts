/**
 * Tests of a definition, inline or in files of their own: names looked up, times resolved, values
 * checked against the schemas and left as written.
 *
 * @module
 */

import type { Expected, Instant, Sent, Step } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import { parseInstant } from "../duration.ts";
import type { CheckedTests } from "../fields/mod.ts";
import type {
  ExpectedCount,
  ExpectedRecord,
  ExpectedStream,
  SentRecord,
  TestPlan,
  TestStep,
} from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import { createEndOf, showExtent } from "../window_extent.ts";
import type { Planning, StreamDraft, StreamShape } from "./context.ts";
import { DEAD_LETTER_SHAPE } from "./dead_letters.ts";
import { DEAD_LETTERS } from "./names.ts";
import { namesRead } from "./order.ts";
import { durationMs, findStream } from "./streams.ts";
import { checkTestValue } from "./test_values.ts";

/** The tests of one file; `report` is that file's. */
export interface TestList {
  readonly tests: CheckedTests;
  readonly report: Report;
}

/** @param files What stands in files of its own; the definition's own tests come first. */
export function planTests(planning: Planning, files: readonly TestList[]): readonly TestPlan[] {
  const inline = { tests: planning.topology.tests ?? [], report: planning.report };
  return [inline, ...files].flatMap(({ tests, report }) => {
    const here: Planning = { ...planning, report };
    return tests.flatMap((test, index): readonly TestPlan[] => {
      if (test === undefined) return [];
      const path = ["tests", index];
      const partitions = test.partitions ?? 1;
      const steps = test.steps.flatMap(
        (step, n) => (step && planStep(step, [...path, "steps", n], partitions, here)) ?? [],
      );
      return [{ name: test.name, place: report.placeOf([...path, "name"]), partitions, steps }];
    });
  });
}

function planStep(
  step: Step,
  path: Path,
  partitions: number,
  planning: Planning,
): TestStep | undefined {
  const place = planning.report.placeOf(path);
  if ("send" in step) {
    const records = planSent(step.records, step.send, path, partitions, planning);
    return records && { kind: "send", stream: step.send, records, place };
  }
  if ("wait" in step) return { kind: "wait", ms: durationMs(step.wait, 0), place };
  if ("restart" in step) return { kind: "restart", how: step.restart, place };
  if ("instances" in step) {
    const { instances: count, leaving = "clean" } = step;
    return { kind: "instances", count, leaving, place };
  }
  if ("expect" in step) {
    const streams = planExpected(step.expect, [...path, "expect"], planning);
    return { kind: "expect", streams, place };
  }
  if ("contain" in step) {
    const streams = planExpected(step.contain, [...path, "contain"], planning);
    return { kind: "contain", streams, place };
  }
  if ("ledger" in step) {
    return { kind: "ledger", counts: planLedger(step.ledger, path, planning), place };
  }
  // What stood here was wrong and has been reported.
  return undefined;
}

function planSent(
  records: readonly (Sent | undefined)[],
  stream: string,
  path: Path,
  partitions: number,
  planning: Planning,
): readonly SentRecord[] | undefined {
  const isDeadLetters = stream === DEAD_LETTERS && namesRead(planning).has(stream);
  const draft = isDeadLetters ? undefined : findStream(stream, [...path, "send"], planning);
  if (draft === undefined && !isDeadLetters) return undefined;
  const shape = draft === undefined ? DEAD_LETTER_SHAPE : draft.shape;
  if (draft?.readers.size === 0 && !draft.broken) {
    if (planning.incomplete) return undefined;
    const message = `nothing reads "${stream}"`;
    planning.report.error("UNKNOWN_STREAM", [...path, "send"], message);
    return undefined;
  }
  const planned: SentRecord[] = [];
  for (const [index, record] of records.entries()) {
    if (record === undefined) continue;
    const { at, partition, key, window, value, headers } = record;
    const here = [...path, "records", index];
    if (shape !== undefined) {
      checkSentWindow(record, shape, stream, here, planning);
      checkTestValue(key, shape.key.format, "sent", [...here, "key"], planning);
      checkTestValue(value, shape.value, "sent", [...here, "value"], planning);
    }
    if (partition !== undefined && partition >= partitions) {
      const message = `there are ${partitions} partitions, from 0: no partition ${partition}`;
      const hint = `write \`partitions: ${partition + 1}\` beside the test's name`;
      planning.report.error("BAD_VALUE", [...here, "partition"], message, { hint });
    }
    planned.push({
      ...(at !== undefined && { atMs: instantMs(at) }),
      ...(partition !== undefined && { partition }),
      ...(key !== undefined && { key }),
      ...(window !== undefined && { window: windowMs(window) }),
      value,
      ...(headers !== undefined && { headers }),
    });
  }
  return planned;
}

/** A windowed key has a window, of the size that the stream's windows have. */
function checkSentWindow(
  { key = null, window }: Sent,
  { key: { window: declared } }: StreamShape,
  stream: string,
  path: Path,
  { report }: Planning,
): void {
  if (declared === undefined || key === null) {
    if (window === undefined) return;
    const message =
      declared === undefined ? `records of "${stream}" have no window` : "without a key no window";
    report.error("TYPE_MISMATCH", [...path, "window"], message);
    return;
  }
  const { extent } = declared;
  const size = showExtent(extent);
  if (window === undefined) {
    const message = `keys of "${stream}" have a window: which one must be said`;
    const example = extent.kind === "fixed" ? size : "1h";
    report.error("MISSING_KEY", path, message, { hint: `window: [0s, ${example}]` });
    return;
  }
  // A hole, which has been reported.
  if (window.includes(undefined as never)) return;
  const [startMs, endMs] = windowMs(window);
  const isWindow =
    extent.kind === "session" ? startMs <= endMs : createEndOf(extent)(startMs) === endMs;
  if (isWindow) return;
  const message =
    extent.kind === "session"
      ? "a session ends where it begins or later"
      : `windows of "${stream}" are of ${size}`;
  report.error("BAD_TEST_VALUE", [...path, "window"], message);
}

function planExpected(expected: Expected, path: Path, planning: Planning): ExpectedStream[] {
  return Object.entries(expected).map(([stream, records]) => {
    const at = [...path, stream];
    const draft = stream === DEAD_LETTERS ? undefined : findExpected(stream, at, planning);
    return {
      stream,
      place: planning.report.placeOf(at, "key"),
      records: (records ?? []).flatMap((record, index): readonly ExpectedRecord[] => {
        if (record === undefined) return [];
        const here = [...at, index];
        const { window, ...rest } = record;
        checkExpected(record, draft, stream, here, planning);
        return [
          {
            ...rest,
            place: planning.report.placeOf(here),
            ...(window !== undefined && { window: windowMs(window) }),
          },
        ];
      }),
    };
  });
}

/** @param draft absent: dead letters, or a stream that is not known */
function checkExpected(
  { key, window, value }: Expected[string][number],
  draft: StreamDraft | undefined,
  stream: string,
  path: Path,
  planning: Planning,
): void {
  const shape = stream === DEAD_LETTERS ? DEAD_LETTER_SHAPE : draft?.shape;
  if (shape === undefined) return;
  if (window !== undefined && shape.window === undefined) {
    const message = `records of "${stream}" have no window`;
    planning.report.error("TYPE_MISMATCH", [...path, "window"], message);
  }
  checkTestValue(key, shape.key.format, "expected", [...path, "key"], planning);
  checkTestValue(value, shape.value, "expected", [...path, "value"], planning);
}

function findExpected(name: string, path: Path, planning: Planning): StreamDraft | undefined {
  const draft = planning.streams.get(name);
  if (draft !== undefined || planning.topology.streamsUnknown) return draft;
  const known = [...planning.streams.keys(), DEAD_LETTERS];
  const message = `there is no stream "${name}"${didYouMean(name, known)}`;
  planning.report.error("UNKNOWN_STREAM", path, message, { on: "key" });
  return undefined;
}

function planLedger(
  ledger: Readonly<Record<string, Readonly<Record<string, number>>>>,
  path: Path,
  { report, streams, ids, topology, incomplete }: Planning,
): ExpectedCount[] {
  const places = Object.entries(topology.pipelines).flatMap(([pipeline, stages]) =>
    (stages ?? []).map((_, index) => `${pipeline}.${index}`),
  );
  // As written too: a stage with a fault of its own is not planned, and is no fault of the test's.
  const written = Object.values(topology.pipelines).flatMap((stages) =>
    (stages ?? []).flatMap((stage) => stage?.id ?? []),
  );
  const known = [...streams.keys(), ...ids.keys(), ...written, ...places];
  return Object.entries(ledger).flatMap(([of, counts]) => {
    const at = [...path, "ledger", of];
    // A pipeline names its stateful stage, which an error may have left out.
    const isLeftOut =
      topology.streamsUnknown || (incomplete && Object.hasOwn(topology.pipelines, of));
    if (!known.includes(of) && !isLeftOut) {
      const message = `there is no stream or stage "${of}"${didYouMean(of, known)}`;
      report.error("UNKNOWN_STREAM", at, message, { on: "key" });
    }
    return Object.entries(counts ?? {}).flatMap(([count, expected]) => {
      // A hole: what stood here was no number.
      if (expected === undefined) return [];
      return [{ of, count, expected, place: report.placeOf([...at, count], "key") }];
    });
  });
}

function windowMs([start, end]: readonly [Instant, Instant]): readonly [number, number] {
  return [instantMs(start), instantMs(end)];
}

/** The field specs have refused what is neither. */
function instantMs(instant: Instant): number {
  return parseInstant(instant) ?? 0;
}
