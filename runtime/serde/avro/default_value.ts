/**
 * Defaults of a schema as values.
 *
 * @module
 */

import { type AvroType, wrongDefault } from "../../../topology/language/mod.ts";

/**
 * The value that a JSON default stands for. The schema parser has checked that it fits. Objects are
 * new at each call: their receiver may change them.
 */
export function defaultValue(json: unknown, type: AvroType): unknown {
  switch (type.kind) {
    case "bytes":
    case "fixed":
      return Uint8Array.from(json as string, (char) => char.charCodeAt(0));
    case "array":
      return (json as unknown[]).map((item) => defaultValue(item, type.items));
    case "map":
      return new Map(
        Object.entries(json as object).map(([key, value]) => [
          key,
          defaultValue(value, type.values),
        ]),
      );
    case "record": {
      const given = json as Readonly<Record<string, unknown>>;
      const record: Record<string, unknown> = {};
      for (const field of type.fields) {
        record[field.name] = defaultValue(
          Object.hasOwn(given, field.name) ? given[field.name] : field.default,
          field.type,
        );
      }
      return record;
    }
    case "union":
      return defaultValue(
        json,
        type.branches.find((branch) => wrongDefault(json, branch) === undefined)!,
      );
    case "float":
      return Math.fround(json as number);
    default:
      return json;
  }
}
