/**
 * What a topology must come to, worked out from its input alone: no tasks, no watermarks, no batches.
 *
 * Each stage sees all records that ever reach it at once. So there is nothing that a schedule could
 * change, and whatever the engine makes of the same input in whatever order has to agree with it.
 */

import { aggregated, changed, Dead, emitted, holds, keyOf, lifted } from "./aggregates.ts";
import type { InputRecord, Pipeline, Reduce, Stage, Topology, Value } from "./description.ts";
import { type Interval, resultTimeMs, type Timed, windowed } from "./windows.ts";

/** A record between two stages. */
interface Item extends Timed {
  readonly key: string | null;
  readonly value: Value | null;
  /** Compared from the left: where order matters, this is it. */
  readonly order: readonly (number | string)[];
  /** Where it was read; undefined for a result. */
  readonly readAt: string | undefined;
}

/** A record at a reduce, with its place among all that came. */
interface Arrived extends Item {
  readonly arrival: number;
}

/** A record on an output stream. */
export interface Output {
  readonly key: string | null;
  readonly window: Interval | undefined;
  readonly value: Value | null;
  readonly timeMs: number;
}

/** A record on a late stream, as it was when it was refused. */
export interface LateOutput extends Output {
  readonly stage: string;
  readonly firstWindowMs: number;
  readonly lastWindowMs: number;
  readonly windows: number;
  /** From the closing of the first window to the stream time that judged it. */
  readonly byMs: number;
}

export type Counts = Record<string, number>;

export interface Outcome {
  /** Of results that later ones of their key (and window) replace: the last ones. */
  readonly sinks: Map<string, readonly Output[]>;
  readonly late: Map<string, LateOutput[]>;
  /** `<stage> <code> <source>/<partition>@<offset>`, or `result` for what was made. */
  readonly dead: string[];
  /** By stage, and by pipeline for what its sources read. */
  readonly ledger: Map<string, Counts>;
}

/** @param input records of one source partition in the order of their offsets */
export function workOut(topology: Topology, input: readonly InputRecord[]): Outcome {
  return new Oracle(topology).run(input);
}

class Oracle {
  readonly #topology: Topology;
  readonly #outcome: Outcome = {
    sinks: new Map(),
    late: new Map(),
    dead: [],
    ledger: new Map(),
  };

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  run(input: readonly InputRecord[]): Outcome {
    const made = new Map<string, readonly Item[]>();
    for (const pipeline of this.#topology.pipelines) {
      let items = pipeline.from.flatMap(
        (name) => made.get(name) ?? this.#read(pipeline, name, input),
      );
      let running = false;
      for (const stage of pipeline.stages) {
        items = this.#stage(stage, items, running);
        running = stage.kind === "reduce" ? stage.emit !== "final" : running;
      }
      made.set(pipeline.name, items);
    }
    return this.#outcome;
  }

  #read(pipeline: Pipeline, name: string, input: readonly InputRecord[]): Item[] {
    const source = this.#topology.sources.find((other) => other.name === name)!;
    const count = this.#counter(pipeline.name, "read invalid dead passed");
    const items: Item[] = [];
    for (let partition = 0; partition < source.partitions; partition++) {
      const records = input.filter(
        (record) => record.source === name && record.partition === partition,
      );
      let streamTimeMs = Number.NEGATIVE_INFINITY;
      records.forEach(({ key, value, timestampMs }, offset) => {
        count("read");
        const readAt = `${name}/${partition}@${offset}`;
        const die = (as: "dead" | "invalid", code: string) => {
          count(as);
          this.#outcome.dead.push(`${name} ${code} ${readAt}`);
        };
        let timeMs: number | undefined = timestampMs;
        // What is made of the value is not there when the value is not.
        if (source.timed) {
          timeMs = value === null || value === "poison" ? undefined : (value["t"] as number);
        }
        if (timeMs !== undefined && timeMs < 0) {
          die("invalid", "INVALID_TIME");
          return;
        }
        if (timeMs !== undefined) streamTimeMs = Math.max(streamTimeMs, timeMs);
        if (value === "poison") {
          die("dead", "UNDECODABLE");
          return;
        }
        count("passed");
        const order = [timeMs ?? 0, name, partition, offset];
        items.push({
          key,
          value,
          timeMs: timeMs ?? 0,
          streamTimeMs,
          window: undefined,
          order,
          readAt,
        });
      });
    }
    return items;
  }

  #stage(stage: Stage, items: readonly Item[], running: boolean): Item[] {
    switch (stage.kind) {
      case "filter":
        return this.#each(stage.id, items, (item) =>
          holds(stage.when, item.value!) ? [item] : [],
        );
      case "map":
        return this.#each(stage.id, items, (item) => [
          {
            ...item,
            key: stage.key === undefined ? item.key : keyOf(stage.key, item.value!),
            value: stage.n === undefined ? item.value : changed(stage.n, item.value!),
          },
        ]);
      case "narrow":
        return this.#each(stage.id, items, (item) => {
          const { id, n, tag } = item.value!;
          return [{ ...item, value: { id, n, tag } }];
        });
      case "flatMap":
        return this.#each(stage.id, items, (item) =>
          stage.emits
            .flatMap((emit) => emitted(emit, item.value!))
            .map(({ key, value }, n) => ({
              ...item,
              key: key ?? item.key,
              value,
              order: [...item.order, n],
            })),
        );
      case "sink":
        return this.#each(stage.id, items, (item) => {
          this.#written(stage.stream, item, running);
          return [item];
        });
      case "reduce":
        return this.#reduce(stage, items);
    }
  }

  #written(stream: string, item: Item, running: boolean): void {
    const records = this.#outcome.sinks.get(stream) ?? [];
    const others = running ? records.filter((other) => !sameResult(other, item)) : records;
    this.#outcome.sinks.set(stream, [...others, item]);
  }

  /** A stage without state: a null value is dropped, a failure takes all that the record makes with it. */
  #each(id: string, items: readonly Item[], make: (item: Item) => readonly Item[]): Item[] {
    const count = this.#counter(id, "in filtered nullDropped dead passed emitted");
    return items.flatMap((item) => {
      count("in");
      if (item.value === null) {
        count("nullDropped");
        return [];
      }
      const made = this.#orDead(id, item, count, () => make(item)) ?? [];
      if (made === DIED) return [];
      count(made.length === 0 ? "filtered" : "passed");
      count("emitted", made.length);
      return made;
    });
  }

  #reduce(stage: Reduce, items: readonly Item[]): Item[] {
    const { id, window, fields } = stage;
    const count = this.#counter(
      id,
      "in nullDropped dead accepted lateAtSource lateAtOperator results resultRecords deadResultRecords",
    );
    const byKey = new Map<string, Arrived[]>();
    for (const [arrival, item] of items.entries()) {
      count("in");
      if (item.value === null) {
        count("nullDropped");
        continue;
      }
      const { value } = item;
      const key = this.#orDead(id, item, count, () => {
        const made = stage.key === undefined ? item.key : keyOf(stage.key, value);
        if (made !== null) for (const field of Object.values(fields)) lifted(field, value);
        return made;
      });
      if (key === DIED) continue;
      if (key === null) {
        count("nullDropped");
        continue;
      }
      byKey.set(key, [...(byKey.get(key) ?? []), { ...item, key, arrival }]);
    }
    const finals: Item[] = [];
    const running: Arrived[] = [];
    for (const [key, records] of byKey) {
      const { windows, refused } =
        window === undefined
          ? { windows: [{ window: undefined, records }], refused: [] }
          : windowed(window, records);
      // Windows that slide are counted by their records, each once, and even if it has made none.
      const slides = window?.kind === "sliding";
      if (slides) {
        count("accepted", records.length - refused.length);
        count("resultRecords", records.length - refused.length);
      }
      for (const { record, windows } of refused) {
        count("lateAtSource", slides ? 1 : windows.length);
        if (stage.late !== undefined) this.#late(stage, record, windows);
      }
      for (const { window, records } of windows) {
        if (!slides) count("accepted", records.length);
        if (!slides && window !== undefined) count("resultRecords", records.length);
        if (stage.emit === "final")
          finals.push(...this.#final(stage, key, window!, records, count));
        else running.push(...updates(stage, key, window, records));
      }
    }
    count("results", finals.length + running.length);
    // As they leave a stage that is one task.
    running.sort((a, b) => a.arrival - b.arrival || a.window!.startMs - b.window!.startMs);
    return [...finals.sort(inOrder), ...running];
  }

  #final(
    stage: Reduce,
    key: string,
    window: Interval,
    records: readonly Item[],
    count: Count,
  ): Item[] {
    try {
      const timeMs = resultTimeMs(window);
      return [
        {
          key,
          value: reduced(stage, records),
          window,
          timeMs,
          streamTimeMs: Number.NEGATIVE_INFINITY,
          order: [timeMs, window.startMs, key],
          readAt: undefined,
        },
      ];
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      if (stage.window?.kind !== "sliding") {
        count("resultRecords", -records.length);
        count("deadResultRecords", records.length);
      }
      this.#outcome.dead.push(`${stage.id} ${error.code} result`);
      return [];
    }
  }

  #late({ id, late, window }: Reduce, record: Item, windows: readonly Interval[]): void {
    const graceMs = window !== undefined && "graceMs" in window ? window.graceMs : 0;
    const starts = windows.map(({ startMs }) => startMs);
    const all = this.#outcome.late.get(late!) ?? [];
    this.#outcome.late.set(late!, all);
    all.push({
      ...record,
      stage: id,
      firstWindowMs: Math.min(...starts),
      lastWindowMs: Math.max(...starts),
      windows: windows.length,
      byMs: record.streamTimeMs - (Math.min(...windows.map(({ endMs }) => endMs)) + graceMs),
    });
  }

  /** What `make` makes, or that the record died at it. */
  #orDead<T>(id: string, item: Item, count: Count, make: () => T): T | typeof DIED {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      count("dead");
      this.#outcome.dead.push(`${id} ${error.code} ${item.readAt ?? "result"}`);
      return DIED;
    }
  }

  #counter(name: string, classes: string): Count {
    const counts: Counts = this.#outcome.ledger.get(name) ?? {};
    this.#outcome.ledger.set(name, counts);
    for (const each of classes.split(" ")) counts[each] ??= 0;
    return (each, by = 1) => {
      counts[each]! += by;
    };
  }
}

/**
 * One result after each record, in the order in which the records came: with several partitions that
 * is one of many, and only the last result of each key and window is certain.
 */
function updates(
  stage: Reduce,
  key: string,
  window: Interval | undefined,
  records: readonly Arrived[],
): Arrived[] {
  const arrived = records.toSorted((a, b) => a.arrival - b.arrival);
  return arrived.map(({ arrival, streamTimeMs }, n) => {
    const soFar = arrived.slice(0, n + 1);
    const timeMs = Math.max(...soFar.map((item) => item.timeMs));
    return {
      key,
      value: reduced(stage, soFar),
      window,
      timeMs,
      // A result of a window comes before the watermark that covers it, whatever has caused it.
      streamTimeMs: window === undefined ? streamTimeMs : Number.NEGATIVE_INFINITY,
      order: [timeMs, arrival, window?.startMs ?? 0],
      readAt: undefined,
      arrival,
    };
  });
}

function sameResult(left: Output, right: Output): boolean {
  return (
    left.key === right.key &&
    left.window?.startMs === right.window?.startMs &&
    left.window?.endMs === right.window?.endMs
  );
}

type Count = (name: string, by?: number) => void;

const DIED = Symbol("died");

function reduced({ fields }: Reduce, records: readonly Item[]): Value {
  const values = records.toSorted(inOrder).map(({ value }) => value!);
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, aggregated(field, values)]),
  );
}

function inOrder({ order: left }: Item, { order: right }: Item): number {
  for (let n = 0; n < Math.min(left.length, right.length); n++) {
    if (left[n]! < right[n]!) return -1;
    if (left[n]! > right[n]!) return 1;
  }
  return left.length - right.length;
}
