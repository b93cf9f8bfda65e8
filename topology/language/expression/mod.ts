/**
 * Expressions: a typed subset of CEL. Text → typed tree → generated code or closures.
 *
 * @module
 */

export { avroOfType, typeOfAvro, UnsupportedTypeError } from "./avro_types.ts";
export { type CheckOptions, type CheckResult, checkExpression } from "./check.ts";
export {
  type ClosureEnvironment,
  type Compiled,
  compileExpression,
  createEvaluator,
} from "./compile.ts";
export { canFail } from "./failing.ts";
export { type CodeEnvironment, generateExpression } from "./generate.ts";
export {
  ExpressionError,
  type ExpressionErrorCode,
  expressionLibrary,
  MAX_DECIMAL_DIGITS,
  MAX_EXPRESSION_COST,
  MAX_PATTERN_INSTRUCTIONS,
  MAX_PATTERN_LENGTH,
  spentCost,
} from "./library/mod.ts";
export { type NullProof, narrowBy, narrowScope, provesOf } from "./narrowing.ts";
export { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH, parseExpression } from "./parser.ts";
export { pathsOf } from "./parts.ts";
export type * from "./syntax.ts";
export type * from "./tree.ts";
export { commonType, describeType, holdsUntyped, sameType, whyUnsupported } from "./types.ts";
export { convertHint } from "./untyped.ts";
