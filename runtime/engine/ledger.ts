/**
 * The ledger: every record ends in exactly one counted class. Plain numbers, one object per stage
 * and task, so that counting costs an add.
 *
 * @module
 */

/** A source stream: read = invalid + dead + passed. */
export interface SourceCounts {
  read: number;
  invalid: number;
  dead: number;
  passed: number;
}

/** filter, map, flatMap, sink: in = filtered + nullDropped + dead + passed. */
export interface StageCounts {
  in: number;
  filtered: number;
  nullDropped: number;
  dead: number;
  passed: number;
  /** Records out; more or less than `passed` behind a flatMap. */
  emitted: number;
}

/**
 * A window stage. `accepted`, `lateAtSource` and `lateAtOperator` count a record once per window that
 * covers it, and once for all that slide: where that is one, in = nullDropped + dead + accepted + lateAtSource + lateAtOperator.
 * accepted = Σ records of results + records in open windows + records of dead results + deletedRecords + expiredRecords
 * + takenBackRecords.
 */
export interface WindowCounts {
  in: number;
  nullDropped: number;
  dead: number;
  accepted: number;
  lateAtSource: number;
  lateAtOperator: number;
  /**
   * Accepted ones for which some of their sliding windows had closed while a partition was idle, or may
   * have the session that they would have gone on with.
   */
  partlyLate: number;
  /** Result records written. */
  results: number;
  /** Σ record counts of final results. */
  resultRecords: number;
  /** Σ record counts of results that could not be made. */
  deadResultRecords: number;
  /** Σ record counts of keys that became null. */
  deletedRecords: number;
  /** Rows of tables that were taken back, because others came in their place or none. */
  takenBackRecords: number;
  /** Σ record counts of keys that were forgotten after their retention. */
  expiredRecords: number;
}

export type Counts = SourceCounts | StageCounts | WindowCounts;

export function sourceCounts(): SourceCounts {
  return { read: 0, invalid: 0, dead: 0, passed: 0 };
}

export function stageCounts(): StageCounts {
  return { in: 0, filtered: 0, nullDropped: 0, dead: 0, passed: 0, emitted: 0 };
}

export function windowCounts(): WindowCounts {
  return {
    in: 0,
    nullDropped: 0,
    dead: 0,
    accepted: 0,
    lateAtSource: 0,
    lateAtOperator: 0,
    partlyLate: 0,
    results: 0,
    resultRecords: 0,
    deadResultRecords: 0,
    deletedRecords: 0,
    takenBackRecords: 0,
    expiredRecords: 0,
  };
}

/** Counters by name (see `ledger_names.ts`). */
export type Ledger = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The counters of one task. */
export class TaskLedger {
  readonly #counts = new Map<string, Counts>();

  /** The stage's counters, made by `create` on first use. */
  counts<C extends Counts>(name: string, create: () => C): C {
    const made = create();
    const counts = this.#counts.get(name);
    if (counts === undefined) {
      this.#counts.set(name, made);
      return made;
    }
    if (Object.keys(made).some((count) => !(count in counts))) {
      throw new TypeError(`Cannot count two different things under ${name}`);
    }
    return counts as C;
  }

  snapshot(): Ledger {
    const ledger: Record<string, Record<string, number>> = {};
    for (const [name, counts] of this.#counts) ledger[name] = { ...counts };
    return ledger;
  }

  /** Puts committed numbers back; stages that the plan no longer has are left out. */
  restore(ledger: Ledger): void {
    for (const [name, counts] of this.#counts) {
      const stored = Object.hasOwn(ledger, name) ? ledger[name] : undefined;
      for (const key of Object.keys(counts)) {
        (counts as unknown as Record<string, number>)[key] = stored?.[key] ?? 0;
      }
    }
  }
}

/** Adds up the ledgers of several tasks. */
export function sumLedgers(ledgers: Iterable<Ledger>): Ledger {
  const sum: Record<string, Record<string, number>> = {};
  for (const ledger of ledgers) {
    for (const [name, counts] of Object.entries(ledger)) {
      const into = (sum[name] ??= {});
      for (const [key, count] of Object.entries(counts)) into[key] = (into[key] ?? 0) + count;
    }
  }
  return sum;
}
