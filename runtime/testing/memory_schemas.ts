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

  async byId(id: number): Promise<AvroType | undefined> {
    return this.#schemas[id - 1];
  }

  async register(_subject: string, schema: AvroType): Promise<number> {
    const text = JSON.stringify(formatAvroSchema(schema));
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#schemas.push(schema);
      this.#ids.set(text, id);
    }
    return id;
  }
}
