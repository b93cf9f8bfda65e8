/**
 * Diagnostics: what is wrong with a definition, where, and what to do about it.
 *
 * @module
 */

export interface Diagnostic {
  /** Stable; a row in the README, a test that provokes it. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Exclusive, on the same line. */
  readonly endColumn: number;
  /** Where in the model: `pipelines.shoppers_by_gender[1].flatMap.when`. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}
