/**
 * What the names of an expression are bound to while code is generated: fields of the record as it
 * came are locals that a projection fills; made values are locals that a stage has computed.
 *
 * @module
 */

import {
  type Expression,
  type Format,
  generateExpression,
  type Made,
} from "../../../topology/language/mod.ts";

/** A value that a stage has made. */
export type MadeSource =
  | { readonly kind: "local"; readonly local: string }
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, MadeSource> };

export type ValueSource = { readonly kind: "original" } | MadeSource;

/** Where the key stands. Sources of expressions, valid where the scope is. */
export type KeySource =
  | {
      readonly kind: "bytes";
      readonly bytes: string;
      readonly start: string;
      readonly end: string;
      readonly format: Format;
      /** Expression that decodes it (null for a null key). */
      readonly decoded: string;
    }
  | { readonly kind: "local"; readonly local: string };

export interface Scope {
  readonly value: ValueSource;
  readonly key: KeySource;
  /** Before the last stage that has made a key. */
  readonly keyBefore?: KeySource;
  /** Source of the event time, ms. */
  readonly at: string;
  readonly window?: { readonly start: string; readonly end: string };
  /** Sources of where the record was first read, and of its headers as a map. */
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly headers: string;
  /** Source of its header entries as they go out. */
  readonly entries: string;
  /** Source of a call on `CurrentOrder` that says where the record stands in the order of all; results have none before they travel. */
  readonly order?: string;
  /** Sources of what loops call their elements. */
  readonly elements?: ReadonlyMap<string, string>;
}

/** Source text in the making: unique local names and the original fields that it reads. */
export class Draft {
  readonly #prefix: string;
  #locals = 0;
  readonly #fields = new Map<
    string,
    { readonly path: readonly string[]; readonly local: string }
  >();

  /** @param prefix of all its locals, where another draft's are around */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  local(prefix: string): string {
    return `${this.#prefix}${prefix}${this.#locals++}`;
  }

  /** Local of a field of the record as it came. */
  field(path: readonly string[]): string {
    const name = path.join(".");
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = { path, local: this.local("v") };
      this.#fields.set(name, field);
    }
    return field.local;
  }

  get fields(): readonly { readonly path: readonly string[]; readonly local: string }[] {
    return [...this.#fields.values()];
  }
}

/** Source of an expression's value. */
export function expressionSource(draft: Draft, scope: Scope, expression: Expression): string {
  return generateExpression(expression, {
    library: "X",
    path: (root, path) => pathSource(draft, scope, root, path),
    // Producers may leave the key out.
    mayBeNull: (root) => root === "key",
  });
}

function pathSource(draft: Draft, scope: Scope, root: string, path: readonly string[]): string {
  switch (root) {
    case "value":
      return scope.value.kind === "original" ? draft.field(path) : selectMade(scope.value, path);
    case "key":
      return path.length === 0
        ? keySource(scope.key)
        : select(`X.given(${keySource(scope.key)}, "key")`, path);
    case "window":
      if (scope.window === undefined) break;
      if (path[0] === "start") return scope.window.start;
      if (path[0] === "end") return scope.window.end;
      return `({ __proto__: null, start: ${scope.window.start}, end: ${scope.window.end} })`;
    case "eventTime":
      return scope.at;
    case "topic":
      return scope.topic;
    case "partition":
      return scope.partition;
    case "offset":
      return scope.offset;
    case "headers":
      return select(scope.headers, path);
  }
  const element = scope.elements?.get(root);
  if (element !== undefined) return select(element, path);
  throw new TypeError(`Cannot generate code: nothing is named ${root} here`);
}

/** Source of the key's value, null for a null key. */
export function keySource(key: KeySource): string {
  return key.kind === "local" ? key.local : key.decoded;
}

function selectMade(made: MadeSource, path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) return objectSource(made);
  if (made.kind === "local") return select(made.local, path);
  const field = made.fields.get(first);
  if (field === undefined) throw new TypeError(`Cannot generate code: no field ${first}`);
  return selectMade(field, rest);
}

function select(source: string, path: readonly string[]): string {
  return path.reduce((text, name) => `${text}[${JSON.stringify(name)}]`, source);
}

/** Source of a made value as one JavaScript value. */
export function objectSource(made: MadeSource): string {
  if (made.kind === "local") return made.local;
  const fields = [...made.fields].map(
    ([name, field]) => `${JSON.stringify(name)}: ${objectSource(field)}`,
  );
  return `({ ${fields.join(", ")} })`;
}

/** Assignments that compute a made value, to locals that `declared` lists. */
export function madeSource(
  draft: Draft,
  scope: Scope,
  made: Made,
  declared: string[],
  statements: string[],
): MadeSource {
  if (made.kind === "expression") {
    const local = draft.local("m");
    declared.push(local);
    statements.push(`${local} = ${expressionSource(draft, scope, made.expression)};`);
    return { kind: "local", local };
  }
  const fields = new Map<string, MadeSource>();
  for (const { name, made: field } of made.fields) {
    fields.set(name, madeSource(draft, scope, field, declared, statements));
  }
  return { kind: "record", fields };
}

/** Source of the record as a function of the user's is given it. */
export function recordSource(draft: Draft, scope: Scope): string {
  const { window } = scope;
  const parts = [
    keySource(scope.key),
    scope.value.kind === "original" ? draft.field([]) : objectSource(scope.value),
    scope.headers,
    scope.topic,
    scope.partition,
    scope.offset,
    scope.at,
    ...(window === undefined ? [] : [window.start, window.end]),
  ];
  return `L.record(${parts.join(", ")})`;
}
