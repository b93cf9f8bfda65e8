/**
 * What the page knows: the server's messages applied in order.
 *
 * @module
 */

import type {
  Changes,
  CounterValue,
  Cursor,
  Delta,
  FeedStatus,
  LedgerRow,
  PageDiagnostic,
  Positions,
  ServerHello,
  ServerMessage,
  Snapshot,
  WindowRow,
} from "../protocol.ts";

/** What is drawn. Paused, the page keeps one of these while the store goes on. */
export interface View {
  /** By chart id, ascending by start, at most the chart's `points`. */
  readonly rows: ReadonlyMap<string, readonly WindowRow[]>;
  /** By counter id, by series. */
  readonly counters: ReadonlyMap<string, Readonly<Record<string, CounterValue>>>;
  readonly ledger: readonly LedgerRow[];
}

/** `gap`: this message does not follow the last one; connect again with the cursor. */
export type Applied = "data" | "layout" | "other" | "gap";

export class Store {
  hello: ServerHello | undefined;
  status: FeedStatus = { feed: "catching-up" };
  diagnostics: readonly PageDiagnostic[] = [];
  #rows = new Map<string, readonly WindowRow[]>();
  #counters = new Map<string, Readonly<Record<string, CounterValue>>>();
  #ledger: readonly LedgerRow[] = [];
  #cursor: { run: string; epoch: string; seq: number; positions: Positions } | undefined;

  /** Where to go on after a reconnect; undefined before the first snapshot. */
  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  /** A view that later messages do not change. */
  view(): View {
    return { rows: new Map(this.#rows), counters: new Map(this.#counters), ledger: this.#ledger };
  }

  apply(message: ServerMessage): Applied {
    switch (message.type) {
      case "hello":
        return this.#greet(message);
      case "snapshot":
        if (message.full) {
          this.#rows = new Map();
          this.#counters = new Map();
        }
        return this.#merge(message);
      case "delta":
        if (this.#cursor === undefined || this.#isBehind(message.since)) return "gap";
        return this.#merge(message);
      case "heartbeat":
        // The server says how far it is: a lost delta shows here even if no other follows.
        return this.#isBehind(message.seq) ? "gap" : "other";
      case "status":
        this.status = { feed: message.feed, ...messageOf(message) };
        return "other";
      case "ledger":
        this.#ledger = message.rows;
        return "data";
      case "diagnostics":
        this.diagnostics = message.list;
        return "other";
    }
  }

  /** Seqs of another server process say nothing; its snapshot is on the way. */
  #isBehind(seq: number): boolean {
    return this.#cursor?.run === this.hello?.run && seq > (this.#cursor?.seq ?? seq);
  }

  #greet(hello: ServerHello): Applied {
    const before = this.hello;
    this.hello = hello;
    if (before !== undefined && layoutOf(before) === layoutOf(hello)) return "other";
    // Ids may mean other charts now. The full snapshot that follows fills them again.
    this.#rows = new Map();
    this.#counters = new Map();
    this.#cursor = undefined;
    return "layout";
  }

  #merge(message: Snapshot | Delta): Applied {
    const { hello } = this;
    if (hello === undefined) return "gap";
    for (const { id, points } of hello.charts) {
      const changed = message.charts[id];
      if (changed !== undefined) {
        this.#rows.set(id, mergeRows(this.#rows.get(id) ?? [], changed, points));
      }
    }
    this.#mergeCounters(message);
    const { seq, positions } = message;
    this.#cursor = { run: hello.run, epoch: hello.epoch, seq, positions };
    return "data";
  }

  #mergeCounters({ counters }: Changes): void {
    for (const [id, changed] of Object.entries(counters)) {
      this.#counters.set(id, { ...this.#counters.get(id), ...changed });
    }
  }
}

/**
 * Rows with those of the same start replaced, the newest `points` of them.
 *
 * @param rows ascending by start
 * @param changed ascending by start
 */
export function mergeRows(
  rows: readonly WindowRow[],
  changed: readonly WindowRow[],
  points: number,
): readonly WindowRow[] {
  const byStart = new Map(rows.map((row) => [row.start, row]));
  for (const row of changed) byStart.set(row.start, row);
  return [...byStart.values()].sort((a, b) => a.start - b.start).slice(-points);
}

function layoutOf({ epoch, title, charts, counters }: ServerHello): string {
  return JSON.stringify([epoch, title, charts, counters]);
}

function messageOf({ message }: FeedStatus): { message?: string } {
  return message === undefined ? {} : { message };
}
