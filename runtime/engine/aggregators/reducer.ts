/**
 * A reducer of one's own: functions that somebody wrote, over partial results of one type.
 *
 * They may fail on values that nobody thought of. An accumulator whose `combine` has failed stays
 * failed, and its result becomes a dead letter with the reason: there is no telling which of the
 * records was the wrong one.
 *
 * @module
 */

import {
  ExpressionError,
  type ExpressionErrorCode,
  type ExpressionType,
  isExact,
} from "../../../topology/language/mod.ts";
import { FAULTS, type FaultCode, MillraceError } from "../../fault/mod.ts";
import type { AccumulatorObject } from "../../state/mod.ts";
import type { ObjectAggregator } from "./aggregator.ts";
import { storedBytesOf, storedSchema } from "./value_type.ts";

/** What a reducer is made of: expressions that were compiled, or functions of a module. */
export interface ReducerFunctions {
  /** Takes and returns partial results, and changes neither. */
  combine(a: unknown, b: unknown): unknown;
  inverse?(a: unknown, b: unknown): unknown;
  /** Is a partial result nothing? @default it is null */
  isNull?(a: unknown): boolean;
  /** Absent when the partial result is the result. */
  lower?(a: unknown): unknown;
}

export interface Reduced extends AccumulatorObject {
  heapBytes: number;
  /** Null once it has failed. */
  partial: unknown;
  failure: Failure | null;
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

const OBJECT_BYTES = 64;
/** Of messages that are kept. */
const MAX_MESSAGE_LENGTH = 500;

/**
 * Its `x` is lifted already: what fails there is a bad record, not a bad result.
 * @param partial type of partial results
 */
export function reducer(
  partial: ExpressionType,
  functions: ReducerFunctions,
  limitBytes: number,
): ObjectAggregator<Reduced> {
  const bytesOf = storedBytesOf(partial);
  const { combine, inverse, lower = (a) => a, isNull = (a) => a === null } = functions;

  const fail = (reduced: Reduced, failure: Failure): void => {
    reduced.failure = failure;
    reduced.partial = null;
    reduced.heapBytes = OBJECT_BYTES + 3 * (failure.code.length + failure.message.length);
  };
  const attempt = (reduced: Reduced, make: () => unknown): Reduced => {
    try {
      const made = make();
      const storedBytes = bytesOf(made);
      if (storedBytes > limitBytes) {
        const message = `Cannot combine: the partial result takes more than ${limitBytes} bytes`;
        throw new MillraceError("AGGREGATE_LIMIT", message);
      }
      reduced.partial = made;
      reduced.heapBytes = OBJECT_BYTES + storedBytes;
    } catch (error) {
      fail(reduced, failureOf(error));
    }
    return reduced;
  };
  const start = (): Reduced => ({ partial: null, failure: null, heapBytes: OBJECT_BYTES });
  return {
    lift: (x) => attempt(start(), () => x),
    fold: (reduced, x) => {
      if (reduced.failure === null) attempt(reduced, () => combine(reduced.partial, x));
    },
    combine: (a, b) => {
      if (a.failure !== null) return a;
      if (b.failure === null) return attempt(a, () => combine(a.partial, b.partial));
      fail(a, b.failure);
      return a;
    },
    ...(inverse &&
      isExact(partial) && {
        inverse: (a: Reduced, b: Reduced) => {
          // There is no telling what a failure has hidden.
          if (a.failure !== null || b.failure !== null) return undefined;
          const rest = attempt(a, () => inverse(a.partial, b.partial));
          return rest.failure === null ? rest : undefined;
        },
      }),
    ofOneSize: isOfOneSize(partial),
    isNull: ({ partial, failure }) => failure === null && isNull(partial),
    lower: ({ partial, failure }) => {
      if (failure !== null) throw errorOf(failure);
      return lower(partial);
    },
    schema: {
      kind: "record",
      name: "Reduced",
      fields: [
        {
          name: "partial",
          type: storedSchema({ kind: "list", element: partial }),
          hasDefault: false,
        },
        { name: "code", type: { kind: "string" }, hasDefault: false },
        { name: "message", type: { kind: "string" }, hasDefault: false },
      ],
    },
    save: ({ partial, failure }) =>
      failure === null
        ? { partial: [partial], code: "", message: "" }
        : { partial: [], ...failure },
    load: (saved) => {
      const { partial, code, message } = saved as Failure & {
        readonly partial: readonly unknown[];
      };
      const reduced = start();
      if (partial.length === 1) return attempt(reduced, () => partial[0]);
      fail(reduced, { code, message });
      return reduced;
    },
  };
}

function isOfOneSize(type: ExpressionType): boolean {
  switch (type.kind) {
    case "int":
    case "double":
    case "bool":
      return true;
    case "record":
      return type.fields.every((field) => isOfOneSize(field.type));
    default:
      return false;
  }
}

/** @throws what is not the values' fault */
function failureOf(error: unknown): Failure {
  const isTheirs =
    error instanceof ExpressionError ||
    (error instanceof MillraceError && error.faultClass === "record");
  if (!isTheirs) throw error;
  return { code: error.code, message: error.message.slice(0, MAX_MESSAGE_LENGTH) };
}

function errorOf({ code, message }: Failure): Error {
  return Object.hasOwn(FAULTS, code)
    ? new MillraceError(code as FaultCode, message)
    : new ExpressionError(code as ExpressionErrorCode, message);
}
