/**
 * Checks a parsed file against the field specs and hands the rest of the planner plain data.
 *
 * What is wrong is reported and left out, so that everything wrong in a file is found at once:
 * a wrong optional leaf falls back to its default, any other wrong part leaves a hole (`undefined`)
 * in the list or map it stands in, and the planner steps around holes silently.
 *
 * @module
 */

import type { Configuration } from "../configuration.ts";
import type { Chart, Fields, Series, Stage, Step, Stream, Text } from "../definition.ts";
import {
  alsoKnownAs,
  type DocumentNode,
  type Path,
  type Report,
  showPath,
} from "../document/mod.ts";
import {
  checkScalar,
  EXPECTATIONS,
  FIELD_NAME,
  INVALID,
  type Invalid,
  isScalarType,
  NAME,
  withName,
} from "./check_scalar.ts";
import { OBJECTS } from "./objects.ts";
import { shortForm } from "./short_form.ts";
import { STAGE_KINDS } from "./stage.ts";
import type { FieldSpec, FieldType, ObjectSpec } from "./types.ts";
import { chooseVariant, describeVariants } from "./union.ts";
import { explainUnknownKey, isMisspelt, type OpenObject } from "./unknown_key.ts";

/** A definition with holes where something wrong stood. */
export interface CheckedTopology {
  readonly topology: string;
  readonly description?: Text;
  readonly functions?: string;
  readonly streams?: Fields<Stream | undefined>;
  readonly tables?: Fields<Stream | undefined>;
  /** What stands under `streams` or `tables` cannot be read at all: who refers to one is not at fault. */
  readonly streamsUnknown?: boolean;
  readonly pipelines: Fields<readonly (Stage | undefined)[] | undefined>;
  /** Paths of stages of which it is not known what comes out of them. */
  readonly spoilt: ReadonlySet<string>;
  readonly dashboard?: {
    readonly title?: Text;
    readonly charts?: readonly (Chart | undefined)[];
    readonly counters?: readonly (Series | undefined)[];
  };
  readonly tests?: CheckedTests;
}

export type CheckedTests = readonly (
  | {
      readonly name: string;
      readonly partitions?: number;
      readonly steps: readonly (Step | undefined)[];
    }
  | undefined
)[];

/** A file of tests with holes where something wrong stood. */
export interface CheckedTestFile {
  readonly definition?: string;
  readonly tests?: CheckedTests;
}

/** @returns undefined when there is nothing to plan at all; the reasons have been reported */
export function checkDefinition(root: DocumentNode, report: Report): CheckedTopology | undefined {
  const checker = new Checker(report, "the definition");
  const checked = checker.object("Topology", root, []);
  if (checked === INVALID) return undefined;
  // Without a name or pipelines the rest is still worth a look: everything at once.
  const streamsUnknown =
    root.kind === "map" &&
    ["streams", "tables"].some((name) => root.entries.has(name) && checked[name] === undefined);
  const { spoilt } = checker;
  const whole = { topology: "topology", pipelines: {}, ...checked, streamsUnknown, spoilt };
  return whole as CheckedTopology;
}

/** @returns undefined when it is not a map at all, which has been reported */
export function checkTestFile(root: DocumentNode, report: Report): CheckedTestFile | undefined {
  const checked = new Checker(report, "the test file").object("TestFile", root, []);
  return checked === INVALID ? undefined : (checked as CheckedTestFile);
}

/** @returns undefined when it is not a map at all, which has been reported */
export function checkConfiguration(root: DocumentNode, report: Report): Configuration | undefined {
  const checked = new Checker(report, "the configuration").object("Configuration", root, []);
  return checked === INVALID ? undefined : (checked as Configuration);
}

class Checker {
  /** Paths of stages. */
  readonly spoilt = new Set<string>();
  readonly #report: Report;
  /** What messages call the root. */
  readonly #whole: string;
  /** Objects around the one that is being checked, outermost first. */
  readonly #around: OpenObject[] = [];

  constructor(report: Report, whole: string) {
    this.#report = report;
    this.#whole = whole;
  }

  value(type: FieldType, node: DocumentNode, path: Path): unknown | Invalid {
    if (node.kind === "bad") return INVALID;
    if (type.kind === "notBuilt") {
      const hint = type.instead === undefined ? undefined : `use instead: ${type.instead}`;
      return this.#refuse("NOT_BUILT", path, `${type.what}: not yet built`, hint, "key");
    }
    if (type.kind === "data") return this.#data(node, path);
    if (node.kind === "scalar" && node.value === null) {
      return this.#refuse("EMPTY_VALUE", path, "null is not a value here", "leave the key out");
    }
    if (isScalarType(type)) {
      const problem = checkScalar(type, node);
      if (!("problem" in problem)) return problem.value;
      this.#refuse(problem.code, path, `${label(path)} ${problem.problem}`, problem.hint);
      return problem.meant ?? INVALID;
    }
    switch (type.kind) {
      case "made":
        return this.#made(node, path);
      case "text":
        if (node.kind === "map") {
          return this.#fields({ kind: "fields", names: "any", of: { kind: "string" } }, node, path);
        }
        return this.value({ kind: "string" }, node, path);
      case "list":
        return this.#list(type, node, path);
      case "oneOrMany":
        return node.kind === "list"
          ? this.#list({ kind: "list", of: type.of, notEmpty: true }, node, path)
          : this.value(type.of, node, path);
      case "fields":
        return this.#fields(type, node, path);
      case "object":
        return this.object(type.name, node, path);
      case "union": {
        const variant = chooseVariant(type.of, node);
        if (variant !== undefined) return this.value(variant, node, path);
        const message = `${label(path)} must be ${describeVariants(type.of)}, not ${kindOf(node)}`;
        return this.#refuse("WRONG_TYPE", path, message, shortForm(type, node, path));
      }
    }
    return INVALID;
  }

  object(name: string, node: DocumentNode, path: Path): Record<string, unknown> | Invalid {
    const spec = OBJECTS.get(name)!;
    if (node.kind !== "map") {
      if (node.kind === "bad") return INVALID;
      const keys = (spec.exactlyOne ?? Object.keys(spec.fields)).join(", ");
      const whose = path.length === 0 ? this.#whole : label(path);
      const message = `${whose} must be a map, not ${kindOf(node)}`;
      const hint = shortForm({ kind: "object", name }, node, path) ?? `it has these keys: ${keys}`;
      return this.#refuse("WRONG_TYPE", path, message, hint);
    }
    const result: Record<string, unknown> = Object.create(null);
    let valid = true;
    let unknownKeys = 0;
    // A misspelt key is checked as what was meant: its entry is added while the loop runs.
    for (const [key, { value }] of node.entries) {
      const here = [...path, key];
      const field = Object.hasOwn(spec.fields, key) ? spec.fields[key] : undefined;
      if (field === undefined) {
        unknownKeys++;
        const unknown = explainUnknownKey(key, { name, node }, this.#around);
        // An empty value has been reported; that nobody knows its key is told when there is one.
        const isEmpty = value.kind === "bad" && unknown?.meant === undefined;
        if (unknown === undefined || isEmpty) continue;
        this.#refuse("UNKNOWN_KEY", here, unknown.message, unknown.hint, "key");
        if (unknown.meant !== undefined) alsoKnownAs(node, key, unknown.meant);
        else this.#spoilStage(name, path, unknown.isMisplaced);
        continue;
      }
      this.#around.push({ name, node, key, path });
      const checked = this.value(field.type, value, here);
      this.#around.pop();
      if (checked !== INVALID) result[key] = checked;
      else if (field.required || !isLeaf(field)) valid = false;
      if (field.beside !== undefined && !field.beside.some((other) => node.entries.has(other))) {
        const message = `"${key}" only stands beside ${field.beside.join(" or ")}`;
        this.#refuse("CONFLICTING_KEYS", here, message, undefined, "key");
      }
    }
    if (!this.#exactlyOne(spec, node.entries, unknownKeys, path)) valid = false;
    for (const [key, field] of Object.entries(spec.fields)) {
      if (node.entries.has(key)) continue;
      const beside = field.requiredBeside?.find((other) => node.entries.has(other));
      if (!field.required && beside === undefined) continue;
      valid = false;
      // A misspelt key has been reported with the right one.
      if (isMisspelt(key, spec, node)) continue;
      const whose = path.length === 0 ? this.#whole : label(path);
      this.#refuse("MISSING_KEY", path, `${whose} needs "${key}"`, field.doc, "key");
    }
    return valid || path.length === 0 ? result : INVALID;
  }

  /** What comes out of a stage is not known when a key of it is not: `ke` may be its `key`. */
  #spoilStage(object: string, path: Path, isMisplaced = false): void {
    if (object === "Stage") {
      if (isMisplaced) this.spoilt.add(showPath(path));
      return;
    }
    const stage = this.#around.findLast(({ name }) => name === "Stage");
    if (stage !== undefined) this.spoilt.add(showPath(stage.path));
  }

  #exactlyOne(
    spec: ObjectSpec,
    entries: ReadonlyMap<string, unknown>,
    unknownKeys: number,
    path: Path,
  ): boolean {
    if (spec.exactlyOne === undefined) return true;
    const present = spec.exactlyOne.filter((key) => entries.has(key));
    if (present.length === 1) return true;
    const candidates = spec.exactlyOne.join(", ");
    if (present.length > 1) {
      const extra = [...entries.keys()].filter((key) => present.includes(key))[1]!;
      const message = `"${extra}" stands beside "${present.find((key) => key !== extra)!}"`;
      this.#refuse(
        "CONFLICTING_KEYS",
        [...path, extra],
        message,
        spec.exactlyOne === STAGE_KINDS
          ? 'a stage is one of them: begin the second one with "- "'
          : `exactly one of: ${candidates}`,
        "key",
      );
    } else if (unknownKeys === 0) {
      const message = `${label(path)} needs exactly one of: ${candidates}`;
      this.#refuse("MISSING_KEY", path, message);
    }
    return false;
  }

  #fields(
    type: FieldType & { kind: "fields" },
    node: DocumentNode,
    path: Path,
  ): Record<string, unknown> | Invalid {
    if (node.kind !== "map") {
      const message = `${label(path)} must be a map, not ${kindOf(node)}`;
      return this.#refuse("WRONG_TYPE", path, message, shortForm(type, node, path));
    }
    if (type.notEmpty && node.entries.size === 0) {
      return this.#refuse("EMPTY_VALUE", path, `${label(path)} is empty`);
    }
    const result: Record<string, unknown> = Object.create(null);
    for (const [key, { value }] of node.entries) {
      const here = [...path, key];
      if (type.names !== "any" && !(type.names === "name" ? NAME : FIELD_NAME).test(key)) {
        // A hole: what refers to it is not at fault.
        result[key] = undefined;
        if (value.kind === "bad") continue;
        const rule =
          type.names === "name"
            ? "a name begins with a-z and goes on with a-z, 0-9 and _"
            : key === "__proto__"
              ? "a field may have any name but this one"
              : "a field begins with a letter or _ and goes on with letters, digits and _";
        const hint = withName(rule, key, type.names === "name" ? NAME : FIELD_NAME);
        this.#refuse("BAD_NAME", here, `"${key}" is not a name`, hint, "key");
        continue;
      }
      const checked = this.value(type.of, value, here);
      result[key] = checked === INVALID ? undefined : checked;
    }
    return result;
  }

  #list(type: FieldType & { kind: "list" }, node: DocumentNode, path: Path): unknown[] | Invalid {
    if (node.kind !== "list") {
      const message = `${label(path)} must be a list, not ${kindOf(node)}`;
      return this.#refuse("WRONG_TYPE", path, message, shortForm(type, node, path));
    }
    if (type.notEmpty && node.items.length === 0) {
      return this.#refuse("EMPTY_VALUE", path, `${label(path)} is empty`);
    }
    if (type.length !== undefined && node.items.length !== type.length) {
      const message = `${label(path)} must have ${type.length} items, not ${node.items.length}`;
      return this.#refuse("WRONG_TYPE", path, message);
    }
    return node.items.map((item, index) => {
      const checked = this.value(type.of, item, [...path, index]);
      return checked === INVALID ? undefined : checked;
    });
  }

  #made(node: DocumentNode, path: Path): unknown | Invalid {
    if (node.kind !== "map") return this.value({ kind: "expression" }, node, path);
    const made = this.#fields(
      { kind: "fields", names: "field", notEmpty: true, of: { kind: "made" } },
      node,
      path,
    );
    // A record with a hole has another type than the one that was meant.
    if (made === INVALID || Object.values(made).includes(undefined)) return INVALID;
    return Object.keys(made).length === node.entries.size ? made : INVALID;
  }

  #data(node: DocumentNode, path: Path): unknown | Invalid {
    switch (node.kind) {
      case "bad":
        return INVALID;
      case "list": {
        const items = node.items.map((item, index) => this.#data(item, [...path, index]));
        return items.includes(INVALID) ? INVALID : items;
      }
      case "map": {
        const result: Record<string, unknown> = Object.create(null);
        let valid = true;
        for (const [key, { value }] of node.entries) {
          const checked = this.#data(value, [...path, key]);
          if (checked === INVALID) valid = false;
          else result[key] = checked;
        }
        return valid ? result : INVALID;
      }
      case "scalar": {
        if (typeof node.value === "number" && isLossy(node.text, node.value)) {
          const message = `${node.text} would be read as ${String(node.value)}`;
          return this.#refuse("LOSSY_NUMBER", path, message, `for text write '${node.text}'`);
        }
        return node.value;
      }
    }
  }

  #refuse(
    code: string,
    path: Path,
    message: string,
    hint?: string,
    on: "key" | "value" = "value",
  ): Invalid {
    this.#report.error(code, path, message, { on, hint });
    return INVALID;
  }
}

/** A double tells decimals of 17 digits apart. */
const MAX_DIGITS = 17;

/** Whether a number that was written as `text` cannot be told from the text. */
function isLossy(text: string, value: number): boolean {
  if (/^[-+]?\d+$/.test(text)) return /^[-+]?0\d/.test(text) || !Number.isSafeInteger(value);
  const decimal = /^[-+]?(\d*)\.?(\d*)(?:[eE][-+]?\d+)?$/.exec(text);
  if (decimal === null) return false;
  const digits = `${decimal[1]}${decimal[2]}`.replace(/^0+|0+$/g, "");
  return digits.length > MAX_DIGITS || !Number.isFinite(value) || (value === 0 && digits !== "");
}

/** Without it the default holds. */
function isLeaf({ type }: FieldSpec): boolean {
  return ["duration", "integer", "literal", "text", "string"].includes(type.kind);
}

/** How a message calls what stands at a path. */
function label(path: Path): string {
  if (path.length === 0) return "the definition";
  const last = path.at(-1)!;
  if (typeof last === "string") return `"${last}"`;
  const list = path.findLast((step) => typeof step === "string");
  return path.at(-2) === list && path[0] === "pipelines" && path.length === 3
    ? "a stage"
    : `item ${last + 1} of "${list ?? ""}"`;
}

function kindOf(node: DocumentNode): string {
  return EXPECTATIONS.nodeKinds[node.kind];
}
