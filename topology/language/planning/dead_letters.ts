/**
 * What reads the stream of dead letters. A dead letter that fails behind it must not become another
 * one: that would be read again, and fail again, for ever. So whatever processes records that may have
 * been dead letters, on whatever way through topics of this definition, either leaves out what fails
 * (nothing is lost: it still is on the stream of dead letters) or stops.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { ExpressionType } from "../expression/mod.ts";
import type { Format } from "../plan.ts";
import type { Flow, Planning, StreamDraft, StreamShape } from "./context.ts";
import { DEAD_LETTERS } from "./names.ts";

const BYTES: Format = { kind: "bytes" };
const BYTES_TYPE: ExpressionType = { kind: "bytes" };

/** Keys and values as they came. */
export const DEAD_LETTER_SHAPE: StreamShape = {
  key: { format: BYTES },
  keyType: BYTES_TYPE,
  value: BYTES,
  valueType: BYTES_TYPE,
};

/** Whether some of the records here may have been read as dead letters. */
export function mayBeDeadLetters(
  { streams }: Pick<Flow, "streams">,
  { streams: drafts }: Planning,
): boolean {
  return streams.some((name) => name === DEAD_LETTERS || drafts.get(name)?.takesDeadLetters);
}

/** Refuses a stage that makes dead letters of what may have been some. A peek makes none. */
export function refuseDeadLetterLoop(
  { onError }: Stage,
  kind: keyof Stage,
  path: Path,
  flow: Flow,
  planning: Planning,
): void {
  if (kind === "peek" || onError === "skip" || onError === "fail") return;
  if (!mayBeDeadLetters(flow, planning)) return;
  const through = flow.streams.includes(DEAD_LETTERS)
    ? ""
    : ` through "${flow.streams.join('", "')}"`;
  report(
    `records of ${DEAD_LETTERS} get here${through}: one that fails again would come back for ever`,
    onError === undefined ? [...path, kind] : [...path, "onError"],
    onError === undefined,
    planning,
  );
}

/** Refuses a stream that is read and makes dead letters of what may have been some. */
export function refuseDeadLetterSource(draft: StreamDraft, planning: Planning): void {
  const { onError } = draft.declared;
  if (!draft.takesDeadLetters || onError === "skip" || onError === "fail") return;
  report(
    `records of ${DEAD_LETTERS} are written to "${draft.name}": one that cannot be read would come back for ever`,
    onError === undefined ? draft.path : [...draft.path, "onError"],
    onError === undefined,
    planning,
  );
}

function report(message: string, path: Path, onKey: boolean, planning: Planning): void {
  planning.report.error("DEAD_LETTER_LOOP", path, message, {
    on: onKey ? "key" : "value",
    hint: `write onError: skip (it still is on ${DEAD_LETTERS}) or onError: fail`,
  });
}
