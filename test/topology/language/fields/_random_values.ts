/** Values that the field specs allow, and such values with a few slips in them. */

import fc from "fast-check";
import { isBuilt } from "../../../../topology/language/fields/json_schema.ts";
import { type FieldType, OBJECTS } from "../../../../topology/language/fields/mod.ts";

/** Branches of branches of so many. */
const MAX_STAGE_DEPTH = 2;
const MAX_MADE_DEPTH = 2;

const NAMES = fc.constantFrom("a", "b", "per_second", "x9");
const FIELDS = fc.constantFrom("a", "B", "_c", "fieldName", "x9");
const WORDS = fc.constantFrom(
  "a",
  "some text",
  "1",
  "true",
  "null",
  "#",
  "键",
  "a: b",
  "__proto__",
);
const EXPRESSIONS = fc.constantFrom("value.n > 1", "'all'", "count()", " x ", 1, -1.5, true, false);
const DURATIONS = fc.constantFrom("1ms", "400ms", "010s", "1s", "5m", "1h", "7d");
const INSTANTS = fc.constantFrom("0s", "400ms", "2015-11-11T00:00:00+08:00", "2016-02-29T23:59Z");

const objects = new Map<string, fc.Arbitrary<unknown>>();

/** A value of an object of the model, by the object's name. */
export function valuesOf(name: string, stageDepth = 0): fc.Arbitrary<unknown> {
  const id = `${name} ${stageDepth}`;
  let values = objects.get(id);
  if (values === undefined) {
    values = objectValues(name, name === "Stage" ? stageDepth + 1 : stageDepth);
    objects.set(id, values);
  }
  return values;
}

function objectValues(name: string, depth: number): fc.Arbitrary<unknown> {
  const { fields, exactlyOne } = OBJECTS.get(name)!;
  const built = Object.entries(fields).filter(
    ([key, { type }]) => isBuilt(type) && !(key === "branch" && depth > MAX_STAGE_DEPTH),
  );
  const kinds = built.map(([key]) => key).filter((key) => exactlyOne?.includes(key));
  const choices: (string | undefined)[] = exactlyOne === undefined ? [undefined] : kinds;
  const ofChoice = choices.map((chosen) => {
    const stands = built.filter(
      ([key, { beside }]) =>
        (!kinds.includes(key) || key === chosen) &&
        (beside === undefined || beside.includes(chosen ?? "")),
    );
    const needed = stands.filter(
      ([key, { required, requiredBeside }]) =>
        required || key === chosen || requiredBeside?.includes(chosen ?? ""),
    );
    return fc.record(
      Object.fromEntries(stands.map(([key, { type }]) => [key, valuesOfType(type, depth)])),
      { requiredKeys: needed.map(([key]) => key) },
    );
  });
  return fc.oneof(...ofChoice);
}

function valuesOfType(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "expression":
      return EXPRESSIONS;
    case "made":
      return madeValues(MAX_MADE_DEPTH);
    case "duration": {
      const durations = type.positive ? DURATIONS : fc.oneof(DURATIONS, fc.constant("0s"));
      return type.words === undefined
        ? durations
        : fc.oneof(durations, fc.constantFrom(...type.words));
    }
    case "instant":
      return INSTANTS;
    case "text":
      return fc.oneof(WORDS, fc.dictionary(WORDS, WORDS, { maxKeys: 2 }));
    case "string":
      return WORDS;
    case "name":
      return NAMES;
    case "integer": {
      const { minimum, maximum } = type;
      return fc.oneof(
        fc.integer({ min: minimum, max: maximum }),
        fc.constantFrom(minimum, maximum),
      );
    }
    case "literal":
      return fc.constantFrom(...type.values);
    case "list":
      return listValues(type.of, type.length ?? (type.notEmpty ? 1 : 0), type.length, depth);
    case "oneOrMany":
      return fc.oneof(valuesOfType(type.of, depth), listValues(type.of, 1, undefined, depth));
    case "fields": {
      const names = { name: NAMES, field: FIELDS, any: WORDS }[type.names];
      return fc.dictionary(names, valuesOfType(type.of, depth), {
        minKeys: type.notEmpty ? 1 : 0,
        maxKeys: 2,
      });
    }
    case "object":
      // Made when it is needed: a stage may hold stages.
      return fc.constant(null).chain(() => valuesOf(type.name, depth));
    case "union":
      return fc.oneof(...type.of.filter(isBuilt).map((variant) => valuesOfType(variant, depth)));
    case "data":
      return DATA;
    case "notBuilt":
      throw new TypeError(`There are no values of ${type.what}`);
  }
}

function listValues(of: FieldType, least: number, most = Math.max(least, 2), depth = 0) {
  return fc.array(valuesOfType(of, depth), { minLength: least, maxLength: most });
}

function madeValues(depth: number): fc.Arbitrary<unknown> {
  if (depth === 0) return EXPRESSIONS;
  return fc.oneof(
    { weight: 3, arbitrary: EXPRESSIONS },
    {
      weight: 1,
      arbitrary: fc.dictionary(FIELDS, madeValues(depth - 1), { minKeys: 1, maxKeys: 2 }),
    },
  );
}

const LEAVES = fc.constantFrom(null, true, 0, -7, 1.5, 2 ** 53 - 1, "", "text", "1s");
const DATA = fc.oneof(
  LEAVES,
  fc.array(LEAVES, { maxLength: 2 }),
  fc.dictionary(WORDS, LEAVES, { maxKeys: 2 }),
);

/** What people write in the wrong place, and what is at the edge of being wrong. */
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 65, 1e9, 2 ** 53, 1e300],
  ...["", " ", "a", "1", "Orders", "__proto__", "constructor", "a-b", "1s", "0s", "1 s", "-1s"],
  ...["1", "same", "final", "updates", "never", "forever", "unlimited", "crash", "avro", "json"],
  ...["99999999999999999d", "2015-02-31T00:00:00Z", "1969-12-31T23:59:59Z", "2015-11-11T00:00"],
  ...["2015-11-11T25:00:00Z", "$" + "{SIZE}", "$" + "{SIZE:-1s} or so", "1s\n"],
  ...[[], [[]], ["a"], [null], {}, { a: 1 }, { avro: "a.avsc" }, { every: "1s" }, { "": 1 }],
];
const KEYS = [
  ...new Set([...OBJECTS.values()].flatMap(({ fields }) => Object.keys(fields))),
  ...["extra", "", "__proto__", "constructor", "Key", "a b"],
];

/** One thing that went wrong, at one of all the places of a value. */
export interface Slip {
  readonly place: number;
  readonly how: "replace" | "remove" | "rename" | "add" | "wrap" | "empty" | "nearly";
  readonly odd: unknown;
  readonly key: string;
}

export const slips: fc.Arbitrary<readonly Slip[]> = fc.array(
  fc.record({
    place: fc.nat(),
    how: fc.constantFrom<Slip["how"]>(
      "replace",
      "replace",
      "remove",
      "rename",
      "add",
      "wrap",
      "empty",
      "nearly",
    ),
    odd: fc.constantFrom(...ODD),
    key: fc.constantFrom(...KEYS),
  }),
  { maxLength: 2 },
);

/** A value as a file would give it, with the slips in it. */
export function withSlips(value: unknown, made: readonly Slip[]): unknown {
  let text = JSON.stringify(value);
  for (const slip of made) {
    const whole = JSON.parse(text);
    const all = [...places(whole)];
    if (all.length > 0) slipAt(all[slip.place % all.length]!, slip);
    text = JSON.stringify(whole);
  }
  return JSON.parse(text);
}

export interface PlaceIn {
  readonly parent: Record<string | number, unknown>;
  readonly key: string | number;
  readonly path: readonly (string | number)[];
}

/** Every place inside a value, parents first. */
export function* places(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<PlaceIn> {
  if (typeof value !== "object" || value === null) return;
  const parent = value as Record<string | number, unknown>;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  for (const key of keys) {
    const here = [...path, key];
    yield { parent, key, path: here };
    yield* places(parent[key], here);
  }
}

function slipAt({ parent, key }: PlaceIn, { how, odd, key: other }: Slip): void {
  const value = parent[key];
  switch (how) {
    case "replace":
      put(parent, key, odd);
      break;
    case "wrap":
      put(parent, key, [value]);
      break;
    case "empty":
      put(parent, key, Array.isArray(value) ? [] : typeof value === "object" ? {} : "");
      break;
    case "nearly":
      put(parent, key, nearly(value));
      break;
    case "remove":
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case "rename":
      if (Array.isArray(parent)) parent.push(value);
      else {
        delete parent[key];
        put(parent, other.length % 2 === 0 ? other : String(key).slice(0, -1), value);
      }
      break;
    case "add":
      if (typeof value === "object" && value !== null) put(value, other, odd);
      break;
  }
}

/** The same but for a step too far. */
function nearly(value: unknown): unknown {
  if (Array.isArray(value)) return [...value, ...value.slice(-1)];
  if (typeof value === "number") return value === 1 ? 0 : value * 10;
  return typeof value === "string" ? value.replace(/^\d+/, "0") : value;
}

/** A plain assignment to `__proto__` would set the prototype. */
function put(parent: object, key: string | number, value: unknown): void {
  Object.defineProperty(parent, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
