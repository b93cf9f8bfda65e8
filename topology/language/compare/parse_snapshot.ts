/**
 * A stored snapshot, read back.
 *
 * @module
 */

import { type PlanSnapshot, SNAPSHOT_VERSION } from "./snapshot.ts";

type Shape = (value: unknown) => boolean;

const text: Shape = (value) => typeof value === "string";
const number: Shape = (value) => typeof value === "number" && Number.isSafeInteger(value);
const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);
const either =
  (...values: readonly unknown[]): Shape =>
  (value) =>
    values.includes(value);
const list =
  (item: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.every(item);
const map =
  (item: Shape): Shape =>
  (value) =>
    isObject(value) && Object.values(value).every(item);
const object =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, shape]) => shape(value[name]));

const OWN_WINDOWS = [
  object({
    kind: either("hopping"),
    sizeMs: number,
    advanceMs: number,
    offsetMs: number,
    graceMs: number,
  }),
  object({ kind: either("sliding"), differenceMs: number, graceMs: number }),
  object({ kind: either("session"), gapMs: number, graceMs: number }),
  object({ kind: either("calendar"), unit: text, zone: text, zoneRules: text, graceMs: number }),
];

const WINDOWS = [
  ...OWN_WINDOWS,
  object({
    kind: either("same"),
    of: (value) => OWN_WINDOWS.some((shape) => shape(value)),
  }),
  object({ kind: either("none") }),
];

const STATE = object({
  window: (value) => WINDOWS.some((shape) => shape(value)),
  emit: (value) => either("final", "updates")(value) || object({ everyMs: number })(value),
  key: text,
  reducers: list((pair) => list(text)(pair) && (pair as readonly unknown[]).length === 2),
  sources: list(text),
  eventTime: text,
  underWay: (value) => value === null || text(value),
  rows: optional(text),
});

const STAGE = object({
  stage: text,
  path: text,
  kind: text,
  subtopology: text,
  parts: map(text),
  state: optional(STATE),
});

const SNAPSHOT = object({
  version: either(SNAPSHOT_VERSION),
  application: text,
  subtopologies: list(
    object({
      name: text,
      changelogTopic: text,
      inputs: list(object({ topic: text, writers: optional(list(text)) })),
    }),
  ),
  sequences: list(object({ path: text, stages: list(STAGE) })),
  partitions: map(number),
  topics: object({ sources: list(text), written: list(text), internal: list(text) }),
});

/** @returns undefined when it is none of this version */
export function parseSnapshot(json: string): PlanSnapshot | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return SNAPSHOT(value) ? (value as PlanSnapshot) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
