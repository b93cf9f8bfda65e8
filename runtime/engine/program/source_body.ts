/**
 * Source text of what comes before the stages: how a record is read, timed and counted at its source.
 *
 * @module
 */

import type { AvroType, InputPlan } from "../../../topology/language/mod.ts";
import { generateProjection } from "../../serde/mod.ts";
import type { Draft } from "./scope.ts";
import type { Unit } from "./stages.ts";

/** How the generated code of one input reads a value. */
export type ValueReading =
  /** Avro written with `writer`, after a frame of `frameBytes` bytes (5 with a registry id, 0 without). */
  | {
      readonly kind: "avro";
      readonly writer: AvroType;
      readonly reader: AvroType;
      readonly frameBytes: 0 | 5;
    }
  /** Everything else: decoded whole by the input's `decodeValue`. */
  | { readonly kind: "whole" };

/** Statements that read the original fields; they throw for what cannot be decoded. */
export function readSource(draft: Draft, reading: ValueReading): string {
  const fields = draft.fields;
  if (reading.kind === "whole") {
    const decode = "i.decodeValue(c.buffer, c.valueStart, c.valueEnd)";
    if (fields.length === 0) return `${decode};`;
    const selected = fields.map(({ path, local }) => `${local} = ${selectedSource(path)};`);
    return `const whole = ${decode}; ${selected.join(" ")}`;
  }
  return [
    `const b = c.buffer, end = c.valueEnd; let p = c.valueStart + ${reading.frameBytes};`,
    generateProjection({
      writer: reading.writer,
      reader: reading.reader,
      root: "value",
      paths: fields.map(({ path }) => path),
      locals: fields.map(({ local }) => local),
      names: { bytes: "b", position: "p", end: "end", library: "A" },
    }),
  ].join("\n");
}

/** A field of the decoded value, null where there is a null on the way. */
function selectedSource(path: readonly string[]): string {
  if (path.length === 0) return "whole";
  return `whole${path.map((name) => `?.[${JSON.stringify(name)}]`).join("")} ?? null`;
}

/** A null value: dropped, and counted, by each stage that would have had it. */
export function droppedSource(unit: Unit, input: InputPlan): string {
  return input.nodes
    .map((node) => {
      const i = unit.indexOf(node);
      return `n${i}.in++; n${i}.nullDropped++;`;
    })
    .join(" ");
}

export function sourceBody(
  eventTime: string | undefined,
  read: string,
  stages: string,
  { before, ofNull }: { readonly before: string; readonly ofNull: string },
): string {
  const advance = [
    `if (!(time >= 0 && time <= i.latestMs)) { n.invalid++; out.invalidTime(i, c, time); return; }`,
    `if (time > clock.streamTimeMs) clock.streamTimeMs = time;`,
  ].join("\n");
  const guard = (code: string) =>
    `try { ${code} } catch (x) { n.dead++; out.deadSource(i, c, x); return; }`;
  const isNull = `if (c.valueStart < 0) { ${ofNull} }`;
  if (eventTime === undefined) {
    return [
      "n.read++; const time = c.timestamp;",
      advance,
      before,
      isNull,
      guard(read),
      "n.passed++;",
      stages,
    ].join("\n");
  }
  return [
    "n.read++; let time;",
    before,
    isNull,
    guard(`${read}\ntime = ${eventTime};`),
    advance,
    "n.passed++;",
    stages,
  ].join("\n");
}

/** What arrives here was decodable at its source; a failure is a bug, except for what `t` says. */
export function repartitionBody(read: string, stages: string): string {
  return [`const time = c.timestamp;`, read, stages].join("\n");
}
