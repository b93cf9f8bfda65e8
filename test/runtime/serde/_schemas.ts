/**
 * Random Avro schemas, values for them, and their bytes. Values are in the form that the decoder
 * gives: records as objects, maps as `Map`, unions without a wrapper.
 *
 * @module
 */

import fc from "fast-check";

/** Field and type names that are unique within one schema come from one counter. */
class Names {
  #next = 0;
  fresh(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }
}

type Draw = (max: number) => number;

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

/** A random schema as JSON; a record, unless `top` says otherwise. */
export function schemaJson(top: "record" | "any" = "record"): fc.Arbitrary<unknown> {
  return fc.infiniteStream(fc.nat(1_000_000)).map((stream) => {
    const iterator = stream[Symbol.iterator]();
    const draw: Draw = (max) => (iterator.next().value as number) % max;
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
