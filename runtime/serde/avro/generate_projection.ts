/**
 * Projection as source text, to be part of a larger generated function.
 *
 * The text reads the writer's fields one after another. The straight path checks no bounds: beyond
 * the end it reads what happens to follow (or `undefined`, which behaves like 0), the position only
 * ever grows, and a value that has not been read to exactly its end is refused at the end. What
 * loops or allocates (lengths, counts) is checked before. Whatever is wrong is only noticed here;
 * the decoder of the library then reads the same bytes again and throws its error.
 *
 * @module
 */

import { type AvroType, parseAvroSchema, sameAvroType } from "../../../topology/language/mod.ts";
import { listReadings, schemasText } from "./projection_library.ts";
import type { Reading, RecordReading } from "./reading.ts";
import { resolve } from "./resolve.ts";
import { checkWanted, selections, slotsIn, type Wanted, wantedOf } from "./wanted.ts";

/** Names of the function that the text becomes part of. None may begin with `$`: those are ours. */
export interface ProjectionNames {
  /** The `Uint8Array`. */
  readonly bytes: string;
  /** A `let`: position of the value's first byte, its end afterwards. */
  readonly position: string;
  readonly end: string;
  /** `projectionLibrary`. */
  readonly library: string;
}

export interface GeneratedProjectionOptions {
  /** The schema that the bytes were written with. */
  readonly writer: AvroType;
  /** The schema to read them as, whose names the paths have. @default writer */
  readonly reader?: AvroType;
  /** Name of the value in messages. */
  readonly root: string;
  /** Fields of records, from the root; a null on the way makes null, an empty path is the whole value. */
  readonly paths: readonly (readonly string[])[];
  /** Declared variables; local n takes path n. */
  readonly locals: readonly string[];
  readonly names: ProjectionNames;
}

/**
 * Source of statements that read one value, all of it, into locals, or throw what `createDecoder`'s
 * decoder throws for the same bytes.
 *
 * @throws {MillraceError} UNDECODABLE when the schemas are incompatible
 * @throws {RangeError} when a path leads nowhere
 */
export function generateProjection(options: GeneratedProjectionOptions): string {
  const { writer, reader = writer, root, paths, locals, names } = options;
  const reading = resolve(writer, reader);
  const wanted = wantedOf(paths);
  checkWanted(reading, wanted, root);
  const schemas = schemasText(root, writer, reader);
  for (const [n, json] of (JSON.parse(schemas) as unknown[]).slice(1).entries()) {
    if (!sameAvroType(parseAvroSchema(json), n === 0 ? writer : reader)) {
      throw new RangeError(`Cannot project ${root}: names of its schema are ambiguous`);
    }
  }
  return new Generator(reading, locals, names).generate(wanted, schemas);
}

/**
 * Parts that are read in line; the rest goes to the library, because engines do not optimise
 * functions beyond some size (V8: 60 KiB of bytecode).
 */
const MAX_INLINE = 200;

class Generator {
  readonly #reading: Reading;
  readonly #readings: readonly Reading[];
  readonly #locals: readonly string[];
  readonly #names: ProjectionNames;
  #inlined = 0;
  #usesCursor = false;

  constructor(reading: Reading, locals: readonly string[], names: ProjectionNames) {
    this.#reading = reading;
    this.#readings = listReadings(reading);
    this.#locals = locals;
    this.#names = names;
  }

  generate(wanted: Wanted, schemas: string): string {
    const body = this.#part(this.#reading, wanted);
    const { position: p, end, library } = this.#names;
    return [
      "{",
      `const $schemas = ${JSON.stringify(schemas)}, $start = ${p};`,
      "let $n = 0, $m = 0, $e = 0;",
      ...(this.#usesCursor ? [`${library}.begin();`] : []),
      body,
      `if (${p} !== ${end}) ${this.#refuse}`,
      "}",
    ].join("\n");
  }

  get #refuse(): string {
    const { bytes, end, library } = this.#names;
    return `${library}.refuse($schemas, ${bytes}, $start, ${end});`;
  }

  #part(reading: Reading, wanted: Wanted): string {
    const used = wanted.slots.length > 0 || wanted.fields.size > 0;
    if (++this.#inlined > MAX_INLINE) return this.#called(reading, wanted);
    switch (reading.op) {
      case "array":
      case "map":
        return this.#called(reading, wanted);
      case "record":
        if (reading.recursive || wanted.slots.length > 0) return this.#called(reading, wanted);
        return this.#record(reading, wanted);
      case "union":
        // A branch that is wanted whole may be an object, whose fields are wanted as well.
        if (wanted.slots.length > 0 && wanted.fields.size > 0) return this.#called(reading, wanted);
        return this.#union(reading.branches, wanted);
      case "refuse":
        return this.#refuse;
      case "null":
        return this.#assign(slotsIn(wanted), "null");
    }
    return used ? this.#readLeaf(reading, wanted) : this.#skipLeaf(reading);
  }

  #assign(slots: readonly number[], value: string): string {
    return slots.length === 0
      ? ""
      : `${slots.map((slot) => this.#locals[slot]).join(" = ")} = ${value};`;
  }

  /** A part that the library reads. */
  #called(reading: Reading, wanted: Wanted): string {
    this.#usesCursor = true;
    const { bytes, position, end, library } = this.#names;
    const part = this.#readings.indexOf(reading);
    const call = (name: string) =>
      `${library}.${name}($schemas, ${part}, ${bytes}, ${position}, ${end})`;
    const after = `if ((${position} = ${library}.position) < 0) ${this.#refuse}`;
    const taken = selections(wanted);
    if (taken.length === 0) return `${call("skip")}; ${after}`;
    const assignments = taken.map(({ slot, path }) => {
      // Null somewhere on the way makes null; a record always has its fields.
      const selected =
        path.length === 0 ? "$value" : `$value${path.map((name) => `?.${name}`).join("")} ?? null`;
      return `${this.#locals[slot]} = ${selected};`;
    });
    return `{ const $value = ${call("read")}; ${after} ${assignments.join(" ")} }`;
  }

  #record(reading: RecordReading, wanted: Wanted): string {
    const part = this.#readings.indexOf(reading);
    const lines = reading.fields.map(({ to, reading: field }) =>
      this.#part(field, (to !== undefined && wanted.fields.get(to)) || NOTHING),
    );
    for (const { name } of reading.defaults) {
      const inner = wanted.fields.get(name);
      if (inner === undefined) continue;
      for (const { slot, path } of selections(inner)) {
        const names = [name, ...path].map((step) => JSON.stringify(step)).join(", ");
        lines.push(
          `${this.#locals[slot]} = ${this.#names.library}.defaulted($schemas, ${part}, ${names});`,
        );
      }
    }
    return lines.filter((line) => line !== "").join("\n");
  }

  #union(branches: readonly Reading[], wanted: Wanted): string {
    // Zigzag: index i is the byte 2i; more than 64 branches, and forms that are too long, are rare.
    const cases = branches.map(
      (branch, n) => `case ${2 * n}: ${this.#part(branch, wanted)} break;`,
    );
    return [
      `if (($n = ${this.#next}) > 127) { ${this.#slow("$n", "wideLong", 1)} $n *= 2; }`,
      "switch ($n) {",
      ...cases,
      `default: ${this.#refuse}`,
      "}",
    ].join("\n");
  }

  /** @param reading without parts of its own */
  #skipLeaf(reading: Reading): string {
    const p = this.#names.position;
    const next = this.#next;
    const more = (count: number) => Array<string>(count).fill(`${next} > 127`).join(" && ");
    switch (reading.op) {
      case "boolean":
        return `if (${next} > 1) ${this.#refuse}`;
      case "int":
        return `if (${more(4)} && ${next} > 15) ${this.#refuse}`;
      case "long":
        // Seven groups are 49 bits, which are always safe.
        return `if (${more(7)}) { ${this.#slow("$n", "long", 7)} }`;
      case "float":
        return `${p} += 4;`;
      case "double":
        return `${p} += 8;`;
      case "fixed":
        return `${p} += ${reading.sizeBytes};`;
      case "bytes":
        return `${this.#length} ${p} += $n;`;
      case "string": {
        const { bytes: b, library } = this.#names;
        return [
          `${this.#length} $e = ${p} + $n; $m = 0;`,
          `while (${p} + 4 <= $e) { $m |= ${b}[${p}] | ${b}[${p} + 1] | ${b}[${p} + 2] | ${b}[${p} + 3]; ${p} += 4; }`,
          `while (${p} < $e) $m |= ${next};`,
          `if ($m > 127 && !${library}.isUtf8(${b}, ${p} - $n, ${p})) ${this.#refuse}`,
        ].join("\n");
      }
      case "enum": {
        const unknown = unknownSymbols(reading).map((n) => `$n === ${2 * n}`);
        const wrong = [`$n > ${2 * reading.symbols.length - 2}`, "$n & 1", "$n < 0", ...unknown];
        return `${this.#enumIndex} if (${wrong.join(" || ")}) ${this.#refuse}`;
      }
      default:
        throw new TypeError(`Cannot read past ${reading.op} in line`);
    }
  }

  /** @param reading without parts of its own */
  #readLeaf(reading: Reading, { slots: [slot, ...others] }: Wanted): string {
    const { bytes: b, position: p, end, library } = this.#names;
    const local = this.#locals[slot!]!;
    const copies = others.map((other) => ` ${this.#locals[other]} = ${local};`).join("");
    switch (reading.op) {
      case "boolean":
        return `if (($n = ${this.#next}) > 1) ${this.#refuse} ${local} = $n === 1;${copies}`;
      case "int":
      case "long":
        return `${this.#varint(local, reading.op)}${copies}`;
      case "float":
        return `${local} = ${library}.float(${b}, ${p}); ${p} += 4;${copies}`;
      case "double":
        return `${local} = ${library}.double(${b}, ${p}); ${p} += 8;${copies}`;
      case "fixed":
        return [
          `if (!(${p} + ${reading.sizeBytes} <= ${end})) ${this.#refuse}`,
          `${local} = ${library}.copy(${b}, ${p}, ${p} += ${reading.sizeBytes});${copies}`,
        ].join("\n");
      case "bytes":
        return `${this.#length} ${local} = ${library}.copy(${b}, ${p}, ${p} += $n);${copies}`;
      case "string":
        return [
          this.#length,
          `if ((${local} = ${library}.string(${b}, ${p}, ${p} += $n)) === undefined) ${this.#refuse}${copies}`,
        ].join("\n");
      case "enum": {
        const cases = reading.values.map((value, n) =>
          value === undefined ? "" : `case ${2 * n}: ${local} = ${JSON.stringify(value)}; break;`,
        );
        return `${this.#enumIndex} switch ($n) { ${cases.join(" ")} default: ${this.#refuse} }${copies}`;
      }
      default:
        throw new TypeError(`Cannot read ${reading.op} in line`);
    }
  }

  /** The next byte; beyond the array `undefined`, which compares false with everything. */
  get #next(): string {
    return `${this.#names.bytes}[${this.#names.position}++]`;
  }

  /** Sets `$n` to twice the index, as in a form of one byte. */
  get #enumIndex(): string {
    return `if (($n = ${this.#next}) > 127) { ${this.#slow("$n", "int", 1)} $n *= 2; }`;
  }

  /** Sets `$n` to a length that the bytes left can have. */
  get #length(): string {
    const { position, end } = this.#names;
    return `${this.#varint("$n", "wideLong")} if (!($n >= 0 && $n <= ${end} - ${position})) ${this.#refuse}`;
  }

  /** One and two bytes in line, more in the library. */
  #varint(target: string, slow: string): string {
    return [
      `if (($n = ${this.#next}) < 128) ${target} = $n >>> 1 ^ -($n & 1);`,
      `else if (($m = ${this.#next}) < 128) { $m = $m << 7 | $n & 127; ${target} = $m >>> 1 ^ -($m & 1); }`,
      `else { ${this.#slow(target, slow, 2)} }`,
    ].join("\n");
  }

  /** The library reads again from `back` bytes before the position, and goes on from where it stopped. */
  #slow(target: string, name: string, back: number): string {
    const { bytes, position, end, library } = this.#names;
    const call = `${library}.${name}(${bytes}, ${position} - ${back}, ${end})`;
    return `${target} = ${call}; if ((${position} = ${library}.position) < 0) ${this.#refuse}`;
  }
}

function unknownSymbols(reading: Reading & { op: "enum" }): number[] {
  return reading.values.flatMap((value, n) => (value === undefined ? [n] : []));
}

const NOTHING: Wanted = { slots: [], fields: new Map() };
