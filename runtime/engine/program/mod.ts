/**
 * From a subtopology of the plan to functions: code is generated once per input and writer schema.
 *
 * @module
 */

export { type Combiner, compileCombiner, type EntryFunction } from "./combine.ts";
export { compileReducer } from "./reducer_functions.ts";
export { keepsMaxTime } from "./stages.ts";
export {
  compileInput,
  compileResults,
  flattenNodes,
  type InputProgram,
  type ResultProgram,
  readingOf,
  type UnitFactory,
} from "./unit.ts";
