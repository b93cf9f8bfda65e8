/**
 * Which of several allowed types somebody meant.
 *
 * @module
 */

import type { DocumentNode } from "../document/mod.ts";
import { suggest } from "../suggest.ts";
import { expectation, isScalarType } from "./check_scalar.ts";
import { OBJECTS } from "./objects.ts";
import { shortOf } from "./short_form.ts";
import type { FieldType } from "./types.ts";

/** The variant whose faults are worth telling: chosen by shape, literal and required keys. */
export function chooseVariant(
  variants: readonly FieldType[],
  node: DocumentNode,
): FieldType | undefined {
  const short = variants.some((variant) => shortOf(built(variant)) !== undefined);
  const fitting = variants.filter(
    (variant) => accepts(variant, node) && !(short && isOtherWord(variant, node)),
  );
  if (fitting.length < 2) return fitting[0];
  if (node.kind === "scalar") {
    const exact = fitting.find((variant) => {
      const type = built(variant);
      return type.kind === "literal" && type.values.some((value) => value === node.value);
    });
    return exact ?? fitting[0];
  }
  if (node.kind === "map") {
    const named = fitting.find((variant) =>
      requiredKeys(built(variant)).some((key) => node.entries.has(key)),
    );
    const misspelt = fitting.find((variant) =>
      [...node.entries.keys()].some(
        (key) => suggest(key, requiredKeys(built(variant))) !== undefined,
      ),
    );
    return (
      named ?? misspelt ?? fitting.find((variant) => requiredKeys(built(variant)).length === 0)
    );
  }
  return fitting[0];
}

/** `text, { avro } or { window }` */
export function describeVariants(variants: readonly FieldType[]): string {
  const words = variants
    .filter((variant) => variant.kind !== "notBuilt")
    .map((type) => {
      if (isScalarType(type)) return expectation(type);
      if (type.kind !== "object") return `a ${type.kind}`;
      const keys = requiredKeys(type);
      return keys.length === 0 || shortOf(type) !== undefined
        ? "a map"
        : `{ ${keys.join(OBJECTS.get(type.name)?.exactlyOne === undefined ? ", " : " or ")} }`;
    });
  return words.join(", or ");
}

/** Neither one of the words nor a slip: a word that another variant has a place for. */
function isOtherWord(variant: FieldType, node: DocumentNode): boolean {
  const type = built(variant);
  if (type.kind !== "literal" || node.kind !== "scalar") return false;
  return (
    !type.values.includes(node.value as string) &&
    suggest(node.text, type.values.map(String)) === undefined
  );
}

function built(type: FieldType): FieldType {
  return type.kind === "notBuilt" ? built(type.type) : type;
}

/** Keys by which a variant is recognised. */
function requiredKeys(type: FieldType): readonly string[] {
  if (type.kind !== "object") return [];
  const spec = OBJECTS.get(type.name)!;
  const required = Object.entries(spec.fields).filter(([, field]) => field.required);
  return [...(spec.exactlyOne ?? []), ...required.map(([key]) => key)];
}

export function accepts(type: FieldType, node: DocumentNode): boolean {
  if (isScalarType(type)) return node.kind === "scalar";
  switch (type.kind) {
    case "notBuilt":
      return accepts(type.type, node);
    case "made":
    case "text":
      return node.kind === "scalar" || node.kind === "map";
    case "list":
      return node.kind === "list";
    case "oneOrMany":
      return node.kind === "list" || accepts(type.of, node);
    case "fields":
    case "object":
      return node.kind === "map";
    case "union":
      return type.of.some((variant) => accepts(variant, node));
    default:
      return true;
  }
}
