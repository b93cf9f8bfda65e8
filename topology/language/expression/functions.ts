/**
 * The function library: name, form and overloads, each with the library routine that does it.
 *
 * @module
 */

import type { LibraryName } from "./library.ts";
import type { ExpressionType } from "./tree.ts";
import { BOOL, DOUBLE, INT, STRING } from "./types.ts";

export interface Overload {
  /** Kinds of the arguments; a method's receiver is the first. `text` = string or enum. */
  readonly arguments: readonly ("text" | ExpressionType["kind"])[];
  readonly result: ExpressionType;
  readonly routine: LibraryName;
}

export interface LibraryFunction {
  readonly form: "function" | "method" | "both";
  readonly overloads: readonly Overload[];
}

const ofText = (routine: LibraryName, result: ExpressionType): LibraryFunction => ({
  form: "method",
  overloads: [{ arguments: ["text", "text"], result, routine }],
});

const ascii = (routine: LibraryName): LibraryFunction => ({
  form: "method",
  overloads: [{ arguments: ["text"], result: STRING, routine }],
});

export const FUNCTIONS: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  [
    "size",
    {
      form: "both",
      overloads: [
        { arguments: ["text"], result: INT, routine: "sizeText" },
        { arguments: ["bytes"], result: INT, routine: "sizeList" },
        { arguments: ["list"], result: INT, routine: "sizeList" },
        { arguments: ["map"], result: INT, routine: "sizeMap" },
      ],
    },
  ],
  ["contains", ofText("contains", BOOL)],
  ["startsWith", ofText("startsWith", BOOL)],
  ["endsWith", ofText("endsWith", BOOL)],
  ["lowerAscii", ascii("lowerAscii")],
  ["upperAscii", ascii("upperAscii")],
  [
    "string",
    {
      form: "function",
      overloads: [
        { arguments: ["text"], result: STRING, routine: "same" },
        { arguments: ["int"], result: STRING, routine: "toText" },
        { arguments: ["double"], result: STRING, routine: "doubleToText" },
        { arguments: ["bool"], result: STRING, routine: "toText" },
        { arguments: ["bytes"], result: STRING, routine: "bytesToText" },
        { arguments: ["dyn"], result: STRING, routine: "untypedToText" },
      ],
    },
  ],
  [
    "int",
    {
      form: "function",
      overloads: [
        { arguments: ["int"], result: INT, routine: "same" },
        { arguments: ["double"], result: INT, routine: "doubleToInt" },
        { arguments: ["text"], result: INT, routine: "textToInt" },
        { arguments: ["dyn"], result: INT, routine: "untypedToInt" },
      ],
    },
  ],
  [
    "double",
    {
      form: "function",
      overloads: [
        { arguments: ["double"], result: DOUBLE, routine: "same" },
        { arguments: ["int"], result: DOUBLE, routine: "same" },
        { arguments: ["text"], result: DOUBLE, routine: "textToDouble" },
        { arguments: ["dyn"], result: DOUBLE, routine: "untypedToDouble" },
      ],
    },
  ],
  [
    "bool",
    {
      form: "function",
      overloads: [
        { arguments: ["bool"], result: BOOL, routine: "same" },
        { arguments: ["dyn"], result: BOOL, routine: "untypedToBool" },
      ],
    },
  ],
]);

/** Standard CEL, and the library of the language, that later work brings. */
export const NOT_BUILT = new Set(
  "all exists exists_one filter map matches duration timestamp uint bytes type dyn split join substring indexOf lastIndexOf replace trim round floor ceil".split(
    " ",
  ),
);

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
  ["float", "double"],
  ["Number", "double"],
]);
