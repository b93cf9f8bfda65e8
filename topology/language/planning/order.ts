/**
 * The order in which pipelines are planned: writers before readers. What has no such order is a
 * cycle.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import type { Planning } from "./context.ts";
import { many } from "./one_or_many.ts";
import { written } from "./streams.ts";
import { walkStages } from "./walk_stages.ts";

/** @returns names of pipelines; those in a cycle, which has been reported, are left out */
export function pipelineOrder(planning: Planning): readonly string[] {
  const { pipelines } = planning.topology;
  const ordered: string[] = [];
  const done = new Map<string, "open" | "planned" | "cyclic">();

  // Depth is bounded by the number of pipelines: 2,000 keys a map.
  function visit(pipeline: string, trail: readonly string[]): boolean {
    const state = done.get(pipeline);
    if (state !== undefined) return state === "planned";
    done.set(pipeline, "open");
    let acyclic = true;
    for (const { name, path } of sourcesOf(planning, pipeline)) {
      if (!visitSource(name, path, pipeline, trail)) acyclic = false;
    }
    done.set(pipeline, acyclic ? "planned" : "cyclic");
    if (acyclic) ordered.push(pipeline);
    return acyclic;
  }

  function visitSource(
    source: string,
    path: Path,
    pipeline: string,
    trail: readonly string[],
  ): boolean {
    const writers = Object.hasOwn(pipelines, source)
      ? [source]
      : [...(planning.streams.get(source)?.writers ?? [])];
    const here = [...trail, pipeline, source];
    for (const writer of writers) {
      if (done.get(writer) === "open") {
        reportCycle(planning, writer, source, path, here);
        return false;
      }
      if (!visit(writer, writer === source ? [...trail, pipeline] : here)) return false;
    }
    return true;
  }

  for (const pipeline of Object.keys(pipelines)) visit(pipeline, []);
  return ordered;
}

function reportCycle(
  { report, streams, topology }: Planning,
  writer: string,
  source: string,
  path: Path,
  trail: readonly string[],
): void {
  const loop = trail.slice(trail.indexOf(writer)).toReversed();
  const closed = loop[0] === writer ? loop : [writer, ...loop];
  const message = `a cycle: ${closed.join(" → ")}`;
  const own = streams.get(source)?.writers.has(trail.at(-2)!) ?? false;
  if (own) {
    const name = trail.at(-2)!;
    const at = placeOfWriting(topology.pipelines[name] ?? [], name, source) ?? path;
    report.error("SINK_IS_SOURCE", at, `"${name}" writes to "${source}", its own source`);
  } else {
    report.error("CYCLE", path, message, { hint: "records would go round for ever" });
  }
}

/** The stage of a pipeline that writes to a stream. */
function placeOfWriting(
  stages: readonly (Stage | undefined)[],
  pipeline: string,
  stream: string,
): Path | undefined {
  for (const { stage, path } of walkStages(stages, ["pipelines", pipeline])) {
    if (!written(stage).includes(stream)) continue;
    return stage.sink === undefined ? [...path, "windowedReduce", "late"] : [...path, "sink"];
  }
  return undefined;
}

interface Source {
  readonly name: string;
  readonly path: Path;
}

function sourcesOf({ topology }: Planning, pipeline: string): readonly Source[] {
  const first = topology.pipelines[pipeline]?.[0];
  if (first?.source === undefined) return [];
  return many(first.source, ["pipelines", pipeline, 0, "source"]).map(({ item, path }) => ({
    name: item,
    path,
  }));
}

/** Streams and pipelines that some pipeline reads. */
export function namesRead({ topology }: Planning): ReadonlySet<string> {
  const names = new Set<string>();
  for (const stages of Object.values(topology.pipelines)) {
    const source = stages?.[0]?.source;
    if (source !== undefined) for (const { item } of many(source, [])) names.add(item);
  }
  return names;
}
