/**
 * Everything a page can be shown, derived from sink records alone: the same topic gives the same
 * board, whichever process reads it.
 *
 * @module
 */

import type { ChartPlan, DashboardPlan, SeriesPlan } from "../topology/language/mod.ts";
import { ChartRing } from "./chart_ring.ts";
import { Counter } from "./counter.ts";
import {
  createPointReader,
  type Evaluate,
  type Point,
  SINGLE_SERIES,
  type SinkRecord,
} from "./evaluate.ts";
import type { DashboardLimits } from "./limits.ts";
import { PositionTable } from "./positions.ts";
import type {
  Changes,
  ChartDescription,
  CounterDescription,
  CounterValue,
  Text,
  WindowRow,
} from "./protocol.ts";

/** A chart or a counter with the records that feed it. */
interface View {
  readonly id: string;
  readonly stream: string;
  /** Two plans with the same identity read the same numbers out of the same records. */
  readonly identity: string;
  readonly apply: (record: SinkRecord, seq: number) => void;
  /** Its own, because a view added later has to read the stream again from the start. */
  readonly positions: PositionTable;
}

interface ChartView extends View {
  readonly ring: ChartRing;
}

interface CounterView extends View {
  readonly counter: Counter;
}

export class Board {
  readonly plan: DashboardPlan;
  readonly #evaluate: Evaluate;
  readonly #limits: DashboardLimits;
  readonly #charts: readonly ChartView[];
  readonly #counters: readonly CounterView[];
  readonly positions: PositionTable;
  /** Records that could not be evaluated; one object, because views outlive the board that made them. */
  readonly #failed: { count: number };

  /** @param previous board of the same epoch, whose unchanged charts and counters are taken over */
  constructor(plan: DashboardPlan, evaluate: Evaluate, limits: DashboardLimits, previous?: Board) {
    this.plan = plan;
    this.#evaluate = evaluate;
    this.#limits = limits;
    this.#failed = previous === undefined ? { count: 0 } : previous.#failed;
    const oldCharts = new Map(
      (previous === undefined ? [] : previous.#charts).map((v) => [v.identity, v]),
    );
    const oldCounters = new Map(
      (previous === undefined ? [] : previous.#counters).map((v) => [v.identity, v]),
    );
    this.#charts = plan.charts.map((chart, i) => {
      const identity = identityOf(chart, Math.min(chart.points, limits.maxPointsPerChart));
      return { ...(oldCharts.get(identity) ?? this.#chartView(chart, identity)), id: `chart-${i}` };
    });
    this.#counters = plan.counters.map((counter, i) => {
      const identity = identityOf(counter, 0);
      const view = oldCounters.get(identity) ?? this.#counterView(counter, identity);
      return { ...view, id: `counter-${i}` };
    });
    this.positions = previous?.positions ?? new PositionTable();
  }

  /** Streams some view of which was not taken over from `previous`: they must be pushed again. */
  streamsToReread(previous: Board): readonly string[] {
    const known = new Set([...previous.#charts, ...previous.#counters].map((v) => v.identity));
    const fresh = [...this.#charts, ...this.#counters].filter((v) => !known.has(v.identity));
    return [...new Set(fresh.map((view) => view.stream))];
  }

  /**
   * Applies a record to every chart and counter of its stream; one that a view has seen (by partition
   * and offset) changes nothing.
   */
  push(record: SinkRecord, seq: number): void {
    this.positions.advance(record.stream, record.partition, record.offset);
    for (const view of this.#charts) feed(view, record, seq);
    for (const view of this.#counters) feed(view, record, seq);
  }

  changedSince(seq: number): Changes {
    const charts: Record<string, readonly WindowRow[]> = {};
    for (const { id, ring } of this.#charts) {
      const rows = ring.changedSince(seq);
      if (rows.length > 0) charts[id] = rows;
    }
    const counters: Record<string, Readonly<Record<string, CounterValue>>> = {};
    for (const { id, counter } of this.#counters) {
      const changed = counter.changedSince(seq);
      if (Object.keys(changed).length > 0) counters[id] = changed;
    }
    return { charts, counters };
  }

  describeCharts(): ChartDescription[] {
    return this.plan.charts.map((chart, i) => ({
      id: `chart-${i}`,
      stream: chart.stream,
      points: Math.min(chart.points, this.#limits.maxPointsPerChart),
      missing: chart.missing,
      as: chart.as,
      labels: labelsOf(chart, chart.title ?? chart.stream),
      ...(chart.title === undefined ? {} : { title: chart.title }),
      ...(chart.stepMs === undefined ? {} : { stepMs: chart.stepMs }),
      ...onlyOf(chart),
    }));
  }

  /** A counter without labels of its own borrows those of the charts that draw the same series. */
  describeCounters(): CounterDescription[] {
    return this.plan.counters.map((counter, i) => ({
      id: `counter-${i}`,
      stream: counter.stream,
      labels: { ...this.#chartLabels(counter), ...labelsOf(counter, counter.stream) },
      ...onlyOf(counter),
    }));
  }

  /** Numbers about what is not shown, for logs and metrics. */
  unshown(): { rolledOff: number; tooManySeries: number; tooOld: number; failed: number } {
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    return {
      rolledOff: sum(this.#charts.map(({ ring }) => ring.rolledOff)),
      tooManySeries:
        sum(this.#charts.map(({ ring }) => ring.tooManySeries)) +
        sum(this.#counters.map(({ counter }) => counter.tooManySeries)),
      tooOld: sum(this.#counters.map(({ counter }) => counter.tooOld)),
      failed: this.#failed.count,
    };
  }

  #chartLabels(counter: SeriesPlan): Record<string, Text> {
    const series = textOf(counter.series);
    const same = this.plan.charts.filter(
      (chart) => chart.stream === counter.stream && textOf(chart.series) === series,
    );
    return Object.assign({}, ...same.map((chart) => chart.labels));
  }

  #chartView(chart: ChartPlan, identity: string): ChartView {
    const windows = Math.min(chart.points, this.#limits.maxPointsPerChart);
    const { maxSeries } = this.#limits;
    const ring = new ChartRing({ windows, maxSeries, ...onlyOf(chart) });
    const apply = this.#reader(chart, (point, seq) => ring.apply(point, seq));
    return { id: "", stream: chart.stream, identity, apply, positions: new PositionTable(), ring };
  }

  #counterView(plan: SeriesPlan, identity: string): CounterView {
    const { maxSeries, maxCounterWindows: maxWindows } = this.#limits;
    const counter = new Counter({ maxSeries, maxWindows, ...onlyOf(plan) });
    const apply = this.#reader(plan, (point, seq) => counter.apply(point, seq));
    const positions = new PositionTable();
    return { id: "", stream: plan.stream, identity, apply, positions, counter };
  }

  #reader(plan: SeriesPlan, apply: (point: Point, seq: number) => void): View["apply"] {
    const read = createPointReader(this.#evaluate, plan.y, plan.series, () => {
      this.#failed.count++;
    });
    return (record, seq) => {
      const point = read(record);
      if (point !== undefined) apply(point, seq);
    };
  }
}

function feed(view: View, record: SinkRecord, seq: number): void {
  if (view.stream !== record.stream) return;
  if (!view.positions.advance(record.stream, record.partition, record.offset)) return;
  view.apply(record, seq);
}

/** A chart or counter without `series` has one nameless curve; it needs something to be called by. */
function labelsOf(plan: SeriesPlan, name: Text): Readonly<Record<string, Text>> {
  return plan.series === undefined ? { [SINGLE_SERIES]: name, ...plan.labels } : plan.labels;
}

function onlyOf(plan: SeriesPlan): { only?: readonly string[] } {
  return plan.only === undefined ? {} : { only: plan.only };
}

function identityOf(plan: SeriesPlan, windows: number): string {
  const only = plan.only === undefined ? null : [...plan.only].sort();
  return JSON.stringify([plan.stream, textOf(plan.y), textOf(plan.series), only, windows]);
}

/** Spans are positions in the definition's text; moving an expression does not change it. */
function textOf(expression: unknown): string {
  return JSON.stringify(expression ?? null, (key, value) => (key === "span" ? undefined : value));
}
