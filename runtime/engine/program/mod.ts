/**
 * From a subtopology of the plan to functions: code is generated once per input and writer schema.
 *
 * @module
 */

export {
  type Combiner,
  compileCombiner,
  type EntryFunction,
  type SubtractFunction,
} from "./combine.ts";
export { keepsMaxTime } from "./reduce.ts";
export { compileReducer } from "./reducer_functions.ts";
export {
  compileInput,
  compileResults,
  flattenNodes,
  type InputProgram,
  type ResultProgram,
  readingOf,
  type UnitFactory,
} from "./unit.ts";
