/**
 * A parsed file as a tree that remembers where everything stands.
 *
 * @module
 */

import type { Expansion } from "./variables.ts";

/** Offsets into the file's text, UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export type DocumentNode = ScalarNode | MapNode | ListNode | BadNode;

export interface ScalarNode extends Range {
  readonly kind: "scalar";
  /** null only where somebody wrote `null` or `~`. */
  readonly value: string | number | boolean | null;
  readonly style: "plain" | "single" | "double" | "block";
  /** The scalar's text after unfolding and unescaping: for a number, as it was written. */
  readonly text: string;
  /** Present where variables stand in it, which `text` and `value` have expanded. */
  readonly written?: { readonly text: string; readonly expansions: readonly Expansion[] };
}

export interface MapNode extends Range {
  readonly kind: "map";
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly key: Range;
  readonly value: DocumentNode;
}

export interface ListNode extends Range {
  readonly kind: "list";
  readonly items: readonly DocumentNode[];
}

/** What stands here is wrong and has been reported: nobody needs to complain again. */
export interface BadNode extends Range {
  readonly kind: "bad";
}

/** From the root: map keys and list indexes. */
export type Path = readonly (string | number)[];

/** `pipelines.shoppers_by_gender[1].flatMap.when` */
export function showPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** The node at a path, or undefined. */
export function nodeAt(root: DocumentNode | undefined, path: Path): DocumentNode | undefined {
  let node = root;
  for (const step of path) {
    if (node?.kind === "map") node = node.entries.get(String(step))?.value;
    else if (node?.kind === "list" && typeof step === "number") node = node.items[step];
    else return undefined;
  }
  return node;
}

/**
 * Makes what stands under a misspelt key known under the key that was meant as well: its own faults
 * have a place then.
 */
export function alsoKnownAs(map: MapNode, written: string, meant: string): void {
  const entry = map.entries.get(written);
  if (entry !== undefined) (map.entries as Map<string, MapEntry>).set(meant, entry);
}

/** The key of the entry at a path: of the last map entry on the way there, if `path` ends in a list. */
export function keyAt(root: DocumentNode | undefined, path: Path): Range | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = nodeAt(root, path.slice(0, length - 1));
    if (parent?.kind === "map") {
      const key = parent.entries.get(String(path[length - 1]))?.key;
      if (key !== undefined) return key;
    }
  }
  return undefined;
}
