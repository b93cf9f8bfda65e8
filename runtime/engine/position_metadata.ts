/**
 * What is committed beside an offset, in its metadata string.
 *
 *     v1 <stream time> <last read> <watermark> <state>      numbers in ms, `-` for -Infinity
 *
 * `state` is `fresh` in the commit that precedes all processing: whatever the changelog holds then was
 * written after it; then `run`, or `idle` while the partition is idle. At most 80 bytes; brokers refuse
 * more than 4,096.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";
import type { SourceTime } from "./source_clock.ts";

export interface PositionMetadata extends SourceTime {
  /** Watermark of the task when it committed, ms. */
  readonly watermarkMs: number;
  readonly fresh: boolean;
  /** The partition holds nobody back. */
  readonly idle: boolean;
}

export const FRESH: PositionMetadata = {
  streamTimeMs: Number.NEGATIVE_INFINITY,
  lastReadMs: Number.NEGATIVE_INFINITY,
  watermarkMs: Number.NEGATIVE_INFINITY,
  fresh: true,
  idle: false,
};

export function formatPositionMetadata(metadata: PositionMetadata): string {
  const { streamTimeMs, lastReadMs, watermarkMs, fresh, idle } = metadata;
  let state = "run";
  if (fresh) state = "fresh";
  else if (idle) state = "idle";
  return `v1 ${text(streamTimeMs)} ${text(lastReadMs)} ${text(watermarkMs)} ${state}`;
}

/** @throws {MillraceError} STATE_MISMATCH for offsets that some other program committed */
export function parsePositionMetadata(metadata: string): PositionMetadata {
  const parts = metadata.split(" ");
  const [version, stream, read, watermark, state] = parts;
  const numbers = [stream, read, watermark].map(number);
  if (
    parts.length !== 5 ||
    version !== "v1" ||
    numbers.some(Number.isNaN) ||
    (state !== "fresh" && state !== "run" && state !== "idle")
  ) {
    throw new MillraceError(
      "STATE_MISMATCH",
      `Cannot resume: the group's offsets were not committed by Millrace (metadata ${JSON.stringify(metadata)}); ` +
        "use another topology name, or delete the group",
    );
  }
  const [streamTimeMs, lastReadMs, watermarkMs] = numbers as [number, number, number];
  return {
    streamTimeMs,
    lastReadMs,
    watermarkMs,
    fresh: state === "fresh",
    idle: state === "idle",
  };
}

function text(ms: number): string {
  if (ms === Number.NEGATIVE_INFINITY) return "-";
  if (ms === Number.POSITIVE_INFINITY) return "+";
  return String(ms);
}

function number(part: string | undefined): number {
  if (part === "-") return Number.NEGATIVE_INFINITY;
  if (part === "+") return Number.POSITIVE_INFINITY;
  return part === undefined || part === "" ? Number.NaN : Number(part);
}
