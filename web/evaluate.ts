/**
 * What the dashboard reads out of a record: the value and the series of a chart or counter.
 *
 * @module
 */

import type { Expression } from "../topology/language/mod.ts";

/** A decoded record of a sink topic. */
export interface SinkRecord {
  readonly stream: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: unknown;
  /** `[start, end)`, Unix epoch ms; absent for records without a window. */
  readonly window?: readonly [number, number];
  /** Kafka record timestamp, Unix epoch ms; the x of records without a window. */
  readonly timestampMs: number;
  /** null = tombstone: the point is deleted. */
  readonly value: Readonly<Record<string, unknown>> | null;
}

/** Scope of a dashboard expression. */
export interface SinkScope {
  readonly key: unknown;
  readonly value: unknown;
  readonly window: { readonly start: number; readonly end: number } | undefined;
}

/** Compiles an expression of the plan. What the function throws counts as a failed evaluation. */
export type Evaluate = (expression: Expression) => (scope: SinkScope) => unknown;

/** One record as a chart or counter sees it. */
export interface Point {
  readonly series: string;
  readonly start: number;
  readonly end: number;
  /** null: deleted. */
  readonly y: number | null;
}

export type ReadPoint = (record: SinkRecord) => Point | undefined;

/** The one series of a chart without `series:`. */
export const SINGLE_SERIES = "";

/**
 * @param y expression whose value is drawn; numbers and bigints count, anything else is a failure
 * @param series absent: everything is one curve
 * @param failed called for each record that cannot be evaluated
 */
export function createPointReader(
  evaluate: Evaluate,
  y: Expression,
  series: Expression | undefined,
  failed: () => void,
): ReadPoint {
  const readY = evaluate(y);
  const readSeries = series === undefined ? undefined : evaluate(series);
  return (record) => {
    const [start, end] = record.window ?? [record.timestampMs, record.timestampMs];
    const window = record.window === undefined ? undefined : { start, end };
    const scope = { key: record.key, value: record.value, window };
    try {
      const name = readSeries === undefined ? SINGLE_SERIES : String(readSeries(scope));
      if (record.value === null) return { series: name, start, end, y: null };
      const value = readY(scope);
      const y = typeof value === "bigint" ? Number(value) : value;
      if (typeof y === "number" && Number.isFinite(y)) return { series: name, start, end, y };
    } catch {
      // Counted below: an expression that fails on one record must not end the dashboard.
    }
    failed();
    return undefined;
  };
}
