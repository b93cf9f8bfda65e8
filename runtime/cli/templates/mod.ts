/**
 * What `millrace new` writes.
 *
 * @module
 */

import { CLEAN } from "./clean.ts";
import { COUNT } from "./count.ts";
import { WORDS } from "./words.ts";

/** Texts in which `%` is the name that the user chose. */
export interface Template {
  readonly summary: string;
  /** YAML. */
  readonly definition: string;
  /** Of the records that come in. */
  readonly schema: unknown;
  /** Its tests: what a test file has below `definition:`. */
  readonly tests: string;
}

export const TEMPLATES: Readonly<Record<string, Template>> = {
  count: COUNT,
  words: WORDS,
  clean: CLEAN,
};
