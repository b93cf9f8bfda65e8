/**
 * Can data written with one Avro schema be read with another? The rules of "Schema Resolution" in the
 * Avro specification, over every pair of a reader's and a writer's type that meet.
 *
 * Schemas may contain themselves, and a pair may fit in one branch of a union and not in the other. So
 * all pairs that can meet are laid out first and taken to fit; then each pair that does not by itself
 * takes along those that need it. What is left fits (the greatest fixed point), in time linear in the
 * pairs. Trying branches one after the other, with pairs "assumed to fit" on the way, is exponential
 * or keeps assumptions of branches that failed.
 *
 * @module
 */

import type { AvroField, AvroRecord, AvroType } from "../../topology/language/mod.ts";

/** What each type of a writer may be read as, beside itself. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ["long", "float", "double"],
  long: ["float", "double"],
  float: ["double"],
  string: ["bytes"],
  bytes: ["string"],
};

/** Reasons told at most. */
const MAX_REASONS = 100;

/** A type of the reader that meets one of the writer. */
interface Pair {
  readonly reader: AvroType;
  readonly writer: AvroType;
  /** What keeps the two apart by themselves. */
  readonly own: string[];
  readonly parts: { readonly step: string; readonly pair: Pair }[];
  /** A reader's union: one part that fits is enough. */
  readonly anyOf: boolean;
  /** Pairs this one is a part of, once for each time. */
  readonly partOf: Pair[];
  fits: boolean;
  fittingParts: number;
}

/** Why data of `writer` cannot be read as `reader`; empty when it can. */
export function unreadable(reader: AvroType, writer: AvroType): string[] {
  const pairs = new Pairs();
  const root = pairs.of(reader, writer);
  pairs.complete();
  return root.fits ? [] : reasons(root);
}

class Pairs {
  readonly #known = new Map<AvroType, Map<AvroType, Pair>>();
  readonly #all: Pair[] = [];

  of(reader: AvroType, writer: AvroType): Pair {
    let withReader = this.#known.get(reader);
    if (withReader === undefined) this.#known.set(reader, (withReader = new Map()));
    let pair = withReader.get(writer);
    if (pair === undefined) {
      const anyOf = reader.kind === "union" && writer.kind !== "union";
      pair = {
        reader,
        writer,
        own: [],
        parts: [],
        anyOf,
        partOf: [],
        fits: true,
        fittingParts: 0,
      };
      withReader.set(writer, pair);
      this.#all.push(pair);
    }
    return pair;
  }

  /** Lays out the parts of every pair, then lets what does not fit spread. */
  complete(): void {
    // Grows while it is walked.
    for (const pair of this.#all) this.#layOut(pair);
    const apart = this.#all.filter(({ own }) => own.length > 0);
    for (const pair of apart) pair.fits = false;
    for (const part of apart) {
      for (const pair of part.partOf) {
        pair.fittingParts--;
        if (!pair.fits || (pair.anyOf && pair.fittingParts > 0)) continue;
        pair.fits = false;
        apart.push(pair);
      }
    }
  }

  #add(pair: Pair, step: string, reader: AvroType, writer: AvroType): void {
    const part = this.of(reader, writer);
    pair.parts.push({ step, pair: part });
    pair.fittingParts++;
    part.partOf.push(pair);
  }

  #layOut(pair: Pair): void {
    const { reader, writer, own } = pair;
    if (writer.kind === "union") {
      for (const branch of writer.branches) this.#add(pair, "", reader, branch);
      return;
    }
    if (reader.kind === "union") {
      for (const branch of reader.branches) {
        if (misfit(branch, writer) === undefined) this.#add(pair, "", branch, writer);
      }
      if (pair.parts.length === 0) own.push(noBranch(writer));
      return;
    }
    const reason = misfit(reader, writer);
    if (reason !== undefined) own.push(reason);
    else if (reader.kind === "array") {
      this.#add(pair, "/items", reader.items, (writer as typeof reader).items);
    } else if (reader.kind === "map") {
      this.#add(pair, "/values", reader.values, (writer as typeof reader).values);
    } else if (reader.kind === "record") {
      const written = new Map((writer as AvroRecord).fields.map((field) => [field.name, field]));
      for (const field of reader.fields) this.#layOutField(pair, field, written);
    }
  }

  #layOutField(pair: Pair, field: AvroField, writer: Map<string, AvroField>): void {
    const names = [field.name, ...(field.aliases ?? [])].filter((name) => writer.has(name));
    const [name] = names;
    if (name === undefined) {
      if (field.hasDefault) return;
      pair.own.push(`reader field ${field.name} has no default and the writer has no such field`);
    } else if (new Set(names).size > 1) {
      // Java and avsc refuse it too: which of them was meant?
      pair.own.push(
        `reader field ${field.name} is several fields of the writer: ${names.join(", ")}`,
      );
    } else {
      this.#add(pair, `/fields/${field.name}`, field.type, writer.get(name)!.type);
    }
  }
}

/** Why two types that are no unions do not fit, whatever is in them. */
function misfit(reader: AvroType, writer: AvroType): string | undefined {
  if (reader.kind !== writer.kind) {
    return PROMOTIONS[writer.kind]?.includes(reader.kind)
      ? undefined
      : `${show(writer)} cannot be read as ${show(reader)}`;
  }
  if (!("name" in reader) || !("name" in writer)) return undefined;
  if (reader.name !== writer.name && !reader.aliases?.includes(writer.name)) {
    return `${show(writer)} is not ${show(reader)}`;
  }
  if (reader.kind === "fixed" && writer.kind === "fixed" && reader.sizeBytes !== writer.sizeBytes) {
    return `${show(writer)} has ${writer.sizeBytes} bytes, not ${reader.sizeBytes}`;
  }
  if (reader.kind === "enum" && writer.kind === "enum" && reader.default === undefined) {
    const symbols = new Set(reader.symbols);
    const missing = writer.symbols.filter((symbol) => !symbols.has(symbol));
    if (missing.length > 0) return `reader ${show(reader)} lacks ${missing.join(", ")}`;
  }
  return undefined;
}

/** The causes below a pair that does not fit, each with the first place it was met at. */
function reasons(root: Pair): string[] {
  const found = new Set<string>();
  const seen = new Set<Pair>([root]);
  const open = [{ pair: root, path: "" }];
  while (open.length > 0 && found.size < MAX_REASONS) {
    const { pair, path } = open.pop()!;
    const place = path === "" ? "/" : path;
    for (const reason of pair.own) found.add(`${place}: ${reason}`);
    if (pair.anyOf && pair.own.length === 0) found.add(`${place}: ${noBranch(pair.writer)}`);
    if (pair.anyOf) continue;
    for (const { step, pair: part } of pair.parts.toReversed()) {
      if (part.fits || seen.has(part)) continue;
      seen.add(part);
      open.push({ pair: part, path: path + step });
    }
  }
  return [...found];
}

const noBranch = (writer: AvroType): string => `reader union has no type for ${show(writer)}`;

function show(type: AvroType): string {
  return "name" in type ? `${type.kind} ${type.name}` : type.kind;
}
