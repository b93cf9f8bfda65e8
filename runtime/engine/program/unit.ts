/**
 * Units of generated code: one function per input and writer schema, one per window stage for its
 * results. A unit is a factory, compiled once per instance and instantiated per task.
 *
 * @module
 */

import {
  type AvroType,
  expressionLibrary,
  type Format,
  type InputPlan,
  isInclusive,
  isNumericAggregator,
  type Node,
  nodesBehind,
  ownWindow,
  type Plan,
  preAggregationOf,
  type ReduceNode,
  type RepartitionNode,
  type StorePlan,
  type StreamPlan,
  type Subtopology,
} from "../../../topology/language/mod.ts";
import { projectionLibrary } from "../../serde/mod.ts";
import { ENTRY_RECORDS, type EntryTable } from "../../state/mod.ts";
import { numericAggregator } from "../aggregators/mod.ts";
import type { RecordBytes } from "../rows.ts";
import { inputTopics, topicNumbers } from "../topic_numbers.ts";
import { engineLibrary } from "./library.ts";
import {
  Draft,
  expressionSource,
  type KeySource,
  type MadeSource,
  objectSource,
  type Scope,
} from "./scope.ts";
import {
  droppedSource,
  readSource,
  repartitionBody,
  sourceBody,
  type ValueReading,
} from "./source_body.ts";
import { type PartialPlan, stagesSource, type Unit } from "./stages.ts";

export type { ValueReading } from "./source_body.ts";

/** Processes the record that the cursor stands on; of a row that is gone, what its bytes were. */
export type InputProgram = (record: RecordBytes) => void;
/** Makes and forwards the result of one entry. */
export type ResultProgram = (
  entries: EntryTable,
  entry: number,
  windowStartMs: number,
  windowEndMs: number,
) => void;
/** @param task the task's run-time object; its shape is in `task.ts` */
export type UnitFactory<P> = (task: object) => P;

/** Nodes of a subtopology in one list, parents first: a node's number is its place. */
export function flattenNodes(subtopology: Subtopology): readonly Node[] {
  const all: Node[] = [];
  const visit = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      all.push(node);
      visit(nodesBehind(node));
    }
  };
  for (const input of subtopology.inputs) visit(input.nodes);
  // Several ways can lead to one node, and then to all behind it.
  return [...new Set(all)];
}

/**
 * Compiles the program of one input for records written in one way.
 * @param preAggregates records are put together before they travel, where that can be
 * @param isGone they are rows of a table that are taken back
 */
export function compileInput(
  plan: Plan,
  subtopology: Subtopology,
  inputNumber: number,
  reading: ValueReading,
  preAggregates: boolean,
  isGone = false,
): UnitFactory<InputProgram> {
  const input = subtopology.inputs[inputNumber]!;
  const nodes = flattenNodes(subtopology);
  const source = input.from.kind === "stream" ? plan.streams[input.from.stream]! : undefined;
  const ofRows = input.from.kind === "stream" && input.from.rows !== undefined;
  const rows = isGone ? "gone" : ofRows ? "standing" : undefined;
  const draft = new Draft();
  const used = new Set<number>();
  const unit: Unit = {
    draft,
    indexOf: (node) => nodes.indexOf(node),
    used,
    input: inputNumber,
    streamTime: source === undefined ? "id.streamTimeMs" : "clock.streamTimeMs",
    from: "record",
    ...(rows !== undefined && { rows }),
    read: (other) => readSource(other, reading),
    keyFormatOf: (stream) => plan.streams[stream]!.key.format,
    storeOf: (node) => storeOf(plan, node),
    partialOf: (node) =>
      preAggregates ? partialOf(plan, subtopology, nodes, node, inputNumber) : undefined,
  };
  const scope: Scope = {
    value: { kind: "original" },
    at: "time",
    ...(source === undefined
      ? {
          topic: "i.writersTopic",
          partition: "id.partition",
          offset: isGone ? "id.rowOffset" : "id.offset",
          order: "ofIdentity(time, id, i.writersTopicNumber)",
        }
      : {
          topic: "i.topic",
          partition: "t.partition",
          offset: "c.offset",
          order: `ofRecord(time, ${inputNumber}, t.partition, c.offset)`,
        }),
    // Of a row they are not kept.
    headers: ofRows ? "L.noHeaderTexts" : "L.headerTexts(c)",
    entries: ofRows ? "L.noHeaders" : "c",
    ...keyOf(input, source),
  };
  const eventTime =
    source?.eventTime === undefined ? undefined : expressionSource(draft, scope, source.eventTime);
  const stages = stagesSource(unit, input.nodes, scope);
  const splitKey =
    source?.key.window === undefined ? "" : "wk.read(c.buffer, c.keyStart, c.keyEnd);\n";
  const read = splitKey + readSource(draft, reading);
  const body =
    source === undefined || isGone
      ? repartitionBody(read, stages)
      : ofRows
        ? sourceBody(eventTime, read, `i.rowTimeMs = time;\n${stages}`, {
            before: `if (c.keyStart < 0) { n.passed++; ${droppedSource(unit, input)} return; }`,
            ofNull: "n.passed++; i.rowTimeMs = time ?? c.timestamp; return;",
          })
        : sourceBody(eventTime, read, stages, {
            before: "",
            ofNull: `n.passed++; ${droppedSource(unit, input)} return;`,
          });
  const locals = draft.fields.map(({ local }) => local);
  return instantiate(
    `return function (c) {\n${locals.length > 0 ? `let ${locals.join(", ")};\n` : ""}${body}\n};`,
    used,
    nodes.length,
    isGone ? "uncounted" : "counts",
    `const i = t.inputs[${inputNumber}], n = i.counts, clock = i.clock, id = i.identity, wk = i.windowedKey;`,
  );
}

function storeOf({ subtopologies }: Plan, { store }: ReduceNode): StorePlan {
  return subtopologies.flatMap(({ stores }) => stores).find(({ stage }) => stage === store)!;
}

/** What is put together before a repartition topic, of what comes from one input. */
function partialOf(
  plan: Plan,
  subtopology: Subtopology,
  nodes: readonly Node[],
  repartition: RepartitionNode,
  input: number,
): PartialPlan | undefined {
  const made = preAggregationOf(plan, repartition.topic);
  if (made === undefined) return undefined;
  const { id } = made.from.writers.find(({ subtopology: name }) => name === subtopology.name)!;
  return {
    index: nodes.length + nodes.indexOf(repartition),
    node: made.node,
    topic: inputTopics(subtopology, plan)[input]!,
    topicNumber: topicNumbers(plan, made.from.writers).get(id)![input]!,
  };
}

/** The key as it came, and the window that it is of. */
function keyOf({ from }: InputPlan, source: StreamPlan | undefined): Pick<Scope, "key" | "window"> {
  const window = source?.key.window;
  const keyEnd = window === undefined ? "c.keyEnd" : "wk.keyEnd";
  const key: KeySource =
    window?.as === "record"
      ? { kind: "local", local: "wk.key" }
      : {
          kind: "bytes",
          bytes: "c.buffer",
          start: "c.keyStart",
          end: keyEnd,
          format: from.kind === "repartition" ? from.key : source!.key.format,
          decoded: `i.decodeKey(c.buffer, c.keyStart, ${keyEnd})`,
        };
  if (window !== undefined) return { key, window: { start: "wk.startMs", end: "wk.endMs" } };
  if (from.kind !== "repartition" || !from.windowed) return { key };
  return { key, window: { start: "id.windowStartMs", end: "id.windowEndMs" } };
}

/** Compiles the program that turns entries of a window stage into results; `preAggregates` as above. */
export function compileResults(
  plan: Plan,
  subtopology: Subtopology,
  node: ReduceNode,
  preAggregates: boolean,
): UnitFactory<ResultProgram> {
  const nodes = flattenNodes(subtopology);
  const i = nodes.indexOf(node);
  const draft = new Draft();
  const used = new Set<number>([i]);
  const unit: Unit = {
    draft,
    indexOf: (other) => nodes.indexOf(other),
    used,
    input: 0,
    streamTime: "t.watermarkMs",
    from: node.emit === "final" ? "final" : "update",
    read: () => "",
    keyFormatOf: (stream) => plan.streams[stream]!.key.format,
    storeOf: (other) => storeOf(plan, other),
    partialOf: (repartition) =>
      preAggregates ? partialOf(plan, subtopology, nodes, repartition, 0) : undefined,
  };
  const fields = new Map<string, MadeSource>();
  const locals: string[] = [];
  const lower: string[] = [];
  let slot = 0;
  let objects = 0;
  for (const { name, aggregator } of node.aggregators) {
    const local = draft.local("r");
    locals.push(local);
    fields.set(name, { kind: "local", local });
    if (!isNumericAggregator(aggregator)) {
      lower.push(`${local} = s${i}.objects[${objects++}].lower(pane, e);`);
      continue;
    }
    const code = numericAggregator(aggregator);
    const first = slot;
    lower.push(
      `${local} = ${code.lower((n) => `f[e + s${i}.accumulator + ${first + n}]`, "L", `f[e + ${ENTRY_RECORDS}]`)};`,
    );
    slot += code.initial.length;
  }
  const record: MadeSource = { kind: "record", fields };
  const scope: Scope = {
    value: node.tombstones ? { kind: "local", local: "whole" } : record,
    key: {
      kind: "bytes",
      bytes: "kb",
      start: "ks",
      end: "ke",
      format: node.key,
      decoded: `s${i}.decodeKey(kb, ks, ke)`,
    },
    at: "time",
    ...(node.kind === "windowedReduce" && { window: { start: "ws", end: "we" } }),
    topic: '""',
    partition: "t.partition",
    offset: "-1",
    headers: "L.noHeaderTexts",
    entries: "L.noHeaders",
  };
  const stages = stagesSource(unit, node.next, scope);
  const final = node.emit === "final";
  const { window } = unit.storeOf(node);
  const own = ownWindow(window);
  const last = own !== undefined && isInclusive(own) ? "we" : "we - 1";
  const time = final ? last : `f[e + s${i}.maxTime]`;
  // Updates hold the same records again and again: those are counted once, when their window closes.
  // So are those of windows that slide, each in many of which its records are.
  const isCounted = final && window.kind !== "sliding";
  const counted = (name: string) => (isCounted ? `n${i}.${name} += f[e + ${ENTRY_RECORDS}];` : "");
  return instantiate(
    [
      `return function (pane, e, ws, we) {`,
      `const f = pane.f64, kb = pane.keys, ks = pane.keyStart(e), ke = pane.keyEnd(e);`,
      `const time = ${time};`,
      `out.beginResult(ws, we, kb, ks, ke, ${final});`,
      `let ${locals.join(", ")};`,
      node.tombstones ? `let whole = null; if (f[e + ${ENTRY_RECORDS}] > 0)` : "",
      `try { ${lower.join(" ")} ${node.tombstones ? `whole = ${objectSource(record)};` : ""} } catch (x) { ${counted("deadResultRecords")} out.deadResult(s${i}, x, kb, ks, ke); return; }`,
      `n${i}.results++; ${counted("resultRecords")}`,
      stages,
      `};`,
    ].join("\n"),
    used,
    nodes.length,
    "counts",
    "",
  );
}

/** @param nodes how many there are: the numbers behind are of what is put together before them */
function instantiate<P>(
  body: string,
  used: ReadonlySet<number>,
  nodes: number,
  counts: "counts" | "uncounted",
  head: string,
): UnitFactory<P> {
  const placeOf = (i: number) =>
    i < nodes ? `t.stages[${i}]` : `t.partials.get(${i - nodes}).stage`;
  const stages = [...used]
    .map((i) => `const s${i} = ${placeOf(i)}, n${i} = s${i}.${counts};`)
    .join("\n");
  // Built from the plan only: names of fields pass JSON.stringify or the schema's own rules.
  const make = new Function(
    "t",
    "X",
    "A",
    "L",
    `"use strict"; const out = t.out;\n${head}\n${stages}\n${body}`,
  );
  return (task) => make(task, expressionLibrary, projectionLibrary, engineLibrary) as P;
}

/** How the values of an input are framed in bytes, given the writer's schema where it has an id. */
export function readingOf(plan: Plan, input: InputPlan, writer?: AvroType): ValueReading {
  const format: Format =
    input.from.kind === "stream" ? plan.streams[input.from.stream]!.value : input.from.value;
  if (format.kind !== "avro") return { kind: "whole" };
  return {
    kind: "avro",
    writer: writer ?? format.schema,
    reader: format.schema,
    frameBytes: writer === undefined ? 0 : 5,
  };
}
