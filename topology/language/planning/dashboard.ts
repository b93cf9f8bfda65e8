/**
 * The dashboard: charts and counters over streams.
 *
 * @module
 */

import type { Chart, Series } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import {
  checkExpression,
  type Expression,
  type ExpressionType,
  type Scope,
} from "../expression/mod.ts";
import type { ChartPlan, DashboardPlan, SeriesPlan } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import type { Planning, StreamDraft, StreamShape } from "./context.ts";
import { checkText, resultScope } from "./expressions.ts";
import { findStream } from "./streams.ts";
import { showType } from "./types.ts";

const DEFAULT_POINTS = 20;

export function planDashboard(planning: Planning): DashboardPlan {
  const { dashboard, description, topology } = planning.topology;
  const charts = dashboard?.charts?.map((chart, index) =>
    chart === undefined ? undefined : planChart(chart, ["dashboard", "charts", index], planning),
  );
  const counters = dashboard?.counters?.map((counter, index) =>
    counter === undefined
      ? undefined
      : planSeries(counter, ["dashboard", "counters", index], planning)?.plan,
  );
  return {
    title: dashboard?.title ?? description ?? topology,
    charts: charts?.filter((chart) => chart !== undefined) ?? defaultCharts(planning),
    counters: counters?.filter((counter) => counter !== undefined) ?? [],
  };
}

function planChart(chart: Chart, path: Path, planning: Planning): ChartPlan | undefined {
  const series = planSeries(chart, path, planning);
  if (series === undefined) return undefined;
  return completeChart(chart, series.plan, series.shape);
}

function completeChart(
  chart: Omit<Chart, "stream" | "y">,
  series: SeriesPlan,
  { window }: StreamShape,
): ChartPlan {
  // Of windows that were made before a source neither the distance is known nor what was counted.
  const made = window?.stage === undefined ? undefined : window;
  // Where windows are is known of those only that stand at equal distances.
  const zero = made?.of.kind === "hopping" && countsOnly(series.y, made.counted);
  return {
    ...series,
    ...(chart.title !== undefined && { title: chart.title }),
    points: chart.points ?? DEFAULT_POINTS,
    missing: chart.missing ?? (zero ? "zero" : "gap"),
    as: chart.as ?? "line",
    ...(made?.of.kind === "hopping" && { stepMs: made.of.advanceMs }),
  };
}

/** True when `y` is a count or a sum itself: then a window without records is a 0, not a hole. */
function countsOnly(y: Expression, counted: ReadonlySet<string>): boolean {
  return (
    y.op === "path" && y.root === "value" && y.path.length === 1 && counted.has(y.path[0] ?? "")
  );
}

function planSeries(
  series: Series,
  path: Path,
  planning: Planning,
): { readonly plan: SeriesPlan; readonly shape: StreamShape } | undefined {
  const { report } = planning;
  const draft = findStream(series.stream, [...path, "stream"], planning);
  const shape = draft && shownShape(draft, [...path, "stream"], planning);
  if (shape === undefined) return undefined;
  const scope = shownScope(shape);
  const naming = { valueName: series.stream };
  const y = checkText(series.y, scope, [...path, "y"], report, naming);
  if (y !== undefined && y.type.kind !== "int" && y.type.kind !== "double") {
    const message = `y must be a number, this is ${showType(y.type)}`;
    report.error("TYPE_MISMATCH", [...path, "y"], message, { span: y.span });
    return undefined;
  }
  const split =
    series.series === undefined
      ? undefined
      : checkText(series.series, scope, [...path, "series"], report, naming);
  if (split !== undefined && !["string", "int", "double", "enum"].includes(split.type.kind)) {
    const message = `a series must be text or a number, this is ${showType(split.type)}`;
    report.error("TYPE_MISMATCH", [...path, "series"], message, { span: split.span });
    return undefined;
  }
  if (y === undefined || (series.series !== undefined && split === undefined)) return undefined;
  lintKeys(series, split?.type, path, planning);
  const plan = {
    stream: series.stream,
    y,
    ...(split !== undefined && { series: split }),
    ...(series.only !== undefined && { only: series.only }),
    labels: series.labels ?? {},
  };
  return { plan, shape };
}

function shownShape(draft: StreamDraft, path: Path, planning: Planning): StreamShape | undefined {
  const isUnused = !draft.broken && draft.writers.size + draft.readers.size === 0;
  if (draft.shape === undefined && isUnused && !planning.incomplete) {
    planning.report.error("UNKNOWN_STREAM", path, `no stage reads or writes "${draft.name}"`);
  }
  return draft.shape;
}

function shownScope(shape: StreamShape): Scope {
  const scope = resultScope(shape.keyType, shape.valueType);
  if (shape.window !== undefined) return scope;
  return new Map([...scope].filter(([name]) => name !== "window"));
}

/** A label or an `only` for a key that cannot occur. */
function lintKeys(
  { labels, only }: Series,
  type: ExpressionType | undefined,
  path: Path,
  { report }: Planning,
): void {
  if (type?.kind !== "enum") return;
  const names = [
    ...(only ?? []).map((name, index) => ({
      name,
      at: [...path, "only", index],
      on: "value" as const,
    })),
    ...Object.keys(labels ?? {}).map((name) => ({
      name,
      at: [...path, "labels", name],
      on: "key" as const,
    })),
  ];
  for (const { name, at, on } of names) {
    if (type.symbols.includes(name)) continue;
    const guess = didYouMean(name, type.symbols);
    const hint = guess === "" ? `there is ${type.symbols.slice(0, 20).join(", ")}` : undefined;
    report.warning("UNKNOWN_SERIES", at, `the series "${name}" cannot occur${guess}`, { on, hint });
  }
}

/** No dashboard: one chart per windowed sink, its first number by key. */
function defaultCharts({ streams }: Planning): readonly ChartPlan[] {
  const charts: ChartPlan[] = [];
  for (const { name, shape, writers } of streams.values()) {
    if (writers.size === 0) continue;
    if (shape?.window === undefined || shape.valueType.kind !== "record") continue;
    const field = shape.valueType.fields.find(({ type }) => ["int", "double"].includes(type.kind));
    if (field === undefined) continue;
    const scope = shownScope(shape);
    const y = checkExpression(`value.${field.name}`, scope).expression;
    const byKey = ["string", "enum", "int"].includes(shape.keyType.kind);
    const series = byKey ? checkExpression("key", scope).expression : undefined;
    if (y === undefined) continue;
    const plan = { stream: name, y, ...(series !== undefined && { series }), labels: {} };
    charts.push(completeChart({}, plan, shape));
  }
  return charts;
}
