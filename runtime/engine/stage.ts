/**
 * Run-time object of one stage of one task: what the generated code works with.
 *
 * @module
 */

import {
  Calendar,
  type Format,
  type FunctionReducerPlan,
  isInclusive,
  isNumericAggregator,
  isReduce,
  type Node,
  ownWindow,
  type ReduceNode,
  type StorePlan,
  type StreamPlan,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { ByteSink, createFormat, createWindowKeyWriter } from "../serde/mod.ts";
import {
  EntryShape,
  type EntryShapeOptions,
  MAX_KEY_BYTES,
  type MemoryBudget,
  PlacedEntries,
  PlacedTable,
  type StageTable,
  TimedEntries,
  WindowTable,
} from "../state/mod.ts";
import {
  argumentsOf,
  CurrentOrder,
  limitBytesOf,
  numericAggregator,
  ObjectSlot,
  objectAggregator,
} from "./aggregators/mod.ts";
import { DistinctWindows } from "./distinct_windows.ts";
import { FunctionCall, type Functions } from "./function_call.ts";
import { FUNCTION_PARTIAL, FunctionReducer } from "./function_reducer.ts";
import { GoneRows } from "./gone_rows.ts";
import {
  type StageCounts,
  stageCounts,
  type TaskLedger,
  type WindowCounts,
  windowCounts,
} from "./ledger.ts";
import { ledgerName } from "./ledger_names.ts";
import { HeaderMaker } from "./made_headers.ts";
import type { PartitionOutput } from "./outputs.ts";
import { OverlappingWindows } from "./overlapping_windows.ts";
import {
  compileCombiner,
  compileReducer,
  keepsMaxTime,
  type ResultProgram,
} from "./program/mod.ts";
import { SeparateWindows } from "./separate_windows.ts";
import { SessionWindows } from "./session_windows.ts";
import { SlidingWindows } from "./sliding_windows.ts";
import type { Windows, WindowsContext } from "./windows.ts";

/** What a stage needs of the instance it runs in. */
export interface StageContext {
  readonly ledger: TaskLedger;
  readonly budget: MemoryBudget;
  /** Number of inputs of the subtopology. */
  readonly inputs: number;
  /** What the user's module of functions exports. */
  readonly functions: Functions;
  stream(name: string): StreamPlan;
  /** Registered id of the schema a stream's values (or keys) are written with; undefined: not Avro. */
  schemaId(stream: string, part: "key" | "value"): number | undefined;
  /** Outputs of every partition of a topic. */
  outputs(topic: string): readonly PartitionOutput[];
}

/** Combinations of list elements that a flatMap goes through for one record, all its emits together. */
const MAX_TURNS = 100_000;

export class Stage {
  readonly node: Node;
  readonly counts: StageCounts | WindowCounts;
  /** For rows that are gone: nothing is counted a second time. */
  readonly uncounted: StageCounts | WindowCounts;
  /** Scratch for an encoded key and an encoded value, overwritten by every use. */
  readonly key = new ByteSink();
  readonly value = new ByteSink();
  /** Encodes a key into `key`, from 0. @returns its end */
  readonly encodeKey: (value: unknown) => number = refuse;
  readonly encodeValue: (value: unknown) => number = refuse;
  readonly carriedKey = new ByteSink();
  readonly encodeCarriedKey: (value: unknown) => number = refuse;
  /** Per emit that makes headers: its maker. */
  readonly headerMakers: readonly (HeaderMaker | undefined)[] = [];
  /** Functions of the user's, in the order in which the emits call them. */
  readonly calls: readonly FunctionCall[] = [];
  /** A peek shows the next record after this, by the wall clock, ms. */
  nextPeekMs = Number.NEGATIVE_INFINITY;
  /** Value of a late record, in the late stream's format. */
  readonly encodeLate: (value: unknown) => number = refuse;
  readonly decodeKey: (bytes: Uint8Array, start: number, end: number) => unknown = refuse;
  /** Where records of this stage go, by partition: a sink's or repartition topic. */
  readonly outputs: readonly PartitionOutput[] = [];
  readonly late: readonly PartitionOutput[] = [];
  /** Scratch for the whole key of a windowed result. */
  readonly windowKey = new ByteSink();
  /** Sink of windowed results. */
  readonly writeWindowKey: ReturnType<typeof createWindowKeyWriter> | undefined;
  /** Registry id before a late value that comes without one. */
  readonly lateSchemaId: number | undefined;
  /** Set for a reduce: its windows, or the one that never closes. */
  table: StageTable | undefined;
  windows: Windows | undefined;
  /** The same, where generated code asks for more of them. */
  overlapping: OverlappingWindows | undefined;
  sessions: SessionWindows | undefined;
  sliding: SlidingWindows | undefined;
  distinct: DistinctWindows | undefined;
  calendar: Calendar | undefined;
  /** Of tumbling and hopping windows, ms. */
  sizeMs = 0;
  advanceMs = 0;
  graceMs = 0;
  offsetMs = 0;
  /** A key is forgotten after so long without a record, ms. */
  retentionMs = Number.POSITIVE_INFINITY;
  /** Watermark at which keys were looked through last. */
  sweptAtMs = Number.NEGATIVE_INFINITY;
  /** Set where the newest results go out by the wall clock: how often, ms. */
  readonly everyMs: number | undefined;
  /** When they went out last, by the wall clock, ms. */
  emittedAtMs = Number.NEGATIVE_INFINITY;
  /** Place of the first accumulator slot in an entry. */
  accumulator = 0;
  /** Place of the highest event time in an entry; NaN where it is not kept. */
  maxTime = Number.NaN;
  /** Accumulators that are no numbers, in the order of their aggregators. */
  readonly objects: readonly ObjectSlot[] = [];
  /** Reducers of the user's module, in the order of their aggregators. */
  readonly reducers: readonly FunctionReducer[] = [];
  /** Set where rows of tables are reduced: takes back those that are gone. */
  gone: GoneRows | undefined;
  /** Order of the record that is being reduced. */
  readonly order = new CurrentOrder();
  /** Makes and forwards the result of one entry; set when the program is compiled. */
  result: ResultProgram = refuse;

  /** flatMap: what one record makes, place after place, and how often its loops have turned. */
  readonly #queue: unknown[] = [];
  #turns = 0;

  constructor(node: Node, store: StorePlan | undefined, context: StageContext) {
    this.node = node;
    this.counts = isReduce(node)
      ? context.ledger.counts(node.stage, windowCounts)
      : context.ledger.counts(ledgerName(node), stageCounts);
    this.uncounted = isReduce(node) ? windowCounts() : stageCounts();
    switch (node.kind) {
      case "emit":
        this.headerMakers = node.emits.map(
          ({ headers }) => headers && new HeaderMaker(headers.map(({ name }) => name)),
        );
        this.calls = node.emits
          .flatMap((emit) => emit.for ?? [])
          .flatMap(({ list }) =>
            list.op === "function" ? [new FunctionCall(list, context.functions)] : [],
          );
        break;
      case "repartition":
        this.encodeKey = this.#encoder(this.key, node.key);
        if (node.carriedKey !== undefined) {
          this.encodeCarriedKey = this.#encoder(this.carriedKey, node.carriedKey);
        }
        if (node.value !== "unchanged") this.encodeValue = this.#encoder(this.value, node.value);
        this.outputs = context.outputs(node.topic);
        break;
      case "sink": {
        const stream = context.stream(node.stream);
        const { format, window } = stream.key;
        const keySchemaId = context.schemaId(node.stream, "key");
        // The frame of a record key stands before the whole of it, not before the base key.
        const baseKeySchemaId = window?.as === "record" ? undefined : keySchemaId;
        this.encodeKey = this.#encoder(this.key, format, baseKeySchemaId);
        this.encodeValue = this.#encoder(
          this.value,
          stream.value,
          context.schemaId(node.stream, "value"),
        );
        this.outputs = context.outputs(stream.topic);
        this.writeWindowKey = window && createWindowKeyWriter(format, window, keySchemaId);
        break;
      }
      case "reduce":
      case "windowedReduce": {
        if (store === undefined) throw new TypeError(`Cannot run ${node.stage}: it has no store`);
        this.encodeKey = this.#encoder(this.key, node.key);
        const format = createFormat(node.key);
        this.decodeKey = (bytes, start, end) => format.decode(bytes, start, end);
        const reducers = new Map<FunctionReducerPlan, FunctionReducer>();
        for (const { aggregator } of node.aggregators) {
          if (aggregator.name !== "function") continue;
          reducers.set(aggregator, new FunctionReducer(aggregator, context.functions));
        }
        this.reducers = [...reducers.values()];
        this.objects = objectSlots(node, reducers);
        this.#openWindows(node, store, context);
        if (typeof node.emit === "object") this.everyMs = node.emit.everyMs;
        if (node.late !== undefined) {
          const late = context.stream(node.late);
          this.lateSchemaId = context.schemaId(node.late, "value");
          this.encodeLate = this.#encoder(this.value, late.value, this.lateSchemaId);
          this.late = context.outputs(late.topic);
        }
        break;
      }
    }
  }

  /** An empty queue for what the next record makes. */
  beginQueue(): unknown[] {
    this.#turns = 0;
    this.#queue.length = 0;
    return this.#queue;
  }

  /** @throws {MillraceError} RECORD_TOO_LARGE for a key of more than {@link MAX_KEY_BYTES} */
  refuseKey(bytes: number): never {
    throw new MillraceError(
      "RECORD_TOO_LARGE",
      `Cannot keep state of a key of ${bytes} bytes: the limit is ${MAX_KEY_BYTES}`,
    );
  }

  /** @throws {MillraceError} RECORD_TOO_LARGE for lists whose combinations would never end */
  turn(): void {
    if (++this.#turns <= MAX_TURNS) return;
    throw new MillraceError(
      "RECORD_TOO_LARGE",
      `Cannot make records: the lists of one record have more than ${MAX_TURNS} combinations`,
    );
  }

  #openWindows(node: ReduceNode, store: StorePlan, context: StageContext): void {
    const { window } = store;
    const shape: EntryShapeOptions = {
      inputs: context.inputs,
      keepsMaxTime: keepsMaxTime(node, store),
      accumulators: node.aggregators.flatMap(({ aggregator }) =>
        isNumericAggregator(aggregator) ? numericAggregator(aggregator).initial : [],
      ),
      objects: this.objects.map(({ codec }) => codec),
      budget: context.budget,
    };
    const deleting = this.objects.filter(({ deletes }) => deletes);
    const opened = (table: Pick<WindowTable, "firstAccumulator" | "maxTime">): WindowsContext => {
      this.accumulator = table.firstAccumulator;
      this.maxTime = table.maxTime ?? Number.NaN;
      return {
        emit: typeof node.emit === "object" ? "every" : node.emit,
        counts: this.counts as WindowCounts,
        combiner: compileCombiner(node, table, this.objects),
        isNull: (entries, entry) => deleting.some((object) => object.isNull(entries, entry)),
        result: (entries, entry, startMs, endMs) => this.result(entries, entry, startMs, endMs),
      };
    };
    if (window.kind === "session" || window.kind === "sliding") {
      const table = new PlacedTable(new TimedEntries(shape));
      const made = opened(table.entries);
      this.table = table;
      if (window.kind === "session") {
        this.sessions = new SessionWindows({ ...window, table, budget: context.budget }, made);
      } else {
        const ordered = node.aggregators.some(({ aggregator }) => "ordered" in aggregator);
        const ofOneSize = this.objects.every((object) => object.ofOneSize);
        this.sliding = new SlidingWindows(
          { ...window, table, ordered, ofOneSize, budget: context.budget },
          made,
        );
      }
      this.windows = this.sessions ?? this.sliding;
      return;
    }
    if (window.kind === "same" && isInclusive(window.of)) {
      const table = new PlacedTable(new PlacedEntries(new EntryShape(shape)));
      const made = opened(table.shape);
      this.table = table;
      this.distinct = new DistinctWindows({ table, budget: context.budget }, made);
      this.windows = this.distinct;
      return;
    }
    const table = new WindowTable(shape);
    this.table = table;
    const made = opened(table);
    if (window.kind === "hopping") {
      this.sizeMs = window.sizeMs;
      this.advanceMs = window.advanceMs;
      this.graceMs = window.graceMs;
      this.offsetMs = window.offsetMs;
    }
    if (window.kind === "hopping" && window.panes) {
      this.overlapping = new OverlappingWindows({ ...window, table }, made);
      this.windows = this.overlapping;
      return;
    }
    if (window.kind === "calendar") this.calendar = new Calendar(window.unit, window.zone);
    if (window.kind === "none" && window.retentionMs !== undefined) {
      this.retentionMs = window.retentionMs;
    }
    if (node.takesBack) {
      this.gone = new GoneRows(table, made.combiner.subtract!, this.counts as WindowCounts);
    }
    const own = ownWindow(window);
    const graceMs = "graceMs" in window ? window.graceMs : 0;
    this.windows = new SeparateWindows(
      {
        table,
        forever: own === undefined,
        graceMs,
      },
      made,
    );
  }

  #encoder(sink: ByteSink, format: Format, schemaId?: number): (value: unknown) => number {
    const { encode } = createFormat(format);
    return (value) => {
      sink.position = 0;
      if (schemaId !== undefined) {
        sink.writeByte(0);
        sink.writeInt32(schemaId);
      }
      encode(value, sink);
      return sink.position;
    };
  }
}

function objectSlots(
  { aggregators }: ReduceNode,
  reducers: ReadonlyMap<FunctionReducerPlan, FunctionReducer>,
): ObjectSlot[] {
  const plans = aggregators
    .map(({ aggregator }) => aggregator)
    .filter((plan) => !isNumericAggregator(plan));
  const limitBytes = limitBytesOf(plans.length);
  return plans.map((plan, n) => {
    const types =
      plan.name === "function" ? [FUNCTION_PARTIAL] : argumentsOf(plan).map(({ type }) => type);
    const aggregator = objectAggregator(plan, limitBytes, (reducer) =>
      reducer.name === "function" ? reducers.get(reducer)!.functions : compileReducer(reducer),
    );
    return new ObjectSlot(aggregator, n, types, limitBytes);
  });
}

function refuse(): never {
  throw new TypeError("Cannot run generated code: the stage has no such part");
}
