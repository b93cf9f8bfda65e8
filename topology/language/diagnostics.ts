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
  /** From 1; 0 in the object form, which has no lines: `path` tells the place. */
  readonly line: number;
  /** From 1, in UTF-16 units; in the object form within `excerpt`. */
  readonly column: number;
  /** Exclusive, on the same line. */
  readonly endColumn: number;
  /** Where in the model: `pipelines.shoppers_by_gender[1].flatMap.when`. */
  readonly path: string;
  readonly message: string;
  /** In the object form: what it is about, as a line of YAML would have it. */
  readonly excerpt?: string;
  readonly hint?: string;
}
