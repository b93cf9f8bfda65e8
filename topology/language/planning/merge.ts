/**
 * Several sources of one pipeline. Nothing moves: each record stays in the task that has read it, and
 * the stages behind the merge run there. Only a reduce brings the records together, by their keys.
 *
 * @module
 */

import type { Path } from "../document/mod.ts";
import type { ExpressionType, Scope } from "../expression/mod.ts";
import { showWindow as showWindowPlan } from "../show_window.ts";
import { showExtent } from "../window_extent.ts";
import type { Flow, Planning, RecordWindow, Side } from "./context.ts";
import { sameType, showType } from "./types.ts";
import { sameFormat } from "./write.ts";

/** Ways to one stage, through merges of merges. */
const MAX_WAYS = 100;

interface MergedSource {
  /** Of a stream or a pipeline. */
  readonly name: string;
  readonly path: Path;
  readonly flow: Flow;
}

/** @returns undefined when the sources do not go together, which has been reported */
export function mergeFlows(
  sources: readonly MergedSource[],
  pipeline: string,
  planning: Planning,
): Flow | undefined {
  const { report } = planning;
  const [first, ...others] = sources as [MergedSource, ...MergedSource[]];
  const names = new Set<string>();
  for (const { name, path } of sources) {
    if (names.has(name)) {
      report.error("DUPLICATE_NAME", path, `"${name}" is already a source of "${pipeline}"`);
      return undefined;
    }
    names.add(name);
  }
  for (const other of others) {
    const why = whyNotTogether(first, other);
    if (why === undefined) continue;
    report.error("TYPE_MISMATCH", other.path, `merged sources must be alike: ${why}`, {
      hint: "bring them to one form first, each in a pipeline of its own that ends with a map",
    });
    return undefined;
  }
  const flows = sources.map(({ flow }) => flow);
  const ways = flows.reduce((sum, flow) => sum + flow.ways, 0);
  if (ways > MAX_WAYS) {
    const message = `records get here in ${ways} ways, more than ${MAX_WAYS}`;
    report.error("TOO_DEEP", first.path.slice(0, 4), message, {
      hint: "let the merges write to a stream, and read that",
    });
    return undefined;
  }
  const window = mergeWindows(flows);
  const sampledBy = flows.find((flow) => flow.sampledBy !== undefined)?.sampledBy;
  return {
    subtopologies: [...new Set(flows.flatMap(({ subtopologies }) => subtopologies))],
    ends: flows.flatMap(({ ends }) => ends),
    ways,
    scope: mergeScopes(flows),
    key: mergeSides(flows.map(({ key }) => key)),
    value: mergeSides(flows.map(({ value }) => value)),
    // The same key may come from partitions of another number, or of other producers.
    partitionedByKey: false,
    ...(first.flow.ofRows && { ofRows: true }),
    ...(window !== undefined && { window }),
    ...(sampledBy !== undefined && { sampledBy }),
    streams: [...new Set(flows.flatMap(({ streams }) => streams))],
    depth: Math.max(...flows.map(({ depth }) => depth)),
  };
}

function whyNotTogether(a: MergedSource, b: MergedSource): string | undefined {
  for (const side of ["key", "value"] as const) {
    const [left, right] = [a.flow[side].type, b.flow[side].type];
    if (sameType(left, right)) continue;
    return `the ${side} of "${b.name}" is ${showType(right)}, that of "${a.name}" ${showType(left)}`;
  }
  if (a.flow.ofRows !== b.flow.ofRows) {
    const [rows, records] = a.flow.ofRows ? [a, b] : [b, a];
    return `"${rows.name}" is a table, whose rows replace one another, "${records.name}" is not`;
  }
  if (showWindow(a.flow.window) === showWindow(b.flow.window)) return undefined;
  return `"${b.name}" has ${showWindow(b.flow.window)}, "${a.name}" ${showWindow(a.flow.window)}`;
}

function showWindow(window: RecordWindow | undefined): string {
  if (window === undefined) return "no windows";
  if (window.stage === undefined)
    return `results of others, of windows: ${showExtent(window.extent)}`;
  const emit = typeof window.emit === "string" ? window.emit : "newest";
  return `${emit} results of windows: ${showWindowPlan(window.of)}`;
}

function mergeWindows(flows: readonly Flow[]): RecordWindow | undefined {
  const first = flows[0]?.window;
  if (first?.stage === undefined) return first;
  const windows = flows.flatMap(({ window }) => (window?.stage === undefined ? [] : [window]));
  return {
    ...first,
    graceMs: Math.max(...windows.map(({ graceMs }) => graceMs)),
    counted: new Set(
      [...first.counted].filter((name) => windows.every((w) => w.counted.has(name))),
    ),
  };
}

/** Bytes that all of them have in one format can travel as they came. */
function mergeSides(sides: readonly Side[]): Side {
  const [{ type, unchanged }] = sides as [Side, ...Side[]];
  const alike =
    unchanged !== undefined &&
    sides.every((side) => side.unchanged !== undefined && sameFormat(side.unchanged, unchanged));
  const tombstones = sides.some((side) => side.tombstones);
  return { type, ...(alike && { unchanged }), ...(tombstones && { tombstones }) };
}

/** What is known of all of them. Proven is what each has proven. */
function mergeScopes(flows: readonly Flow[]): Scope {
  const [first, ...others] = flows as [Flow, ...Flow[]];
  const scope = new Map<string, ExpressionType>();
  for (const [name, type] of first.scope) {
    const types = others.map((flow) => flow.scope.get(name));
    if (types.some((other) => other === undefined)) continue;
    const isProven = types.every((other) => sameType(type, other!));
    const declared = name === "key" || name === "value" ? first[name].type : type;
    scope.set(name, isProven ? type : declared);
  }
  return scope;
}
