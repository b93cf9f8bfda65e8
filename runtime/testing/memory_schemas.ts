/**
 * The `SchemaSource` port in memory: ids from 1, by content.
 *
 * @module
 */

import { type AvroType, formatAvroSchema } from "../../topology/language/mod.ts";
import type { SchemaSource } from "../engine/mod.ts";

export class MemorySchemas implements SchemaSource {
  readonly #schemas: AvroType[] = [];
  readonly #ids = new Map<string, number>();
  /** Ids of schemas that came before as the same object: their text need not be made again. */
  readonly #known = new WeakMap<AvroType, number>();

  async byId(id: number): Promise<AvroType | undefined> {
    return this.#schemas[id - 1];
  }

  async register(_subject: string, schema: AvroType): Promise<number> {
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    const text = JSON.stringify(formatAvroSchema(schema));
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#schemas.push(schema);
      this.#ids.set(text, id);
    }
    this.#known.set(schema, id);
    return id;
  }
}
