/**
 * How an expression fails on one record.
 *
 * @module
 */

export type ExpressionErrorCode =
  | "OVERFLOW"
  | "DIVISION_BY_ZERO"
  | "NO_SUCH_KEY"
  | "INDEX_OUT_OF_BOUNDS"
  | "BAD_CONVERSION"
  | "DUPLICATE_KEY"
  | "NULL_VALUE"
  | "COST_LIMIT";

/** An expression failed on one record: a bad record, not a bad program. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly code: ExpressionErrorCode;

  constructor(code: ExpressionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The failure, if logic may absorb it: only failures of expressions are, never a fault of the program
 * around them, and never the end of the budget, or a loop would go on without one.
 *
 * @throws whatever may not be absorbed
 */
export function absorbable(error: unknown): ExpressionError {
  if (error instanceof ExpressionError && error.code !== "COST_LIMIT") return error;
  throw error;
}
