/** What the engine has written and counted against what the oracle says. */

import type { WrittenRecord } from "../../runtime/testing/mod.ts";
import type { Observed } from "./application.ts";
import type { Reduce, Topology } from "./description.ts";
import type { Counts, Outcome, Output } from "./oracle.ts";
import type { Run } from "./runs.ts";

/** Sorted lines of text by what they are about; equal for the engine and the oracle. */
export type Report = Record<string, unknown>;

/** Under at-least-once a crash may repeat what it has written; otherwise nothing comes twice. */
export function repeats({ atomic, steps }: Run): boolean {
  return (
    !atomic &&
    steps.some(
      (step) =>
        step.kind === "tear" ||
        (step.kind === "restart" && step.how === "crash") ||
        (step.kind === "instances" && step.leaving === "crash"),
    )
  );
}

export function expectedReport(topology: Topology, outcome: Outcome, run: Run): Report {
  const report: Report = {};
  for (const [stream, records] of outcome.sinks) {
    report[stream] = seen(records.map(showOutput), run);
  }
  for (const [stream, records] of outcome.late) {
    report[stream] = seen(
      records.map(
        (record) =>
          `${showOutput(record)} ${record.stage} ${record.firstWindowMs} ${record.lastWindowMs} ${record.windows} ${record.byMs} late`,
      ),
      run,
    );
  }
  report["dead_letters"] = seen(outcome.dead, run);
  report["ledger"] = countsOf(topology, run, (name) => outcome.ledger.get(name) ?? {});
  return withoutEmpty(report);
}

export function observedReport(
  topology: Topology,
  { written, ledger }: Observed,
  run: Run,
): Report {
  const { late, running } = streamsOf(topology);
  const sources = new Set(topology.sources.map(({ name }) => name));
  const rekeying = new Rekeying(topology);
  const report: Report = {};
  for (const [stream, records] of written) {
    let lineOf = (record: WrittenRecord) => showOutput(outputOf(record));
    if (stream === "dead_letters") lineOf = deadLine(sources, rekeying);
    else if (late.has(stream)) lineOf = lateLine;
    report[stream] = running.has(stream) ? lastOfEach(records) : seen(records.map(lineOf), run);
  }
  report["ledger"] = countsOf(topology, run, (name) => {
    // A reduce that makes its key, and what it takes from elsewhere, are counted in steps.
    const names = [rekeying.of(name), `${name}.repartition`, name];
    const steps: readonly Counts[] = names.flatMap(
      (step) => ledger[step ?? ""] ?? ([] as Counts[]),
    );
    const sum = (each: string) => steps.reduce((all, step) => all + (step[each] ?? 0), 0);
    const own = ledger[name] ?? {};
    return {
      ...own,
      in: steps[0]?.["in"] ?? 0,
      nullDropped: sum("nullDropped"),
      dead: sum("dead"),
    };
  });
  return withoutEmpty(report);
}

/** Streams of late records, and those whose records replace each other. */
function streamsOf({ pipelines }: Topology) {
  const late = new Set<string>();
  const running = new Set<string>();
  for (const { stages } of pipelines) {
    let final = true;
    for (const stage of stages) {
      if (stage.kind === "sink" && !final) running.add(stage.stream);
      if (stage.kind !== "reduce") continue;
      final = stage.emit === "final";
      if (stage.late !== undefined) late.add(stage.late);
    }
  }
  return { late, running };
}

/** Stages whose counts do not add up at the end of a run, when no window is open any more. */
export function brokenSums({ pipelines }: Topology, { ledger }: Observed): string[] {
  const endless = new Set(
    pipelines
      .flatMap(({ stages }) => stages)
      .flatMap((stage) => (stage.kind === "reduce" && stage.window === undefined ? stage.id : [])),
  );
  return Object.entries(ledger).flatMap(([name, counts]) => {
    const sum = (names: string) =>
      names.split(" ").reduce((all, each) => all + (counts[each] ?? 0), 0);
    let holds: boolean;
    if ("read" in counts) holds = counts["read"] === sum("invalid dead passed");
    else if ("accepted" in counts) {
      // A record counts in as many windows as cover it.
      const taken = sum("nullDropped dead accepted lateAtSource lateAtOperator");
      const written = sum("resultRecords deadResultRecords");
      holds = endless.has(name) ? counts["in"] === taken : counts["accepted"] === written;
    } else holds = counts["in"] === sum("filtered nullDropped dead passed");
    return holds ? [] : `${name} ${JSON.stringify(counts)}`;
  });
}

/** Records that were refused because an idle partition had let their window close. */
export function closedWhileIdle({ ledger }: Observed): number {
  return Object.values(ledger).reduce(
    (sum, counts) => sum + (counts["lateAtOperator"] ?? 0) + (counts["partlyLate"] ?? 0),
    0,
  );
}

function withoutEmpty(report: Report): Report {
  return Object.fromEntries(
    Object.entries(report).filter(([, lines]) => !Array.isArray(lines) || lines.length > 0),
  );
}

/** Lines as often as they came, or, where they may be repeated, which there are. */
function seen(lines: readonly string[], run: Run): string[] {
  return (repeats(run) ? [...new Set(lines)] : [...lines]).sort();
}

function showOutput({ key, window, value, timeMs }: Output): string {
  return `${key} ${window === undefined ? "" : `${window.startMs}..${window.endMs}`} ${timeMs} ${show(value)}`;
}

function show(value: Output["value"]): string {
  return JSON.stringify(value, Object.keys(value ?? {}).sort());
}

function outputOf({ key, window, value, timestampMs }: WrittenRecord): Output {
  return {
    key: key as string | null,
    window: window === undefined ? undefined : { startMs: window[0], endMs: window[1] },
    value: value as Output["value"],
    timeMs: timestampMs,
  };
}

function lastOfEach(records: readonly WrittenRecord[]): string[] {
  const last = new Map<string, string>();
  for (const record of records) {
    const name = `${record.key} ${record.window}`;
    // A session that has grown is another one now.
    if (record.value === null) last.delete(name);
    else last.set(name, showOutput(outputOf(record)));
  }
  return [...last.values()].sort();
}

function lateLine(record: WrittenRecord): string {
  const header = (name: string) => record.headers[`millrace.${name}`];
  const parts = ["stage", "late.first", "late.last", "late.windows", "late.by", "late.reason"];
  return [showOutput(outputOf(record)), ...parts.map(header)].join(" ");
}

/** Where a reduce makes its key, the engine counts that as a stage: `<pipeline>.<place>`. */
class Rekeying {
  readonly #byReduce = new Map<string, string>();
  readonly #reduces = new Map<string, string>();

  constructor({ pipelines }: Topology) {
    for (const { name, stages } of pipelines) {
      stages.forEach((stage, n) => {
        if (stage.kind !== "reduce" || stage.key === undefined) return;
        this.#byReduce.set(stage.id, `${name}.${n + 1}`);
        this.#reduces.set(`${name}.${n + 1}`, stage.id);
      });
    }
  }

  of(reduce: string): string | undefined {
    return this.#byReduce.get(reduce);
  }

  /** The reduce that a stage of the engine belongs to, or the stage itself. */
  reduceOf(stage: string): string {
    return this.#reduces.get(stage) ?? stage;
  }
}

function deadLine(sources: ReadonlySet<string>, rekeying: Rekeying) {
  return ({ headers }: WrittenRecord): string => {
    const at = (name: string) => headers[`__streams.errors.${name}`];
    const source = sources.has(at("topic") ?? "");
    const place = source ? `${at("topic")}/${at("partition")}@${at("offset")}` : "result";
    const stage = rekeying.reduceOf(headers["millrace.stage"] ?? "");
    return `${stage} ${headers["millrace.code"]} ${place}`;
  };
}

/** How often a window that depends on its records is written depends on their order. */
function dependsOnOrder({ window }: Reduce): boolean {
  return window?.kind === "sliding" || window?.kind === "session";
}

const RECEIVED = "accepted lateAtSource lateAtOperator resultRecords deadResultRecords";
const REDUCE = `in nullDropped dead ${RECEIVED}`;
const STATELESS = "in filtered nullDropped dead passed";

function countsOf(topology: Topology, run: Run, of: (name: string) => Counts): Counts {
  const all: Counts = {};
  const take = (name: string, classes: string) => {
    for (const each of classes.split(" ")) all[`${name}.${each}`] = of(name)[each] ?? 0;
  };
  // A torn commit has written updates that are not counted again where they were made.
  const uncertain = new Set<string>();
  for (const { name, from, stages } of topology.pipelines) {
    if (topology.sources.some((source) => from.includes(source.name))) {
      take(name, "read invalid dead passed");
    }
    let behind = from.some((parent) => uncertain.has(parent));
    for (const stage of stages) {
      if (stage.kind === "reduce") {
        take(stage.id, behind ? RECEIVED : REDUCE);
        behind =
          typeof stage.emit === "object" ||
          (stage.emit === "updates" && (repeats(run) || dependsOnOrder(stage)));
        if (!behind) take(stage.id, "results");
      } else if (!behind) {
        take(stage.id, STATELESS);
      }
    }
    if (behind) uncertain.add(name);
  }
  return all;
}
