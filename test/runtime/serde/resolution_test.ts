import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import {
  ByteSink,
  createDecoder,
  createEncoder,
  createProjection,
} from "../../../runtime/serde/mod.ts";
import { type AvroType, parseAvroSchema } from "../../../topology/language/mod.ts";
import { compileGenerated, outcomeOf } from "./_projections.ts";
import { pathsOf } from "./_schemas.ts";

const record = (...fields: unknown[]) => ({ type: "record", name: "n.R", fields });
const f = (type: unknown, more: object = {}) => record({ name: "f", type, ...more });
const abc = { type: "enum", name: "E", symbols: ["A", "B", "C"] };

function encode(type: AvroType, value: unknown): Uint8Array {
  const sink = new ByteSink();
  createEncoder(type).encode(value, sink);
  return sink.take();
}

/** What a reader makes of a writer's value: decoder and both projections must agree. */
function read(writerJson: unknown, readerJson: unknown, value: unknown): unknown {
  const writer = parseAvroSchema(writerJson);
  const reader = parseAvroSchema(readerJson);
  const bytes = encode(writer, value);
  const whole = outcomeOf(() => createDecoder(writer, reader)(bytes, 0, bytes.length));
  const paths = pathsOf(reader);
  const expected =
    "values" in whole
      ? {
          values: paths.map((path) =>
            path.reduce<unknown>(
              (inner, name) => (inner === null ? null : (inner as Record<string, unknown>)[name]),
              whole.values,
            ),
          ),
        }
      : whole;
  const slots: unknown[] = paths.map(() => undefined);
  const project = createProjection({ writer, reader, paths });
  expect(
    outcomeOf(() => {
      project(bytes, 0, bytes.length, slots);
      return slots;
    }),
  ).toEqual(expected);
  const generated = compileGenerated(writer, paths, reader);
  expect(outcomeOf(() => generated(bytes, 0, bytes.length))).toEqual(expected);
  // Without the whole value among the paths the fields are read one by one.
  const fields = paths.slice(1);
  const each = outcomeOf(() => compileGenerated(writer, fields, reader)(bytes, 0, bytes.length));
  expect(each).toEqual("values" in expected ? { values: expected.values.slice(1) } : expected);
  if ("values" in whole) return whole.values;
  throw new MillraceError(whole.code as "UNDECODABLE", whole.message);
}

describe("schema resolution", () => {
  test.each<[string, unknown, unknown, unknown, unknown]>([
    [
      "fields come in the reader's order",
      record({ name: "a", type: "int" }, { name: "b", type: "string" }),
      record({ name: "b", type: "string" }, { name: "a", type: "int" }),
      { a: 1, b: "x" },
      { b: "x", a: 1 },
    ],
    [
      "a field that the reader has not is read past",
      record({ name: "a", type: { type: "map", values: "string" } }, { name: "b", type: "int" }),
      record({ name: "b", type: "int" }),
      { a: new Map([["k", "v"]]), b: 1 },
      { b: 1 },
    ],
    [
      "a field that the writer has not takes its default",
      record({ name: "a", type: "int" }),
      record(
        { name: "a", type: "int" },
        { name: "b", type: ["null", "string"], default: null },
        { name: "c", type: { type: "array", items: "int" }, default: [1] },
      ),
      { a: 1 },
      { a: 1, b: null, c: [1] },
    ],
    [
      "a default may be a record",
      record({ name: "a", type: "int" }),
      record({
        name: "s",
        type: {
          type: "record",
          name: "S",
          fields: [
            { name: "x", type: "int" },
            { name: "y", type: "bytes", default: "\u00ff" },
          ],
        },
        default: { x: 5 },
      }),
      { a: 1 },
      { s: { x: 5, y: Uint8Array.of(255) } },
    ],
    [
      "a field may be found by an alias",
      record({ name: "sex", type: "string" }),
      record({ name: "gender", type: "string", aliases: ["sex"] }),
      { sex: "F" },
      { gender: "F" },
    ],
    [
      "a name goes before an alias",
      record({ name: "a", type: "int" }, { name: "b", type: "int" }),
      record({ name: "x", type: "int", aliases: ["a", "b"] }, { name: "a", type: "int" }),
      { a: 1, b: 2 },
      { x: 2, a: 1 },
    ],
    [
      "a record may be found by an alias",
      record({ name: "a", type: "int" }),
      { ...record({ name: "a", type: "int" }), name: "m.Q", aliases: ["n.R"] },
      { a: 1 },
      { a: 1 },
    ],
    [
      "a record may be in another namespace",
      record({ name: "a", type: "int" }),
      { ...record({ name: "a", type: "int" }), name: "other.R" },
      { a: 1 },
      { a: 1 },
    ],
    ["int becomes long", f("int"), f("long"), { f: -7 }, { f: -7 }],
    ["int becomes float, exactly", f("int"), f("float"), { f: 16777217 }, { f: 16777217 }],
    ["int becomes double", f("int"), f("double"), { f: 7 }, { f: 7 }],
    ["long becomes float, exactly", f("long"), f("float"), { f: 2 ** 40 + 1 }, { f: 2 ** 40 + 1 }],
    ["long becomes double", f("long"), f("double"), { f: 2 ** 40 }, { f: 2 ** 40 }],
    ["float becomes double", f("float"), f("double"), { f: 0.5 }, { f: 0.5 }],
    ["string becomes bytes", f("string"), f("bytes"), { f: "é" }, { f: Uint8Array.of(0xc3, 0xa9) }],
    [
      "bytes become a string",
      f("bytes"),
      f("string"),
      { f: Uint8Array.of(0xc3, 0xa9) },
      { f: "é" },
    ],
    [
      "enums match by symbol, not by index",
      f(abc),
      f({ ...abc, symbols: ["C", "B", "A"] }),
      { f: "A" },
      { f: "A" },
    ],
    [
      "an unknown symbol becomes the reader's default",
      f(abc),
      f({ ...abc, symbols: ["A", "Z"], default: "Z" }),
      { f: "C" },
      { f: "Z" },
    ],
    [
      "a symbol that the reader knows needs no default",
      f(abc),
      f({ ...abc, symbols: ["A"] }),
      { f: "A" },
      { f: "A" },
    ],
    [
      "fixed of one size",
      f({ type: "fixed", name: "F", size: 2 }),
      f({ type: "fixed", name: "F", size: 2 }),
      { f: Uint8Array.of(1, 2) },
      { f: Uint8Array.of(1, 2) },
    ],
    [
      "items are resolved",
      f({ type: "array", items: "int" }),
      f({ type: "array", items: "double" }),
      { f: [1, 2] },
      { f: [1, 2] },
    ],
    [
      "values of maps are resolved",
      f({ type: "map", values: abc }),
      f({ type: "map", values: { ...abc, symbols: ["B"], default: "B" } }),
      { f: new Map([["k", "A"]]) },
      { f: new Map([["k", "B"]]) },
    ],
    [
      "a type becomes a union that has it",
      f("string"),
      f(["null", "string"]),
      { f: "x" },
      { f: "x" },
    ],
    [
      "of a union the same type goes before a promotion",
      f("string"),
      f(["bytes", "string"]),
      { f: "x" },
      { f: "x" },
    ],
    [
      "else the first type to promote to is taken",
      f("int"),
      f(["string", "double"]),
      { f: 3 },
      { f: 3 },
    ],
    [
      "a union becomes a type while its values fit",
      f(["null", "string"]),
      f("string"),
      { f: "x" },
      { f: "x" },
    ],
    [
      "unions match branch by branch",
      f(["null", "int", "string"]),
      f(["string", "long"]),
      { f: 5 },
      { f: 5 },
    ],
    [
      "nullable records resolve inside",
      f(["null", { type: "record", name: "S", fields: [{ name: "x", type: "int" }] }]),
      f([
        "null",
        {
          type: "record",
          name: "S",
          fields: [
            { name: "y", type: "int", default: 9 },
            { name: "x", type: "long" },
          ],
        },
      ]),
      { f: { x: 1 } },
      { f: { y: 9, x: 1 } },
    ],
    [
      "a null instead of a record makes its fields null",
      f(["null", { type: "record", name: "S", fields: [{ name: "x", type: "int" }] }]),
      f(["null", { type: "record", name: "S", fields: [{ name: "x", type: "long" }] }]),
      { f: null },
      { f: null },
    ],
  ])("%s", (_rule, writer, reader, value, expected) => {
    const result = read(writer, reader, value);
    expect(result).toEqual(expected);
    expect(Object.keys(result as object)).toEqual(Object.keys(expected as object));
  });

  test("a record that contains itself is resolved at every level", () => {
    const node = (field: object) => ({
      type: "record",
      name: "Node",
      fields: [field, { name: "next", type: ["null", "Node"] }],
    });
    expect(
      read(node({ name: "v", type: "int" }), node({ name: "w", type: "double", aliases: ["v"] }), {
        v: 1,
        next: { v: 2, next: null },
      }),
    ).toEqual({ w: 1, next: { w: 2, next: null } });
  });

  test.each<[string, unknown, unknown, unknown, RegExp]>([
    [
      "an unknown symbol without a default",
      f(abc),
      f({ ...abc, symbols: ["A"] }),
      { f: "C" },
      /value\.f: the reader's enum n\.E has neither the symbol C nor a default/,
    ],
    [
      "a branch that the reader has not",
      f(["null", "string"]),
      f("string"),
      { f: null },
      /value\.f: it cannot be read \(f: null cannot become string\)/,
    ],
    [
      "bytes that are no text",
      f("bytes"),
      f("string"),
      { f: Uint8Array.of(255) },
      /value\.f: its bytes are not UTF-8/,
    ],
  ])("%s is refused when it is met", (_name, writer, reader, value, message) => {
    expect(() => read(writer, reader, value)).toThrow(message);
  });

  test.each<[string, unknown, unknown, RegExp]>([
    [
      "a long as an int",
      f("long"),
      f("int"),
      /record n\.R as record n\.R: f: long cannot become int/,
    ],
    ["a double as a float", f("double"), f("float"), /double cannot become float/],
    [
      "a field without a default that the writer has not",
      record(),
      f("int"),
      /f: n\.R has no such field/,
    ],
    [
      "a record of another name",
      record(),
      { ...record(), name: "n.Q" },
      /record n\.R cannot become record n\.Q/,
    ],
    [
      "an enum of another name",
      f(abc),
      f({ ...abc, name: "G" }),
      /enum n\.E cannot become enum n\.G/,
    ],
    [
      "a fixed of another size",
      f({ type: "fixed", name: "F", size: 2 }),
      f({ type: "fixed", name: "F", size: 3 }),
      /fixed n\.F of 2 bytes cannot become fixed n\.F of 3 bytes/,
    ],
    [
      "items that do not fit",
      f({ type: "array", items: "string" }),
      f({ type: "array", items: "int" }),
      /f\[\]: string cannot become int/,
    ],
    [
      "a type that the union has not",
      f("string"),
      f(["null", "int"]),
      /string is not in the union of null, int/,
    ],
    [
      "a union without a branch that fits",
      f(["null", "string"]),
      f("int"),
      /f: null cannot become int/,
    ],
  ])("%s is refused at once", (_name, writer, reader, message) => {
    const create = () => createDecoder(parseAvroSchema(writer), parseAvroSchema(reader));
    expect(create).toThrow(MillraceError);
    expect(create).toThrow(message);
  });
});

describe("projections", () => {
  const nested = parseAvroSchema(
    record(
      {
        name: "a",
        type: ["null", { type: "record", name: "A", fields: [{ name: "b", type: "int" }] }],
      },
      { name: "c", type: { type: "array", items: "A" } },
    ),
  );

  test("a path leads through nullable records, and gives whole ones", () => {
    const paths = [["a", "b"], ["a"], ["c"], ["a", "b"]];
    const bytes = encode(nested, { a: { b: 5 }, c: [{ b: 6 }] });
    const expected = [5, { b: 5 }, [{ b: 6 }], 5];
    expect(compileGenerated(nested, paths)(bytes, 0, bytes.length)).toEqual(expected);
  });

  test("a path that leads nowhere is refused", () => {
    expect(() => createProjection({ writer: nested, paths: [["a", "x"]] })).toThrow(
      /value\.a\.x: n\.A has no such field/,
    );
    expect(() => compileGenerated(nested, [["c", "b"]])).toThrow(/value\.c is no record/);
  });

  test("a schema that is too large to be read in line is read all the same", () => {
    const fields = Array.from({ length: 500 }, (_, n) => ({
      name: `f${n}`,
      type: n % 2 ? "int" : "string",
    }));
    const type = parseAvroSchema(record(...fields));
    const value = Object.fromEntries(fields.map(({ name }, n) => [name, n % 2 ? n : `text ${n}`]));
    const bytes = encode(type, value);
    const generated = compileGenerated(type, [["f1"], ["f498"], ["f499"]]);
    expect(generated(bytes, 0, bytes.length)).toEqual([1, "text 498", 499]);
    expect(() => generated(bytes, 0, bytes.length - 1)).toThrow(/value\.f499: the bytes end/);
  });

  test("names and defaults do not get out of their literals", () => {
    const evil = ['"];throw 1;//`$', "{1}\u2028\\"].join("");
    const type = parseAvroSchema(record({ name: "a", type: "int", doc: evil }));
    const reader = parseAvroSchema(record({ name: "b", type: "string", default: evil, doc: evil }));
    const bytes = encode(type, { a: 1 });
    expect(compileGenerated(type, [["b"]], reader)(bytes, 0, bytes.length)).toEqual([evil]);
  });
});
