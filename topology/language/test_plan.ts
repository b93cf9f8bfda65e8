/**
 * Tests of a definition, as the plan holds them.
 *
 * @module
 */

/** Where something stands in a file; line and column from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  /** 0 in the object form, where `path` tells the place. */
  readonly line: number;
  readonly column: number;
  readonly path?: string;
}

/** A test of the definition, its values still as written; the test driver interprets the steps. */
export interface TestPlan {
  readonly name: string;
  /** Of its name. */
  readonly place: Place;
  readonly partitions: number;
  readonly steps: readonly TestStep[];
}

export interface SentRecord {
  /** Event time, ms since 1970. */
  readonly atMs?: number;
  readonly partition?: number;
  readonly key?: unknown;
  /** Of a windowed key: start and end, ms since 1970. */
  readonly window?: readonly [number, number];
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ExpectedRecord {
  readonly place: Place;
  readonly key?: unknown;
  readonly window?: readonly [number, number];
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What must have been written to one stream. */
export interface ExpectedStream {
  readonly stream: string;
  /** Of the stream's name. */
  readonly place: Place;
  readonly records: readonly ExpectedRecord[];
}

/** One number of the ledger. */
export interface ExpectedCount {
  /** A stream or a stage id. */
  readonly of: string;
  readonly count: string;
  readonly expected: number;
  readonly place: Place;
}

/** What happens to an instance: it commits and leaves, or it is gone without a word. */
export type EndOfInstance = "clean" | "crash";

export type TestStep = { readonly place: Place } & (
  | { readonly kind: "send"; readonly stream: string; readonly records: readonly SentRecord[] }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "restart"; readonly how: EndOfInstance }
  | { readonly kind: "instances"; readonly count: number; readonly leaving: EndOfInstance }
  | { readonly kind: "expect" | "contain"; readonly streams: readonly ExpectedStream[] }
  | { readonly kind: "ledger"; readonly counts: readonly ExpectedCount[] }
);
