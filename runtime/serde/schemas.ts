/**
 * Where schemas come from and go to: the part of the engine's `SchemaSource` that is used here (this
 * folder knows nothing of the engine).
 *
 * @module
 */

import type { AvroType } from "../../topology/language/mod.ts";

export interface WriterSchemas {
  /** The schema with an id; undefined when there is none. @throws transient */
  byId(id: number): Promise<AvroType | undefined>;
}

export interface SubjectSchemas {
  /** Registers under a subject, idempotently, and returns the id. */
  register(subject: string, schema: AvroType): Promise<number>;
}
