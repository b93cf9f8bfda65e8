import { describe, expect, test } from "vitest";
import { type FieldType, OBJECTS } from "../../../topology/language/mod.ts";

/** What a file is as a whole. */
const ROOTS = ["Topology", "TestFile", "Configuration"];

function namesIn(type: FieldType): readonly string[] {
  switch (type.kind) {
    case "object":
      return [type.name];
    case "list":
    case "oneOrMany":
    case "fields":
      return namesIn(type.of);
    case "union":
      return type.of.flatMap(namesIn);
    case "notBuilt":
      return namesIn(type.type);
    default:
      return [];
  }
}

describe("the field specs", () => {
  test("name only objects that exist, and every object but the roots is named", () => {
    const named = new Set<string>();
    for (const { fields } of OBJECTS.values()) {
      for (const { type } of Object.values(fields))
        for (const name of namesIn(type)) named.add(name);
    }
    expect([...named].toSorted()).toEqual(
      [...OBJECTS.keys()].filter((name) => !ROOTS.includes(name)).toSorted(),
    );
  });

  test("document every object and every field in a sentence", () => {
    for (const [name, { doc, fields }] of OBJECTS) {
      for (const [field, text] of [
        ["", doc],
        ...Object.entries(fields).map(([key, f]) => [key, f.doc]),
      ]) {
        expect(text, `${name}.${field}`).toMatch(/^.{5,}\.$/);
      }
    }
  });

  test("ask only for keys that exist", () => {
    for (const { fields, exactlyOne = [] } of OBJECTS.values()) {
      const asked = Object.values(fields).flatMap(({ beside = [], requiredBeside = [] }) => [
        ...beside,
        ...requiredBeside,
      ]);
      for (const key of [...exactlyOne, ...asked]) expect(Object.keys(fields)).toContain(key);
    }
  });

  test("are data: they survive being written as JSON", () => {
    const data = Object.fromEntries(OBJECTS);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});
