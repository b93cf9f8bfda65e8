/**
 * What a command's words mean among the streams of the plan.
 *
 * @module
 */

import type { Plan, StreamPlan } from "../../topology/language/mod.ts";
import { UsageError } from "./command.ts";

/** Streams that the topology reads from the outside. */
export function sourceStreams(plan: Plan): readonly StreamPlan[] {
  const names = plan.subtopologies.flatMap(({ inputs }) =>
    inputs.flatMap(({ from }) => (from.kind === "stream" ? [from.stream] : [])),
  );
  return [...new Set(names)].map((name) => plan.streams[name]!);
}

/**
 * The source of that name, or the only one that nothing here writes.
 * @throws {UsageError}
 */
export function sourceStream(plan: Plan, name: string | undefined): StreamPlan {
  const sources = sourceStreams(plan);
  const names = sources.map((source) => source.name).join(", ");
  if (name === undefined) {
    const outside = sources.filter(({ written }) => !written);
    if (outside.length === 1) return outside[0]!;
    throw new UsageError(`${plan.application} has several sources: say --stream ${names}`);
  }
  const found = sources.find((source) => source.name === name);
  if (found === undefined) throw new UsageError(`there is no source "${name}"; there is ${names}`);
  return found;
}

/** A stream by its name or its topic's. @throws {UsageError} */
export function anyStream(plan: Plan, name: string): StreamPlan {
  const streams = Object.values(plan.streams);
  const found = streams.find((s) => s.name === name) ?? streams.find((s) => s.topic === name);
  if (found === undefined) {
    throw new UsageError(
      `there is no stream "${name}"; there is ${streams.map((s) => s.name).join(", ")}`,
    );
  }
  return found;
}
