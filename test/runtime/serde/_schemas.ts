/**
 * Random Avro schemas, values for them, and their bytes. Values are in the form that the decoder
 * gives: records as objects, maps as `Map`, unions without a wrapper.
 *
 * @module
 */

import fc from "fast-check";
import type { AvroRecord, AvroType } from "../../../topology/language/mod.ts";

/** Field and type names that are unique within one schema come from one counter. */
class Names {
  #next = 0;
  fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }
}

export type Draw = (max: number) => number;

const PRIMITIVES = [
  "null",
  "boolean",
  "int",
  "long",
  "float",
  "double",
  "bytes",
  "string",
] as const;

/** A stream of choices: small numbers that a property's seed decides. */
export function draws(): fc.Arbitrary<Draw> {
  return fc.infiniteStream(fc.nat(1_000_000)).map((stream) => {
    const iterator = stream[Symbol.iterator]();
    return (max) => (iterator.next().value as number) % max;
  });
}

/** A random schema as JSON; a record, unless `top` says otherwise. */
export function schemaJson(top: "record" | "any" = "record"): fc.Arbitrary<unknown> {
  return draws().map((draw) => {
    const names = new Names();
    const known: string[] = [];
    return top === "record" ? recordOf(draw, names, known, 0) : typeOf(draw, names, known, 0);
  });
}

function typeOf(draw: Draw, names: Names, known: string[], depth: number): unknown {
  const kind = draw(depth >= 3 ? 9 : 15);
  if (kind < 8) return PRIMITIVES[kind];
  switch (kind) {
    case 8: {
      if (known.length > 0) return known[draw(known.length)];
      return "string";
    }
    case 9:
    case 10:
      return recordOf(draw, names, known, depth);
    case 11: {
      const name = names.fresh("E");
      const symbols = Array.from({ length: 1 + draw(draw(4) === 0 ? 100 : 5) }, (_, n) => `S${n}`);
      known.push(name);
      return {
        type: "enum",
        name,
        symbols,
        ...(draw(2) === 0 ? { default: symbols[draw(symbols.length)] } : {}),
      };
    }
    case 12: {
      const name = names.fresh("F");
      known.push(name);
      return { type: "fixed", name, size: draw(5) };
    }
    case 13:
      return draw(2) === 0
        ? { type: "array", items: typeOf(draw, names, known, depth + 1) }
        : { type: "map", values: typeOf(draw, names, known, depth + 1) };
    default:
      return unionOf(draw, names, known, depth);
  }
}

function recordOf(draw: Draw, names: Names, known: string[], depth: number): unknown {
  const name = names.fresh("R");
  const fields = [];
  const count = draw(depth === 0 ? 8 : 4);
  for (let n = 0; n < count; n++) {
    // Only behind a union's null may a record contain itself: its values would have no end.
    const recursive = draw(8) === 0;
    fields.push(
      recursive
        ? { name: `f${n}`, type: ["null", name], default: null }
        : { name: `f${n}`, type: typeOf(draw, names, known, depth + 1) },
    );
  }
  known.push(name);
  return { type: "record", name, fields };
}

function unionOf(draw: Draw, names: Names, known: string[], depth: number): unknown {
  const branches: unknown[] = ["null"];
  const count = 1 + draw(4);
  const kinds = new Set<string>(["null"]);
  for (let n = 0; n < count; n++) {
    const defined = known.length;
    const branch = typeOf(draw, names, known, depth + 1);
    const kind =
      typeof branch === "string"
        ? branch
        : ((branch as { name?: string }).name ?? (branch as { type?: string }).type ?? "");
    if (Array.isArray(branch) || kinds.has(kind)) {
      known.length = defined;
      continue;
    }
    kinds.add(kind);
    branches.push(branch);
  }
  if (draw(3) === 0) branches.push(...branches.splice(0, 1));
  return branches;
}

/** A value of a schema. Objects have the schema's order of fields. */
export function randomValue(type: AvroType, draw: Draw, depth = 0): unknown {
  switch (type.kind) {
    case "null":
      return null;
    case "boolean":
      return draw(2) === 1;
    case "int":
      return INTS[draw(INTS.length)]!;
    case "long":
      return draw(3) === 0 ? INTS[draw(INTS.length)]! : LONGS[draw(LONGS.length)]!;
    case "float":
      return Math.fround((draw(2000) - 1000) / 7);
    case "double":
      return (draw(2000) - 1000) / 7;
    case "bytes":
      return bytesOf(draw, draw(80));
    case "fixed":
      return bytesOf(draw, type.sizeBytes);
    case "string":
      return draw(20) === 0 ? "x".repeat(draw(300)) : TEXTS[draw(TEXTS.length)]!;
    case "enum":
      return type.symbols[draw(type.symbols.length)]!;
    case "array":
      return Array.from({ length: draw(depth > 4 ? 1 : 4) }, () =>
        randomValue(type.items, draw, depth + 1),
      );
    case "map":
      return new Map(
        Array.from({ length: draw(depth > 4 ? 1 : 4) }, (_, n) => [
          n === 0 ? "__proto__" : `k${n}`,
          randomValue(type.values, draw, depth + 1),
        ]),
      );
    case "record": {
      const record: Record<string, unknown> = {};
      for (const field of type.fields)
        record[field.name] = randomValue(field.type, draw, depth + 1);
      return record;
    }
    case "union": {
      const isNull = type.branches.findIndex(({ kind }) => kind === "null");
      const branch = depth > 4 && isNull >= 0 ? isNull : draw(type.branches.length);
      return randomValue(type.branches[branch]!, draw, depth + 1);
    }
  }
}

const INTS = [
  0,
  1,
  -1,
  63,
  64,
  -64,
  -65,
  8191,
  8192,
  -8193,
  1 << 20,
  2 ** 27,
  2 ** 31 - 1,
  -(2 ** 31),
];
const LONGS = [
  2 ** 31,
  -(2 ** 31) - 1,
  1447171200123,
  2 ** 34,
  2 ** 41 - 1,
  2 ** 48,
  2 ** 49,
  // avsc doubles negative numbers before it writes them, and rounds those beyond 2^52.
  2 ** 52,
  -(2 ** 52),
  Number.MAX_SAFE_INTEGER - 1,
];
const TEXTS = [
  "",
  "a",
  "FEMALE",
  "性别",
  "😀",
  "\uFEFFx",
  "naïve",
  "a\u0000b",
  "constructor",
  "杭州 Hangzhou",
];

function bytesOf(draw: Draw, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => draw(256));
}

/** All paths to fields of records, through nullable ones as well; the whole value among them. */
export function pathsOf(type: AvroType, around: readonly AvroType[] = []): string[][] {
  const record = recordIn(type);
  if (record === undefined || around.includes(record)) return [[]];
  return [
    [],
    ...record.fields.flatMap((field) =>
      pathsOf(field.type, [...around, record]).map((path) => [field.name, ...path]),
    ),
  ];
}

function recordIn(type: AvroType): AvroRecord | undefined {
  if (type.kind === "record") return type;
  if (type.kind !== "union") return undefined;
  const others = type.branches.filter(({ kind }) => kind !== "null");
  return others.length === 1 ? recordIn(others[0]!) : undefined;
}
