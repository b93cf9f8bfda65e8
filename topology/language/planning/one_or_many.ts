/**
 * One stands for a list of one.
 *
 * @module
 */

import type { OneOrMany } from "../definition.ts";
import type { Path } from "../document/mod.ts";

/** Each with the path it was written at. */
export function many<T>(
  value: OneOrMany<T>,
  path: Path,
): readonly { readonly item: T; readonly path: Path }[] {
  if (!Array.isArray(value)) return [{ item: value as T, path }];
  return (value as readonly T[]).map((item, index) => ({ item, path: [...path, index] }));
}
