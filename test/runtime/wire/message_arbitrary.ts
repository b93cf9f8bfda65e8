import fc from "fast-check";
import type { Field, Fields } from "../../../runtime/wire/codec/field.ts";

/** Random bodies that fit one version of a message, drawn from its table. */
export function bodyArbitrary(
  fields: Fields,
  version: number,
): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.entries(fields).filter(
    ([, of]) => version >= of.since && version <= of.until,
  );
  return fc.record(
    Object.fromEntries(entries.map(([name, of]) => [name, valueArbitrary(of, version)])),
  );
}

function valueArbitrary(of: Field<unknown, unknown>, version: number): fc.Arbitrary<unknown> {
  const value = plainArbitrary(of, version);
  return version >= of.nullableSince ? fc.option(value, { freq: 4 }) : value;
}

function plainArbitrary(of: Field<unknown, unknown>, version: number): fc.Arbitrary<unknown> {
  switch (of.type) {
    case "bool":
      return fc.boolean();
    case "int8":
      return fc.integer({ min: -128, max: 127 });
    case "int16":
      return fc.integer({ min: -32768, max: 32767 });
    case "int32":
      return fc.integer();
    case "int64":
      return fc.maxSafeInteger();
    case "string":
      return fc.string({ unit: "grapheme", maxLength: 40 });
    case "bytes":
      return fc.uint8Array({ maxLength: 60 });
    case "uuid":
      return fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => hex(bytes));
    case "array":
      return fc.array(valueArbitrary(of.item!, version), { maxLength: 3 });
    case "struct":
      return bodyArbitrary(of.fields!, version);
  }
}

/** Text to bytes and back, so that tests can write wire formats as they are drawn in the guide. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function unhex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
