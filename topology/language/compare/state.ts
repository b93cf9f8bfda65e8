/**
 * What a stage keeps between records, as far as it decides whether the state of an earlier run fits.
 *
 * @module
 */

import { showEmit } from "../describe/mod.ts";
import { showDuration } from "../duration.ts";
import { fingerprint } from "../fingerprint.ts";
import type { EmitMode, InputPlan, Node, StreamPlan, Subtopology, WindowPlan } from "../plan.ts";
import { showWindow } from "../show_window.ts";
import { ownWindow } from "../window_extent.ts";
import {
  canonicalAggregator,
  canonicalExpression,
  canonicalFormat,
  canonicalKeys,
} from "./canonical.ts";

export interface StateSnapshot {
  readonly window: WindowPlan;
  readonly emit: EmitMode;
  /** Fingerprint of the key's format and of how it is made. */
  readonly key: string;
  /** Name and fingerprint of each, in the order of their accumulators. */
  readonly reducers: readonly (readonly [name: string, fingerprint: string])[];
  /** Topics its records come from. */
  readonly sources: readonly string[];
  /** Fingerprint of how their event times are made. */
  readonly eventTime: string;
  /** Fingerprint of the form in which records are under way to it; null: they come straight. */
  readonly underWay: string | null;
  /** Rows of tables: fingerprint of all that decides what has been made of them. Absent: there are none. */
  readonly rows?: string;
}

/** Where the records of a node come from, and what has made their keys. */
export interface Lineage {
  readonly topics: readonly string[];
  readonly eventTimes: readonly unknown[];
  readonly keyMadeBy: readonly unknown[];
  /** Rows of tables: how they are read, and every stage they have come through. */
  readonly rowsMadeBy?: readonly unknown[];
}

/**
 * What a node adds to the way of its records, and what it keeps. A kind that is missing here does not
 * compile: whether it has state is to be said.
 */
export function stateOf(
  node: Node,
  { stores }: Subtopology,
  from: InputPlan["from"],
  lineage: Lineage,
): { readonly lineage: Lineage; readonly state?: StateSnapshot } {
  switch (node.kind) {
    case "filter":
    case "branch":
    case "peek":
    case "sink":
    case "repartition":
      return { lineage };
    case "emit": {
      const keys = canonicalKeys(node.emits);
      if (keys === undefined) return { lineage };
      return { lineage: { ...lineage, keyMadeBy: [...lineage.keyMadeBy, keys] } };
    }
    case "reduce":
    case "windowedReduce": {
      const { window } = stores.find(({ stage }) => stage === node.store)!;
      return {
        lineage,
        state: {
          window,
          emit: node.emit,
          key: fingerprint([canonicalFormat(node.key), lineage.keyMadeBy]),
          reducers: node.aggregators.map(({ name, aggregator }) => [
            name,
            fingerprint(canonicalAggregator(aggregator)),
          ]),
          sources: lineage.topics,
          eventTime: fingerprint(lineage.eventTimes),
          underWay: from.kind === "stream" ? null : formUnderWay(from),
          ...(node.takesBack && { rows: fingerprint(lineage.rowsMadeBy ?? null) }),
        },
      };
    }
  }
}

/** What a table keeps: rows as their bytes came, which carry their schema. */
export function stateOfTable({ topic, key, value, eventTime }: StreamPlan): StateSnapshot {
  return {
    window: { kind: "none" },
    emit: "updates",
    key: fingerprint(canonicalFormat(key.format)),
    reducers: [],
    sources: [topic],
    eventTime: fingerprint(eventTime === undefined ? null : canonicalExpression(eventTime)),
    underWay: null,
    rows: fingerprint(value.kind),
  };
}

/** Bytes that travel as they came carry their schema: it may evolve. */
function formUnderWay(from: Extract<InputPlan["from"], { kind: "repartition" }>): string {
  const { value, valueUnchanged, carriedKey } = from;
  const form = valueUnchanged === true ? [value.kind, "as it came"] : canonicalFormat(value);
  return fingerprint(carriedKey === undefined ? form : [form, canonicalFormat(carriedKey)]);
}

export interface StateChanges {
  /** Why the state does not fit any more. */
  readonly lost: readonly string[];
  /** What changes although the state goes on being used. */
  readonly kept: readonly string[];
}

export function compareStates(before: StateSnapshot, after: StateSnapshot): StateChanges {
  const lost: string[] = [];
  const kept: string[] = [];
  const [old, now] = [showWindow(before.window), showWindow(after.window)];
  if (old !== now) lost.push(`window: ${old}, now ${now}`);
  else if (zoneRulesOf(before.window) !== zoneRulesOf(after.window)) {
    lost.push(
      `window: ${now}, by other rules: the zone data of this machine are of another version`,
    );
  }
  if (before.key !== after.key) lost.push("key: made or encoded in another way");
  lost.push(...reducerChanges(before.reducers, after.reducers));
  if (before.sources.join() !== after.sources.join()) {
    lost.push(`source topic: ${before.sources.join(", ")}, now ${after.sources.join(", ")}`);
  }
  if (before.eventTime !== after.eventTime) {
    lost.push("event time of its source: made in another way, so windows mean other records");
  }
  if (before.underWay !== after.underWay) {
    lost.push("records under way in its repartition topic: of another form");
  }
  if (before.rows !== after.rows) {
    lost.push(
      "rows: made in another way, so that those that have been counted could not be taken back",
    );
  }
  compareGrace(before.window, after.window, lost, kept);
  compareRetention(before.window, after.window, kept);
  const [emitted, emits] = [showEmit(before.emit), showEmit(after.emit)];
  if (before.emit === "final" && after.emit !== "final") {
    lost.push(`emit: final, now ${emits}: what is in open windows would end without a result`);
  } else if (emitted !== "final" && after.emit === "final") {
    kept.push(`emit: ${emitted}, now final: open windows give one more result, when they close`);
  } else if (emitted !== emits) kept.push(`emit: ${emitted}, now ${emits}`);
  return { lost, kept };
}

function zoneRulesOf(window: WindowPlan): string | undefined {
  const own = ownWindow(window);
  return own?.kind === "calendar" ? own.zoneRules : undefined;
}

/** It decides when a window closes, not what it is. */
function compareGrace(before: WindowPlan, after: WindowPlan, lost: string[], kept: string[]): void {
  if (!("graceMs" in before && "graceMs" in after)) return;
  if (before.kind === "hopping" && after.kind === "hopping" && before.panes !== after.panes) {
    lost.push("entries: of windows that overlap, each by itself or in panes that they share");
  }
  const grace = `grace: ${showDuration(before.graceMs)}, now ${showDuration(after.graceMs)}`;
  if (after.graceMs < before.graceMs) {
    lost.push(`${grace}: windows that only the longer one keeps open would end without a result`);
  } else if (after.graceMs > before.graceMs) {
    kept.push(`${grace}: a record for a window that has closed already opens it again, empty`);
  }
}

/** It decides when a key is forgotten, not what is known of it. */
function compareRetention(before: WindowPlan, after: WindowPlan, kept: string[]): void {
  if (before.kind !== "none" || after.kind !== "none") return;
  if (before.retentionMs === after.retentionMs) return;
  const show = ({ retentionMs }: typeof before) =>
    retentionMs === undefined ? "forever" : showDuration(retentionMs);
  kept.push(`retention: ${show(before)}, now ${show(after)}`);
}

function reducerChanges(
  before: StateSnapshot["reducers"],
  after: StateSnapshot["reducers"],
): readonly string[] {
  const [old, now] = [new Map(before), new Map(after)];
  const changes = [
    ...[...now.keys()].filter((name) => !old.has(name)).map((name) => `${name} is new`),
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => `${name} is gone`),
    ...[...now]
      .filter(([name, of]) => old.has(name) && old.get(name) !== of)
      .map(([name]) => `${name} is computed in another way`),
  ];
  const isMoved = changes.length === 0 && [...old.keys()].join() !== [...now.keys()].join();
  if (isMoved) changes.push("they stand in another order");
  return changes.length === 0 ? [] : [`reducers: ${changes.join(", ")}`];
}
