/**
 * YAML (and so JSON) text → a tree with positions, or diagnostics.
 *
 * Stricter than YAML: every warning, tag, duplicate key and empty value is an error, and one
 * document is one definition.
 *
 * @module
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { LIMITS, withinLimits } from "./limits.ts";
import type { DocumentNode, MapEntry, Path, Range, ScalarNode } from "./node.ts";
import { findPitfall, type YamlPair } from "./pair_pitfalls.ts";
import { quotedEntry } from "./quote_hint.ts";
import type { Report } from "./report.ts";
import { reportYamlProblems } from "./yaml_problems.ts";

/** What an empty file should have had in it. */
const EMPTY_FILES = {
  definition: {
    message: "the file has no definition in it",
    hint: "a definition begins with `topology: <name>` and has `pipelines:`",
  },
  tests: {
    message: "the file has no tests in it",
    hint: "a test file begins with `definition: <file>` and has `tests:`",
  },
} as const;

/**
 * @param report Takes the diagnostics; its `root` is set.
 * @returns the tree, or undefined when the text is not one YAML document
 */
export function parseYaml(
  text: string,
  report: Report,
  content: keyof typeof EMPTY_FILES = "definition",
): DocumentNode | undefined {
  if (!withinLimits(text, report)) return undefined;
  // The library compares every key with every other (40,000 keys: 12.8 s); `Converter` does it with a map.
  const documents = parseAllDocuments(text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    version: "1.2",
  });
  const document = Array.isArray(documents)
    ? (documents[0] as Document.Parsed | undefined)
    : undefined;
  const contents = document?.contents;
  const problems = document === undefined ? [] : [...document.errors, ...document.warnings];
  if (reportYamlProblems(problems, text, report)) return undefined;
  if (document === undefined || contents === null || contents === undefined || isEmpty(contents)) {
    const { message, hint } = EMPTY_FILES[content];
    report.errorAt("EMPTY_FILE", { start: 0, end: 1 }, message, hint);
    return undefined;
  }
  if (Array.isArray(documents) && documents.length > 1) {
    const second = documents[1]!.range[0];
    report.errorAt(
      "BAD_YAML",
      { start: second, end: second + 3 },
      "one file is one definition: a second one begins here",
    );
    return undefined;
  }
  if (document.directives?.yaml.explicit) {
    report.errorAt("BAD_YAML", { start: 0, end: 5 }, "YAML directives are not allowed");
    return undefined;
  }
  const root = new Converter(document, report).convert(contents as ParsedNode, [], 0);
  report.root = root;
  return root;
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && node.source === "";
}

class Converter {
  readonly #document: Document.Parsed;
  readonly #report: Report;
  /** Anchored nodes between the root and here: an alias to one of them is a cycle. */
  readonly #open = new Set<unknown>();
  #nodes = 0;

  constructor(document: Document.Parsed, report: Report) {
    this.#document = document;
    this.#report = report;
  }

  convert(node: ParsedNode, path: Path, depth: number): DocumentNode {
    const range: Range = { start: node.range[0], end: Math.max(node.range[1], node.range[0] + 1) };
    const bad = { kind: "bad", ...range } as const;
    if (depth > LIMITS.depth)
      return this.#refuse(bad, "TOO_DEEP", path, `nested deeper than ${LIMITS.depth} levels`);
    if (++this.#nodes > LIMITS.nodes) {
      // Said once; the rest of the bomb is left unread.
      if (this.#nodes > LIMITS.nodes + 1) return bad;
      const message = `aliases blow the file up to more than ${LIMITS.nodes} values`;
      return this.#refuse(bad, "TOO_MANY_ALIASES", path, message);
    }
    if (isAlias(node))
      return this.#alias(node as ParsedNode & { source: string }, bad, path, depth);
    if (node.tag?.startsWith("!") || this.#hasExplicitTag(node)) {
      const hint = node.tag?.startsWith("!")
        ? "quote text that begins with !"
        : "leave the tag out";
      return this.#refuse(bad, "BAD_YAML", path, "tags are not allowed", hint);
    }
    if ("anchor" in node && !/^[\w-]*$/.test(node.anchor ?? "")) {
      const line = this.#report.source.lineText(this.#report.source.lineOf(bad.start));
      const hint = `write ${quotedEntry(line) ?? "the value in quotes"}`;
      return this.#refuse(
        bad,
        "QUOTE_EXPRESSION",
        path,
        "YAML reads what begins with & as an anchor",
        hint,
      );
    }
    this.#open.add(node);
    let converted: DocumentNode;
    if (isMap(node)) {
      converted = { kind: "map", ...range, entries: this.#entries(node as YAMLMap, path, depth) };
    } else if (isSeq(node)) {
      const items = (node.items as ParsedNode[]).map((item, index) =>
        this.#value(item, range, [...path, index], depth),
      );
      converted = { kind: "list", ...range, items };
    } else {
      converted = this.#scalar(node as Scalar.Parsed, range, path);
    }
    this.#open.delete(node);
    return converted;
  }

  #alias(
    node: ParsedNode & { source: string },
    bad: DocumentNode,
    path: Path,
    depth: number,
  ): DocumentNode {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined) {
      const quoted = quotedEntry(
        this.#report.source.lineText(this.#report.source.lineOf(bad.start)),
      );
      const message = `there is no anchor &${node.source}`;
      if (quoted === undefined) return this.#refuse(bad, "BAD_YAML", path, message);
      return this.#refuse(bad, "QUOTE_EXPRESSION", path, message, `write ${quoted}`);
    }
    if (this.#open.has(target)) {
      return this.#refuse(bad, "BAD_YAML", path, `anchor &${node.source} contains itself`);
    }
    return this.convert(target as ParsedNode, path, depth + 1);
  }

  #hasExplicitTag(node: ParsedNode): boolean {
    const before = this.#report.source.text.slice(Math.max(0, node.range[0] - 200), node.range[0]);
    return node.tag !== undefined && /(?:^|\s|[[{,])!\S*\s+(?:&\S+\s+)?$/.test(before);
  }

  #entries(map: YAMLMap, path: Path, depth: number): ReadonlyMap<string, MapEntry> {
    const entries = new Map<string, MapEntry>();
    const pairs = map.items as unknown as YamlPair[];
    for (const [index, { key, value }] of pairs.entries()) {
      const range = { start: key.range[0], end: key.range[1] };
      if (index >= LIMITS.mapKeys) {
        const message = `more than ${LIMITS.mapKeys} keys in one map`;
        this.#report.errorAt("TOO_MANY_KEYS", range, message, undefined, path);
        break;
      }
      const pitfall = findPitfall(pairs[index]!, pairs[index - 1], this.#report.source);
      if (pitfall !== undefined) {
        const { code, range: place, message, hint, spoilt } = pitfall;
        this.#report.errorAt(code, place, message, hint, [...path, spoilt]);
        const bad = { kind: "bad", ...place } as const;
        entries.set(spoilt, { key: entries.get(spoilt)?.key ?? range, value: bad });
        continue;
      }
      const name = this.#key(key);
      if (name === undefined) {
        this.#report.errorAt("BAD_YAML", range, "a key must be one word or text", undefined, path);
        continue;
      }
      const here = [...path, name];
      if (entries.has(name)) {
        const first = this.#report.source.lineOf(entries.get(name)!.key.start);
        const message = `"${name}" stands here twice: first in line ${first}`;
        this.#report.errorAt("DUPLICATE_KEY", range, message, undefined, here);
        continue;
      }
      entries.set(name, { key: range, value: this.#value(value, range, here, depth) });
    }
    return entries;
  }

  #value(value: ParsedNode | null, place: Range, path: Path, depth: number): DocumentNode {
    if (value === null || isEmpty(value)) {
      const what = typeof path.at(-1) === "number" ? "a list item" : `"${String(path.at(-1))}"`;
      const range = value !== null && typeof path.at(-1) === "number" ? rangeOf(value) : place;
      const hint =
        typeof path.at(-1) === "number"
          ? undefined
          : "leave the key out, or indent what belongs to it deeper than the key";
      return this.#refuse(
        { kind: "bad", ...range },
        "EMPTY_VALUE",
        path,
        `${what} has no value`,
        hint,
      );
    }
    return this.convert(value, path, depth + 1);
  }

  #key(key: ParsedNode): string | undefined {
    if (!isScalar(key)) return undefined;
    const text = typeof key.value === "string" ? key.value : key.source;
    return text === undefined || text === "" || /\p{Cs}/u.test(text) ? undefined : text;
  }

  #scalar(node: Scalar.Parsed, range: Range, path: Path): DocumentNode {
    const value = node.value;
    const style = STYLES[node.type ?? "PLAIN"] ?? "plain";
    if (
      typeof value !== "string" &&
      typeof value !== "number" &&
      typeof value !== "boolean" &&
      value !== null
    ) {
      return this.#refuse(
        { kind: "bad", ...range },
        "BAD_YAML",
        path,
        "neither text, number nor boolean",
      );
    }
    const text = typeof value === "string" ? value : node.source;
    if (/\p{Cs}/u.test(text)) {
      const message = "an escape in this text is half of a character";
      return this.#refuse({ kind: "bad", ...range }, "BAD_YAML", path, message);
    }
    if (style === "plain" && this.#endsInComment(text, range.end)) {
      const line = this.#report.source.lineText(this.#report.source.lineOf(range.end));
      const hash = { start: range.end, end: range.end + 2 };
      const hint = `write ${quotedEntry(line, "#") ?? "the expression in quotes"}`;
      const message = "YAML reads # and what follows as a comment";
      return this.#refuse({ kind: "bad", ...hash }, "QUOTE_EXPRESSION", path, message, hint);
    }
    const scalar: ScalarNode = { kind: "scalar", ...range, value, style, text };
    const variable = /\$\{[A-Za-z_][A-Za-z0-9_]{0,99}(?::-[^}]{0,99})?\}/.exec(text);
    if (variable !== null) {
      const message = "variables of the environment in a definition are not yet built";
      return this.#refuse(
        { kind: "bad", ...range },
        "NOT_BUILT",
        path,
        message,
        `write the value instead of ${variable[0]}`,
      );
    }
    return scalar;
  }

  /** `value.note == 'nr #1'`: a quote is open where the comment begins. */
  #endsInComment(text: string, end: number): boolean {
    return (
      /^[ \t]+#/.test(this.#report.source.text.slice(end, end + 20)) &&
      ["'", '"'].some((mark) => (text.split(mark).length - 1) % 2 === 1)
    );
  }

  #refuse(
    bad: DocumentNode,
    code: string,
    path: Path,
    message: string,
    hint?: string,
  ): DocumentNode {
    this.#report.errorAt(code, bad, message, hint, path);
    return { kind: "bad", start: bad.start, end: bad.end };
  }
}

const STYLES: Readonly<Record<string, ScalarNode["style"]>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_FOLDED: "block",
  BLOCK_LITERAL: "block",
};

function rangeOf(node: ParsedNode): Range {
  return { start: node.range[0], end: Math.max(node.range[1], node.range[0] + 1) };
}
