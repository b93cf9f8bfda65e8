/**
 * Headers of records that leave the normal way: dead letters and late records.
 *
 * @module
 */

import { encodeHeaders } from "../wire/mod.ts";

const utf8 = new TextEncoder();

export interface DeadLetter {
  /** Where the record was first read. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly stage: string;
  readonly code: string;
  readonly error: unknown;
  readonly wallMs: number;
}

/** Header entries of a dead letter; the originals come before them. */
export function deadLetterHeaders(letter: DeadLetter): Uint8Array {
  const { error } = letter;
  return encodeHeaders([
    ["__streams.errors.topic", text(letter.topic)],
    ["__streams.errors.partition", text(letter.partition)],
    ["__streams.errors.offset", text(letter.offset)],
    ["__streams.errors.exception", text(error instanceof Error ? error.name : "Error")],
    ["__streams.errors.message", text(error instanceof Error ? error.message : String(error))],
    ["millrace.stage", text(letter.stage)],
    ["millrace.code", text(letter.code)],
    ["millrace.timestamp", text(letter.wallMs)],
  ]);
}

export const DEAD_LETTER_HEADERS = 8;

/**
 * What is left out of a dead letter that would be too large with it, in this order: where the record
 * was read, its source still has it.
 */
export const OMITTED = ["value", "headers", "key"] as const;

/** One header more, which names what is left out. */
export function omittedHeader(omitted: readonly (typeof OMITTED)[number][]): Uint8Array {
  return encodeHeaders([["millrace.omitted", text(omitted.join(" "))]]);
}

export interface LateRecord {
  readonly stage: string;
  /** Starts of the first and last window that refused it, and how many did. */
  readonly firstWindowMs: number;
  readonly lastWindowMs: number;
  readonly windows: number;
  /** How far the clock that judged it was behind closing time, ms. */
  readonly latenessMs: number;
  readonly reason: string;
}

export function lateHeaders(late: LateRecord): Uint8Array {
  return encodeHeaders([
    ["millrace.stage", text(late.stage)],
    ["millrace.late.first", text(late.firstWindowMs)],
    ["millrace.late.last", text(late.lastWindowMs)],
    ["millrace.late.windows", text(late.windows)],
    ["millrace.late.by", text(late.latenessMs)],
    ["millrace.late.reason", text(late.reason)],
  ]);
}

export const LATE_HEADERS = 6;

function text(value: string | number): Uint8Array {
  return utf8.encode(String(value));
}
