/**
 * `distinct(x)`: how many different values there were. Exact up to 1,024 of them (if there is room for
 * so many); beyond that a HyperLogLog counts, with a standard error of
 * 1.6 %. -0 equals 0, NaN itself. Which of the two counts depends on the values alone, not on how they came.
 *
 * @module
 */

import type { ExpressionType } from "../../../topology/language/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import {
  createRegisters,
  estimateCount,
  HYPERLOGLOG_BYTES,
  mergeRegisters,
  noteHash,
} from "./hyperloglog.ts";
import { storedBytesOf, storedSchema } from "./value_type.ts";

/** Values up to which the count is exact. */
export const MAX_EXACT_DISTINCT = 1024;

export interface Distinct extends AccumulatorObject {
  heapBytes: number;
  storedBytes: number;
  /** Empty once there are registers. */
  readonly values: Set<unknown>;
  registers: Uint8Array | undefined;
}

const EMPTY_BYTES = 96;
const ENTRY_BYTES = 32;

export function distinct(x: ExpressionType, limitBytes: number): ObjectAggregator<Distinct> {
  const bytesOfX = storedBytesOf(x);
  const empty = (): Distinct => ({
    values: new Set(),
    registers: undefined,
    storedBytes: 0,
    heapBytes: EMPTY_BYTES,
  });
  const add = (seen: Distinct, x: unknown): void => {
    const { values } = seen;
    if (seen.registers !== undefined) {
      noteValue(seen.registers, x);
      return;
    }
    const before = values.size;
    values.add(x);
    if (values.size === before) return;
    const bytes = bytesOfX(x);
    seen.storedBytes += bytes;
    seen.heapBytes += bytes + ENTRY_BYTES;
    if (values.size > MAX_EXACT_DISTINCT || seen.storedBytes > limitBytes) approximate(seen);
  };
  return {
    lift: (x) => {
      const seen = empty();
      add(seen, x);
      return seen;
    },
    fold: add,
    combine: (a, b) => {
      if (b.registers === undefined) {
        for (const x of b.values) add(a, x);
      } else {
        mergeRegisters(approximate(a), b.registers);
      }
      return a;
    },
    lower: ({ values, registers }) =>
      registers === undefined ? values.size : estimateCount(registers),
    schema: {
      kind: "record",
      name: "Distinct",
      fields: [
        { name: "values", type: { kind: "array", items: storedSchema(x) }, hasDefault: false },
        { name: "registers", type: { kind: "bytes" }, hasDefault: false },
      ],
    },
    save: ({ values, registers }) => ({
      values: [...values],
      registers: registers ?? new Uint8Array(0),
    }),
    load: (saved) => {
      const { values, registers } = saved as {
        readonly values: readonly unknown[];
        readonly registers: Uint8Array;
      };
      const seen = empty();
      for (const x of values) add(seen, x);
      if (registers.length === 0) return seen;
      if (registers.length !== HYPERLOGLOG_BYTES) {
        throw new RangeError(`${registers.length} bytes of registers`);
      }
      mergeRegisters(approximate(seen), registers);
      return seen;
    },
  };
}

/** From now on counts by registers alone. */
function approximate(seen: Distinct): Uint8Array {
  if (seen.registers === undefined) {
    const registers = createRegisters();
    for (const x of seen.values) noteValue(registers, x);
    seen.registers = registers;
    seen.values.clear();
    seen.heapBytes = EMPTY_BYTES + HYPERLOGLOG_BYTES;
  }
  return seen.registers;
}

const number = new DataView(new ArrayBuffer(8));

/** Hashes in two lanes, each 32 bits with a seed of its own. */
function noteValue(registers: Uint8Array, x: unknown): void {
  let a = 0x9e3779b9;
  let b = 0x7f4a7c15;
  let length = 8;
  if (typeof x === "string") {
    length = x.length;
    for (let n = 0; n < length; n++) {
      const unit = x.charCodeAt(n);
      a = mixIn(a, unit);
      b = mixIn(b, unit);
    }
  } else {
    // -0 + 0 is 0, and every NaN is written alike.
    number.setFloat64(0, Number(x) + 0);
    const high = number.getInt32(0);
    const low = number.getInt32(4);
    a = mixIn(mixIn(a, high), low);
    b = mixIn(mixIn(b, high), low);
  }
  noteHash(registers, finish(a ^ length), finish(b ^ length));
}

/** A round of MurmurHash3 (x86, 32 bit). */
function mixIn(hash: number, word: number): number {
  word = Math.imul(word, 0xcc9e2d51);
  word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
  hash ^= word;
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
