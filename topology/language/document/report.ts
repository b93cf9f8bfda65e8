/**
 * Collects diagnostics and gives each its place in the file.
 *
 * @module
 */

import type { Diagnostic } from "../diagnostics.ts";
import type { Place } from "../plan.ts";
import { type DocumentNode, keyAt, nodeAt, type Path, type Range, showPath } from "./node.ts";
import { scalarRange } from "./scalar_offsets.ts";
import { SourceText } from "./source_text.ts";

/** More than this nobody reads; the first ones are usually the cause of the others. */
const MAX_DIAGNOSTICS = 200;

/** Messages quote the file, and a file may have a word of 200 kB. */
const MAX_MESSAGE_LENGTH = 500;

/** Of a line that is quoted. */
const MAX_EXCERPT_LENGTH = 500;

export interface Where {
  /** Points at the key instead of the value. */
  readonly on?: "key" | "value";
  /** Offsets into the text of the scalar that stands at the path. */
  readonly span?: Range;
  readonly hint?: string | undefined;
}

export class Report {
  readonly file: string;
  readonly source: SourceText;
  readonly #form: "text" | "object";
  readonly #diagnostics: Diagnostic[] = [];
  #failed = false;
  #root: DocumentNode | undefined;

  /** @param form `object`: the text is nobody's file, and places are told by their paths. */
  constructor(file: string, text: string, form: "text" | "object" = "text") {
    this.file = file;
    this.#form = form;
    this.source = new SourceText(text);
  }

  /** The tree that paths are looked up in; before it is known everything stands at 1:1. */
  set root(root: DocumentNode | undefined) {
    this.#root = root;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** What else is wrong is not worth finding good words for. */
  get full(): boolean {
    return this.#diagnostics.length >= MAX_DIAGNOSTICS;
  }

  /** Whether an error has been reported inside what stands at a path. */
  failedInside(path: Path): boolean {
    const prefix = `${showPath(path)}.`;
    return this.#diagnostics.some(
      (diagnostic) => diagnostic.severity === "error" && diagnostic.path.startsWith(prefix),
    );
  }

  /** In the order of the file, without repetitions. */
  get diagnostics(): readonly Diagnostic[] {
    const sorted = this.#diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
    const seen = new Set<string>();
    const distinct = sorted.filter(({ code, line, column, message }) => {
      const identity = `${line}:${column} ${code} ${message}`;
      return !seen.has(identity) && seen.add(identity);
    });
    if (this.#form === "text") return distinct;
    return distinct.map((diagnostic) => ({
      ...diagnostic,
      line: 0,
      excerpt: this.source.lineText(diagnostic.line).slice(0, MAX_EXCERPT_LENGTH),
    }));
  }

  error(code: string, path: Path, message: string, where: Where = {}): void {
    this.#add("error", code, path, this.#rangeAt(path, where), message, where.hint);
  }

  warning(code: string, path: Path, message: string, where: Where = {}): void {
    this.#add("warning", code, path, this.#rangeAt(path, where), message, where.hint);
  }

  /** At offsets of the file, for what is wrong before there is a tree. */
  errorAt(code: string, range: Range, message: string, hint?: string, path: Path = []): void {
    this.#add("error", code, path, range, message, hint);
  }

  /** Where the value at a path begins, or its key. */
  placeOf(path: Path, on: "key" | "value" = "value"): Place {
    const range = on === "key" ? keyAt(this.#root, path) : nodeAt(this.#root, path);
    const { line, column } = this.source.place(range ?? { start: 0, end: 1 });
    if (this.#form === "object") return { file: this.file, line: 0, column, path: showPath(path) };
    return { file: this.file, line, column };
  }

  #add(
    severity: Diagnostic["severity"],
    code: string,
    path: Path,
    range: Range,
    message: string,
    hint: string | undefined,
  ): void {
    if (severity === "error") this.#failed = true;
    if (this.full) return;
    const place = this.source.place(range);
    this.#diagnostics.push({
      code,
      severity,
      file: this.file,
      ...place,
      path: showPath(path),
      message: shorten(message),
      ...(hint !== undefined && { hint: shorten(hint) }),
    });
  }

  #rangeAt(path: Path, { on = "value", span }: Where): Range {
    const node = nodeAt(this.#root, path);
    if (on === "value" && node !== undefined) {
      if (node.kind === "scalar" && span !== undefined) {
        return scalarRange(this.source.text, node, span);
      }
      if (node.kind === "scalar" || this.#isBesideKey(node, path)) return node;
    }
    // A list item has no key: its first line is what stands for it.
    if (typeof path.at(-1) === "number" && node !== undefined) return node;
    return keyAt(this.#root, path) ?? node ?? { start: 0, end: 1 };
  }

  /** Whether a map or list stands on one line, the one of its key: else the key names it. */
  #isBesideKey(node: Range, path: Path): boolean {
    const begin = keyAt(this.#root, path)?.start ?? node.start;
    const from = typeof path.at(-1) === "number" ? node.start : begin;
    return !this.source.text.slice(from, node.end).trimEnd().includes("\n");
  }
}

function shorten(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
