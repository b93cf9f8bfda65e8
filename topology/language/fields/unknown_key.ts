/**
 * What somebody meant who wrote a key that is not there.
 *
 * @module
 */

import type { MapNode, Path } from "../document/mod.ts";
import { didYouMean, suggest } from "../suggest.ts";
import { OBJECTS } from "./objects.ts";
import { wordElsewhere } from "./other_words.ts";
import type { FieldType, ObjectSpec } from "./types.ts";
import { accepts } from "./union.ts";

export interface UnknownKey {
  readonly message: string;
  readonly hint?: string;
  /** The key that was meant and is not there: its value is what stands here. */
  readonly meant?: string;
  /** The key means something elsewhere: without it the object says something else. */
  readonly isMisplaced?: true;
}

/** An object of the definition that is being checked. */
export interface OpenObject {
  readonly name: string;
  readonly node: MapNode;
  /** The key that led from here to the object inside. */
  readonly key?: string;
  readonly path: Path;
}

/**
 * @param around The objects that this one stands in, outermost first.
 * @returns undefined when the fault has been told already: the key belongs under one that is empty
 */
export function explainUnknownKey(
  key: string,
  { name, node }: Pick<OpenObject, "name" | "node">,
  around: readonly OpenObject[],
): UnknownKey | undefined {
  const spec = OBJECTS.get(name)!;
  const known = Object.keys(spec.fields);
  const elsewhere = wordElsewhere(name, key);
  const value = node.entries.get(key)!.value;
  const fitting = known.filter(
    (field) => value.kind === "bad" || accepts(spec.fields[field]!.type, value),
  );
  const close = suggest(key, fitting) ?? (typeof elsewhere === "string" ? elsewhere : undefined);
  const message = `unknown key "${key}"`;
  const under = ownersOf(key, spec, node);
  if (under.some((owner) => node.entries.get(owner)?.value.kind === "bad")) return undefined;
  if (under.length === 1) {
    return { message, hint: `it belongs under "${under[0]!}"`, isMisplaced: true };
  }
  if (close !== undefined) {
    const free = !node.entries.has(close) && isFree(close, spec, node);
    return { message: `${message}; did you mean "${close}"?`, ...(free && { meant: close }) };
  }
  const outer = around.at(-1);
  if (outer?.key !== undefined && Object.hasOwn(OBJECTS.get(outer.name)!.fields, key)) {
    return { message, hint: `it stands beside "${outer.key}", not under it` };
  }
  if (typeof elsewhere === "object") return { message, hint: elsewhere.hint };
  if (key === "<<") return { message, hint: "there are no merge keys: write the keys out" };
  return { message, hint: `known keys: ${known.join(", ")}` };
}

/** No other key excludes it. */
function isFree(key: string, { exactlyOne = [] }: ObjectSpec, node: MapNode): boolean {
  return !exactlyOne.includes(key) || !exactlyOne.some((other) => node.entries.has(other));
}

/** Fields whose objects have the key: those that are written, else all. */
function ownersOf(key: string, { fields }: ObjectSpec, node: MapNode): readonly string[] {
  const owners = Object.keys(fields).filter((field) =>
    objectsOf(fields[field]!.type).some((name) => Object.hasOwn(OBJECTS.get(name)!.fields, key)),
  );
  const written = owners.filter((owner) => node.entries.has(owner));
  return written.length > 0 ? written : owners;
}

function objectsOf(type: FieldType): readonly string[] {
  switch (type.kind) {
    case "object":
      return [type.name];
    case "union":
      return type.of.flatMap(objectsOf);
    case "oneOrMany":
      return objectsOf(type.of);
    default:
      return [];
  }
}

/** Whether one of the keys that are there is `key`, misspelt. */
export function isMisspelt(key: string, spec: ObjectSpec, node: MapNode): boolean {
  return [...node.entries.keys()].some(
    (other) => !Object.hasOwn(spec.fields, other) && didYouMean(other, [key]) !== "",
  );
}
