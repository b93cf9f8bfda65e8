import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unreadable } from "../../../runtime/registry/resolution.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

const avro = (json: unknown) => parseAvroSchema(json);
const record = (fields: unknown, more: object = {}) =>
  avro({ type: "record", name: "R", fields, ...more });
const reads = (reader: unknown, writer: unknown) =>
  unreadable(avro(reader), avro(writer)).length === 0;

describe("reading data of one schema with another", () => {
  it.each([
    ["int as long, float, double", "int", ["long", "float", "double"], ["string", "boolean"]],
    ["long as float, double", "long", ["float", "double"], ["int"]],
    ["float as double", "float", ["double"], ["long"]],
    ["string as bytes and back", "string", ["bytes"], ["int"]],
    ["bytes as string", "bytes", ["string"], ["long"]],
  ])("promotes %s", (_name, writer, can, cannot) => {
    for (const reader of can) expect([reader, reads(reader, writer)]).toEqual([reader, true]);
    for (const reader of cannot) expect([reader, reads(reader, writer)]).toEqual([reader, false]);
  });

  it("wants a default for a field the writer does not have", () => {
    const writer = record([]);
    expect(unreadable(record([{ name: "a", type: "int", default: 1 }]), writer)).toEqual([]);
    expect(unreadable(record([{ name: "a", type: "int" }]), writer)).toEqual([
      "/: reader field a has no default and the writer has no such field",
    ]);
    expect(unreadable(writer, record([{ name: "a", type: "int" }]))).toEqual([]);
  });

  it("finds a renamed field and a renamed record by the reader's aliases", () => {
    const writer = record([{ name: "old", type: "int" }]);
    expect(unreadable(record([{ name: "new", type: "int", aliases: ["old"] }]), writer)).toEqual(
      [],
    );
    const renamed = avro({
      type: "record",
      name: "S",
      aliases: ["R"],
      fields: [{ name: "old", type: "int" }],
    });
    expect(unreadable(renamed, writer)).toEqual([]);
    expect(unreadable(writer, renamed)).toHaveLength(1);
  });

  it("refuses a field whose aliases mean two fields of the writer", () => {
    const writer = record([
      { name: "a", type: "int" },
      { name: "b", type: "int" },
    ]);
    expect(unreadable(record([{ name: "a", aliases: ["b"], type: "int" }]), writer)).toEqual([
      "/: reader field a is several fields of the writer: a, b",
    ]);
  });

  it("minds enum symbols unless the reader has a default", () => {
    const symbols = (list: string[], more: object = {}) => ({
      type: "enum",
      name: "E",
      symbols: list,
      ...more,
    });
    expect(reads(symbols(["A", "B"]), symbols(["A"]))).toBe(true);
    expect(reads(symbols(["A"]), symbols(["A", "B"]))).toBe(false);
    expect(reads(symbols(["A"], { default: "A" }), symbols(["A", "B"]))).toBe(true);
  });

  it("looks into unions, arrays, maps and fixed", () => {
    expect(reads(["null", "long"], "int")).toBe(true);
    expect(reads("long", ["null", "int"])).toBe(false);
    expect(reads(["null", "string"], ["null", "int"])).toBe(false);
    expect(reads({ type: "array", items: "long" }, { type: "array", items: "int" })).toBe(true);
    expect(reads({ type: "map", values: "int" }, { type: "map", values: "long" })).toBe(false);
    const fixed = (size: number) => ({ type: "fixed", name: "F", size });
    expect(reads(fixed(4), fixed(4))).toBe(true);
    expect(reads(fixed(4), fixed(5))).toBe(false);
  });

  it("ends on recursive schemas, and still finds what does not fit", () => {
    const list = (value: string) =>
      record([
        { name: "value", type: value },
        { name: "next", type: ["null", "R"], default: null },
      ]);
    expect(unreadable(list("long"), list("int"))).toEqual([]);
    expect(unreadable(list("int"), list("long"))).not.toEqual([]);
  });

  it("keeps what did not fit in one branch of a union apart from what fits elsewhere", () => {
    // Inner meets Inner in the first branch, which does not fit, and again in v, where it must.
    const inner = (type: string) => ({
      type: "record",
      name: "Inner",
      fields: [{ name: "x", type }],
    });
    const other = { type: "record", name: "Other", aliases: ["Inner"], fields: [] };
    const writer = record([
      { name: "t", type: { type: "array", items: inner("string") } },
      { name: "u", type: "Inner" },
      { name: "v", type: "Inner" },
    ]);
    const reader = (v: unknown) =>
      record([
        { name: "t", type: ["null", { type: "array", items: [inner("int"), other] }] },
        { name: "u", type: ["Inner", "Other"] },
        { name: "v", type: v },
      ]);
    expect(unreadable(reader(["Inner", "Other"]), writer)).toEqual([]);
    expect(unreadable(reader("Inner"), writer)).toEqual([
      "/fields/v/fields/x: string cannot be read as int",
    ]);
  });

  it("names every place that does not fit, and how it got there", () => {
    const writer = record([
      { name: "a", type: { type: "map", values: "long" } },
      { name: "b", type: ["null", "string"] },
    ]);
    const reader = record([
      { name: "a", type: { type: "map", values: "int" } },
      { name: "b", type: ["string", "int"] },
      { name: "c", type: "int" },
    ]);
    expect(unreadable(reader, writer)).toEqual([
      "/: reader field c has no default and the writer has no such field",
      "/fields/a/values: long cannot be read as int",
      "/fields/b: reader union has no type for null",
    ]);
  });

  it("takes no longer for branches that all have the same aliases, level upon level", () => {
    // Two readers for each of 200 writers' records, only the second of which fits.
    const levels = Array.from({ length: 200 }, (_, n) => n);
    const writer = levels.map((n) => ({
      type: "record",
      name: `W${n}`,
      fields: [{ name: "next", type: n === 0 ? "int" : `W${n - 1}` }],
    }));
    const reader = levels.flatMap((n) =>
      ["A", "B"].map((side) => ({
        type: "record",
        name: `${side}${n}`,
        aliases: [`W${n}`],
        fields: [
          { name: "next", type: n === 0 ? "int" : [`A${n - 1}`, `B${n - 1}`] },
          ...(side === "A" ? [{ name: "more", type: "int" }] : []),
        ],
      })),
    );
    expect(unreadable(avro(reader), avro(writer))).toEqual([]);
  });

  it("agrees with avsc's resolver on random pairs of schemas", () => {
    let fitting = 0;
    fc.assert(
      fc.property(schemaPair, ([reader, writer]) => {
        let oracle = true;
        try {
          const type = avsc.Type.forSchema(reader as avsc.Schema);
          type.createResolver(avsc.Type.forSchema(writer as avsc.Schema));
        } catch {
          oracle = false;
        }
        if (oracle) fitting++;
        expect([reader, writer, reads(reader, writer)]).toEqual([reader, writer, oracle]);
      }),
      { numRuns: 2000 },
    );
    expect(fitting).toBeGreaterThan(200);
    expect(fitting).toBeLessThan(1800);
  });
});

/** A schema as a tree; names that come a second time refer to the first, so records may nest. */
type Tree =
  | { readonly leaf: string }
  | { readonly items: Tree }
  | { readonly values: Tree }
  | { readonly union: readonly Tree[] }
  | { readonly symbols: readonly string[] }
  | { readonly size: number }
  | {
      readonly record: number;
      readonly alias: boolean;
      readonly fields: readonly {
        readonly name: string;
        readonly alias: boolean;
        readonly optional: boolean;
        readonly type: Tree;
      }[];
    };

const leaf = fc
  .constantFrom("int", "long", "float", "double", "string", "bytes", "boolean", "null")
  .map((name): Tree => ({ leaf: name }));

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    { weight: 3, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc.subarray(["A", "B", "C"], { minLength: 1 }).map((symbols) => ({ symbols })),
    },
    { weight: 1, arbitrary: fc.constantFrom(2, 3).map((size) => ({ size })) },
    { weight: 1, arbitrary: tie("tree").map((items) => ({ items })) },
    { weight: 1, arbitrary: tie("tree").map((values) => ({ values })) },
    {
      weight: 2,
      arbitrary: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }).map((union) => ({ union })),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        record: fc.nat(2),
        alias: fc.boolean(),
        fields: fc.uniqueArray(
          fc.record({
            name: fc.constantFrom("a", "b", "c"),
            alias: fc.boolean(),
            optional: fc.boolean(),
            type: tie("tree"),
          }),
          { maxLength: 3, selector: ({ name }) => name },
        ),
      }),
    },
  ),
})).tree;

/** As JSON. A union drops what it may not hold; an alias is the next name in a round of three. */
function toSchema(root: Tree): unknown {
  const defined = new Set<string>();
  const define = (name: string, schema: () => object): unknown => {
    if (defined.has(name)) return name;
    defined.add(name);
    return { name, ...schema() };
  };
  const build = (node: Tree): unknown => {
    if ("leaf" in node) return node.leaf;
    if ("items" in node) return { type: "array", items: build(node.items) };
    if ("values" in node) return { type: "map", values: build(node.values) };
    if ("symbols" in node) return define("E", () => ({ type: "enum", symbols: node.symbols }));
    if ("size" in node) return define("F", () => ({ type: "fixed", size: node.size }));
    if ("union" in node) {
      const kinds = new Set<string>();
      const branches = node.union.filter((branch) => {
        if ("union" in branch) return false;
        const kind =
          "record" in branch
            ? `R${branch.record}`
            : "leaf" in branch
              ? branch.leaf
              : Object.keys(branch)[0]!;
        return !kinds.has(kind) && kinds.add(kind);
      });
      return branches.length === 0 ? "null" : branches.map(build);
    }
    return define(`R${node.record}`, () => ({
      type: "record",
      ...(node.alias ? { aliases: [`R${(node.record + 1) % 3}`] } : {}),
      fields: node.fields.map(({ name, alias, optional, type }) => ({
        name,
        ...(alias ? { aliases: [{ a: "b", b: "c", c: "a" }[name]] } : {}),
        // A union takes a default of its first type here: avsc knows no other.
        type: optional ? ["null", ...branchesBut(build(type))] : build(type),
        ...(optional ? { default: null } : {}),
      })),
    }));
  };
  return build(root);
}

function branchesBut(schema: unknown): unknown[] {
  return (Array.isArray(schema) ? schema : [schema]).filter((branch) => branch !== "null");
}

/** The same tree with some of its nodes replaced: most pairs of random schemas have nothing in common. */
function changed(node: Tree, picks: Iterator<Tree | undefined>): Tree {
  const { value, done } = picks.next();
  if (done !== true && value !== undefined) return value as Tree;
  if ("items" in node) return { items: changed(node.items, picks) };
  if ("values" in node) return { values: changed(node.values, picks) };
  if ("union" in node) return { union: node.union.map((branch) => changed(branch, picks)) };
  if ("record" in node) {
    return {
      ...node,
      fields: node.fields.map((field) => ({ ...field, type: changed(field.type, picks) })),
    };
  }
  return node;
}

const schemaPair = fc.oneof(
  fc.tuple(tree, tree).map(([reader, writer]) => [toSchema(reader), toSchema(writer)]),
  fc
    .tuple(tree, fc.array(fc.option(tree, { freq: 4, nil: undefined }), { maxLength: 10 }))
    .map(([reader, picks]) => [toSchema(reader), toSchema(changed(reader, picks.values()))]),
);
