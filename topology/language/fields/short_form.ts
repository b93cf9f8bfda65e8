/**
 * What is meant by a value of another shape than the one that belongs there.
 *
 * @module
 */

import type { DocumentNode, Path } from "../document/mod.ts";
import { isScalarType } from "./check_scalar.ts";
import { OBJECTS } from "./objects.ts";
import type { FieldType } from "./types.ts";

/** A longer text is not repeated in a hint. */
const MAX_LENGTH = 60;

/** A hint: the value as it has to be written, or what such a map or list begins with. */
export function shortForm(type: FieldType, node: DocumentNode, path: Path): string | undefined {
  const key = path.findLast((step) => typeof step === "string");
  if (node.kind === "scalar") return scalarForm(type, node.text, path, key);
  if (node.kind === "map" && type.kind === "list") {
    return type.of.kind === "object" ? 'begin each item with "- "' : undefined;
  }
  if (node.kind === "list" && type.kind === "fields" && type.names === "name") {
    return `begin with a name: ${key}: { <name>: … }`;
  }
  return undefined;
}

function scalarForm(
  type: FieldType,
  text: string,
  path: Path,
  key: string | undefined,
): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, before, after] = /^([A-Za-z]\w*)[:：]\s*(\S.*)$/.exec(text) ?? [];
  if (before !== undefined && typeof path.at(-1) === "number") {
    return `a colon needs a blank behind it: ${before}: ${after}`;
  }
  if (type.kind === "list" && isScalarType(type.of) && key === path.at(-1)) {
    return `write ${key}: [${text}]`;
  }
  const short = shortOf(type);
  if (short !== undefined && key === path.at(-1))
    return `write ${key}: ${short.replace("%", text)}`;
  return undefined;
}

/** How one value of another type becomes one of this; `%` is the value. */
export function shortOf(type: FieldType): string | undefined {
  switch (type.kind) {
    case "object":
      return OBJECTS.get(type.name)?.shortFor;
    case "fields":
      return type.shortFor;
    case "oneOrMany":
      return shortOf(type.of);
    case "union":
      return type.of.map(shortOf).find((short) => short !== undefined);
    default:
      return undefined;
  }
}
