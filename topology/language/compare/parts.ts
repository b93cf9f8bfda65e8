/**
 * What a stage does, taken apart: values that are equal when, and only when, the stage does the same.
 *
 * Where something stands (spans, paths, places used as names) is left out, and so are types, which
 * follow from the rest and from the formats of the streams.
 *
 * @module
 */

import { fingerprint } from "../fingerprint.ts";
import { formatAvroSchema } from "../format_avro_schema.ts";
import type { Format, Node, Plan, StreamPlan } from "../plan.ts";

export type Parts = Readonly<Record<string, string>>;

/** Longer values are only compared, never shown. */
const SHOWN_CHARACTERS = 40;
const FINGERPRINT = "#";

/** All of a node but what it is called, where it stands and what stands behind it. */
export function nodeParts(node: Node, next: readonly Node[]): Parts {
  const { stage: _stage, path: _path, kind: _kind, ...rest } = node;
  const children = new Set<unknown>(next);
  const parts: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) {
    const reduced = reduce(value, children);
    if (reduced !== undefined) parts[name] = part(reduced);
  }
  return parts;
}

/** How a stream is read. */
export function sourceParts(stream: StreamPlan): Parts {
  const { name, topic, key, value, eventTime, idleMs, maxFutureMs, maxSkewMs, start, onError } =
    stream;
  const read = {
    topic,
    key: { ...key, format: formatOf(key.format) },
    value: formatOf(value),
    eventTime: eventTime === undefined ? null : reduce(eventTime, new Set()),
    idle: idleMs,
    maxFuture: maxFutureMs,
    ...(maxSkewMs !== undefined && { maxSkew: maxSkewMs }),
    start,
    onError,
  };
  return Object.fromEntries(
    Object.entries(read).map(([option, of]) => [`${name}.${option}`, part(of)]),
  );
}

/** How the streams of these topics are written. */
export function sinkParts(topics: readonly string[], { streams }: Plan): Parts {
  const written = Object.values(streams).filter(({ topic }) => topics.includes(topic));
  return Object.fromEntries(
    written.flatMap(({ name, topic, key, value }) => [
      [`${name}.topic`, topic],
      [`${name}.key`, part({ ...key, format: formatOf(key.format) })],
      [`${name}.value`, part(formatOf(value))],
    ]),
  );
}

/** @param values of several nodes of one stage */
export function joinParts(values: readonly Parts[]): Parts {
  const all: Record<string, Set<string>> = {};
  for (const parts of values) {
    for (const [name, value] of Object.entries(parts)) (all[name] ??= new Set()).add(value);
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, set]) => [
      name,
      set.size === 1 ? [...set][0]! : part([...set]),
    ]),
  );
}

/** What differs, for people: `emit: final, now updates`, `predicate has changed`. */
export function partChanges(before: Parts, after: Parts): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return (
    names
      .filter((name) => before[name] !== after[name])
      // `s.idle` of a stream that is not in both: the part that names the stream says it.
      .filter((name) => !name.includes(".") || (name in before && name in after))
      .map((name) => {
        const [old, now] = [before[name] ?? "none", after[name] ?? "none"];
        const isShown = !old.startsWith(FINGERPRINT) && !now.startsWith(FINGERPRINT);
        return isShown ? `${name}: ${old}, now ${now}` : `${name} has changed`;
      })
  );
}

export function part(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isShort = typeof value !== "object" && text.length <= SHOWN_CHARACTERS;
  return isShort && !text.startsWith(FINGERPRINT) ? text : FINGERPRINT + fingerprint(value);
}

function formatOf(format: Format): unknown {
  return format.kind === "avro" ? formatAvroSchema(format.schema) : format.kind;
}

function reduce(value: unknown, children: ReadonlySet<unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.filter((item) => !children.has(item));
    return items.length < value.length ? undefined : items.map((item) => reduce(item, children));
  }
  if (isAvro(value)) return formatOf(value);
  if (isExpressionType(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "span" && name !== "type")
      .map(([name, inner]) => [name, reduce(inner, children)]),
  );
}

function isAvro(value: object): value is Extract<Format, { kind: "avro" }> {
  return "kind" in value && value.kind === "avro" && "schema" in value;
}

/** The result type of a node; a record type made by a stage is called after the stage's place. */
function isExpressionType(value: object): boolean {
  return "kind" in value && value.kind === "record" && "fields" in value && "name" in value;
}
