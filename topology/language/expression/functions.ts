/**
 * The function library: name, form and overloads, each with the library routine that does it.
 *
 * Names are those of the CEL specification, of its string extension and, behind `math.`, of its math
 * extension.
 *
 * @module
 */

import type { LibraryName } from "./library/mod.ts";
import type { ExpressionType } from "./tree.ts";
import { BOOL, BYTES, DOUBLE, INT, isText, STRING } from "./types.ts";

/** What an argument may be: `text` = string or enum, `texts` a list of them. */
export type ArgumentKind = "text" | "texts" | ExpressionType["kind"];

export interface Overload {
  /** Of the arguments; a method's receiver is the first. */
  readonly arguments: readonly ArgumentKind[];
  /** `first`: what the first argument is. */
  readonly result: ExpressionType | "first";
  readonly routine: LibraryName;
  /** The last argument may come any number of times. */
  readonly rest?: true;
}

export interface LibraryFunction {
  readonly form: "function" | "method" | "both";
  readonly overloads: readonly Overload[];
}

const STRINGS: ExpressionType = { kind: "list", element: STRING };

function overload(
  routine: LibraryName,
  result: ExpressionType | "first",
  ...kinds: readonly ArgumentKind[]
): Overload {
  return { arguments: kinds, result, routine };
}

const method = (...overloads: Overload[]): LibraryFunction => ({ form: "method", overloads });
const plain = (...overloads: Overload[]): LibraryFunction => ({ form: "function", overloads });
const both = (...overloads: Overload[]): LibraryFunction => ({ form: "both", overloads });

const ofDouble = (routine: LibraryName, result: ExpressionType) =>
  plain(overload(routine, result, "double"));

const extreme = (routine: LibraryName): LibraryFunction =>
  plain(
    { ...overload(routine, INT, "int"), rest: true },
    { ...overload(routine, DOUBLE, "double"), rest: true },
  );

export const FUNCTIONS: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  [
    "size",
    both(
      overload("sizeText", INT, "text"),
      overload("sizeList", INT, "bytes"),
      overload("sizeList", INT, "list"),
      overload("sizeMap", INT, "map"),
    ),
  ],
  ["contains", method(overload("contains", BOOL, "text", "text"))],
  ["startsWith", method(overload("startsWith", BOOL, "text", "text"))],
  ["endsWith", method(overload("endsWith", BOOL, "text", "text"))],
  ["matches", both(overload("matches", BOOL, "text", "text"))],
  ["lowerAscii", method(overload("lowerAscii", STRING, "text"))],
  ["upperAscii", method(overload("upperAscii", STRING, "text"))],
  ["trim", method(overload("trim", STRING, "text"))],
  [
    "reverse",
    method(overload("reverse", STRING, "text"), overload("reverseList", "first", "list")),
  ],
  ["charAt", method(overload("charAt", STRING, "text", "int"))],
  [
    "indexOf",
    method(
      overload("indexOf", INT, "text", "text"),
      overload("indexOf", INT, "text", "text", "int"),
    ),
  ],
  [
    "lastIndexOf",
    method(
      overload("lastIndexOf", INT, "text", "text"),
      overload("lastIndexOf", INT, "text", "text", "int"),
    ),
  ],
  [
    "substring",
    method(
      overload("substring", STRING, "text", "int"),
      overload("substring", STRING, "text", "int", "int"),
    ),
  ],
  [
    "replace",
    method(
      overload("replace", STRING, "text", "text", "text"),
      overload("replace", STRING, "text", "text", "text", "int"),
    ),
  ],
  [
    "split",
    method(
      overload("split", STRINGS, "text", "text"),
      overload("split", STRINGS, "text", "text", "int"),
    ),
  ],
  ["join", method(overload("join", STRING, "texts"), overload("join", STRING, "texts", "text"))],
  [
    "string",
    plain(
      overload("same", STRING, "text"),
      overload("toText", STRING, "int"),
      overload("doubleToText", STRING, "double"),
      overload("toText", STRING, "bool"),
      overload("bytesToText", STRING, "bytes"),
      overload("uuidToText", STRING, "uuid"),
      overload("decimalToText", STRING, "decimal"),
      overload("untypedToText", STRING, "dyn"),
    ),
  ],
  [
    "int",
    plain(
      overload("same", INT, "int"),
      overload("doubleToInt", INT, "double"),
      overload("textToInt", INT, "text"),
      overload("decimalToInt", INT, "decimal"),
      overload("untypedToInt", INT, "dyn"),
    ),
  ],
  [
    "double",
    plain(
      overload("same", DOUBLE, "double"),
      overload("same", DOUBLE, "int"),
      overload("textToDouble", DOUBLE, "text"),
      overload("decimalToDouble", DOUBLE, "decimal"),
      overload("untypedToDouble", DOUBLE, "dyn"),
    ),
  ],
  [
    "bool",
    plain(
      overload("same", BOOL, "bool"),
      overload("textToBool", BOOL, "text"),
      overload("untypedToBool", BOOL, "dyn"),
    ),
  ],
  ["bytes", plain(overload("same", BYTES, "bytes"), overload("textToBytes", BYTES, "text"))],
  ["math.round", ofDouble("round", DOUBLE)],
  ["math.floor", ofDouble("floor", DOUBLE)],
  ["math.ceil", ofDouble("ceil", DOUBLE)],
  ["math.trunc", ofDouble("trunc", DOUBLE)],
  ["math.isNaN", ofDouble("isNaNDouble", BOOL)],
  ["math.isInf", ofDouble("isInfinite", BOOL)],
  ["math.isFinite", ofDouble("isFiniteDouble", BOOL)],
  [
    "math.sqrt",
    plain(overload("squareRoot", DOUBLE, "double"), overload("squareRoot", DOUBLE, "int")),
  ],
  ["math.abs", plain(overload("absolute", INT, "int"), overload("absolute", DOUBLE, "double"))],
  ["math.sign", plain(overload("signOf", INT, "int"), overload("signOf", DOUBLE, "double"))],
  ["math.greatest", extreme("greatest")],
  ["math.least", extreme("least")],
]);

/** Standard CEL that the language leaves out, with what is written instead. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["timestamp", "times are ints, in the unit of their schema: eventTime and window.start are ms"],
  ["duration", "durations are ints: 5000 is five seconds in ms"],
  ["uint", "there is one kind of integer: int(…)"],
  ["type", "every expression has one type, known before anything runs"],
  ["dyn", "every expression has one type, known before anything runs"],
  ...["now", "today", "currentTime", "getDate"].map(
    (name) => [name, "an expression sees the record alone: its time is eventTime"] as const,
  ),
  ...["count", "sum", "avg", "mostFrequent", "countBy", "distinct", "collect", "largest"].map(
    (name) => [name, "it is an aggregator: it stands in the value of a windowedReduce"] as const,
  ),
]);

/** What other languages call them. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["lower", "lowerAscii"],
  ["toLowerCase", "lowerAscii"],
  ["upper", "upperAscii"],
  ["toUpperCase", "upperAscii"],
  ["includes", "contains"],
  ["length", "size"],
  ["len", "size"],
  ["str", "string"],
  ["toString", "string"],
  ["float", "double"],
  ["Number", "double"],
  ["boolean", "bool"],
  ["test", "matches"],
  ["match", "matches"],
  ["replaceAll", "replace"],
  ["substr", "substring"],
  ["slice", "substring"],
  ["strip", "trim"],
  ["any", "exists"],
  ["some", "exists"],
  ["every", "all"],
  ["existsOne", "exists_one"],
  ["max", "math.greatest"],
  ["min", "math.least"],
  ...["round", "floor", "ceil", "trunc", "abs", "sign", "sqrt", "greatest", "least"].map(
    (name) => [name, `math.${name}`] as const,
  ),
]);

export function accepts(kind: ArgumentKind, type: ExpressionType): boolean {
  switch (kind) {
    case "text":
      return isText(type);
    case "texts":
      return type.kind === "list" && isText(type.element);
    default:
      return type.kind === kind;
  }
}

/** As a message shows it. */
export function describeKind(kind: ArgumentKind): string {
  if (kind === "text") return "string";
  return kind === "texts" ? "list(string)" : kind;
}
