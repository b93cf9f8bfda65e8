import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRecords } from "../../../runtime/testing/expectations.ts";
import type { WrittenRecord } from "../../../runtime/testing/mod.ts";
import type { ExpectedRecord } from "../../../topology/language/mod.ts";

const PLACE = { file: "t.yaml", line: 1, column: 1 };

const written = (records: readonly Partial<WrittenRecord>[]): WrittenRecord[] =>
  records.map((record, offset) => ({
    key: null,
    value: null,
    partition: 0,
    offset,
    timestampMs: 0,
    headers: {},
    ...record,
  }));

function compare(
  records: readonly Partial<WrittenRecord>[],
  expected: readonly Omit<ExpectedRecord, "place">[],
  kind: "expect" | "contain" = "expect",
) {
  const placed = expected.map((record, n) => ({
    ...record,
    place: { file: "t.yaml", line: n + 2, column: 1 },
  }));
  return compareRecords({ stream: "out", place: PLACE, records: placed }, written(records), kind);
}

describe("expected records", () => {
  test.each([
    ["a field that is left out", { value: { a: 1, b: 2 } }, { value: { a: 1 } }],
    ["everything, when nothing is said", { value: { a: 1 } }, {}],
    ["a null value", { value: null }, { value: null }],
    ["a null key", { key: null }, { key: null }],
    [
      "a list item by item, with fields left out",
      { value: { l: [{ a: 1, b: 2 }] } },
      { value: { l: [{ a: 1 }] } },
    ],
    ["zero of either sign", { value: -0 }, { value: 0 }],
    ["what is not a number", { value: Number.NaN }, { value: Number.NaN }],
    ["an empty map, by any map", { value: { m: { a: 1 } } }, { value: { m: {} } }],
    ["bytes as base64 text", { value: Uint8Array.of(1, 2) }, { value: "AQI=" }],
    ["maps", { value: new Map([["a", 1]]) }, { value: { a: 1 } }],
  ])("cover %s", (_, record, expected) => {
    expect(compare([record], [expected])).toEqual([]);
  });

  test.each([
    ["another value", { value: { a: 1 } }, { value: { a: 2 } }, "value.a", 2, 1],
    ["a field that is not there", { value: {} }, { value: { a: 1 } }, "value.a", 1, undefined],
    ["null for a value", { value: null }, { value: { a: 1 } }, "value", { a: 1 }, null],
    ["text for a number", { value: { a: "1" } }, { value: { a: 1 } }, "value.a", 1, "1"],
    ["a longer list", { value: { l: [1, 2] } }, { value: { l: [1] } }, "value.l", [1], [1, 2]],
    ["an item of a list", { value: { l: [1, 2] } }, { value: { l: [1, 3] } }, "value.l[1]", 3, 2],
    ["no window", {}, { window: [0, 1] as const }, "window", [0, 1], undefined],
    [
      "another window",
      { window: [0, 1] as const },
      { window: [0, 2] as const },
      "window",
      [0, 2],
      [0, 1],
    ],
    ["a missing header", {}, { headers: { h: "x" } }, "headers.h", "x", undefined],
    [
      "a field with an odd name",
      { value: { "a b": 1 } },
      { value: { "a b": 2 } },
      'value["a b"]',
      2,
      1,
    ],
  ])("do not cover %s", (_, record, expected, field, wanted, actual) => {
    expect(compare([record], [expected])).toMatchObject([
      { place: { line: 2 }, differences: [{ field, expected: wanted, actual }] },
    ]);
  });

  test("are compared with the record of the same key and window before one of a like value", () => {
    const records = [
      { key: "b", value: { n: 1, m: 1 } },
      { key: "a", value: { n: 2, m: 2 } },
    ];
    const [mismatch] = compare(records, [{ key: "a", value: { n: 1, m: 1 } }], "contain");
    expect(mismatch).toMatchObject({
      message: "out: the nearest record (partition 0, offset 1) differs",
      differences: [{ field: "value.n" }, { field: "value.m" }],
    });
  });

  test("are each shown beside a record of their own", () => {
    const records = [
      { key: "a", value: 1 },
      { key: "a", value: 2 },
    ];
    const mismatches = compare(records, [
      { key: "a", value: 3 },
      { key: "a", value: 4 },
    ]);
    expect(mismatches.map(({ differences }) => differences)).toEqual([
      [{ field: "value", expected: 3, actual: 1 }],
      [{ field: "value", expected: 4, actual: 2 }],
    ]);
  });

  test("say how many more were written than the message shows", () => {
    const records = Array.from({ length: 8 }, (_, value) => ({ value }));
    expect(compare(records, [])).toEqual([
      {
        place: PLACE,
        message:
          "out: written, but not expected: { key: null, value: 0 }, { key: null, value: 1 }, " +
          "{ key: null, value: 2 }, { key: null, value: 3 }, { key: null, value: 4 }, and 3 more",
        differences: [],
      },
    ]);
    expect(compare(records, [], "contain")).toEqual([]);
  });

  test("hold in every order, if each is a part of one record", () => {
    const record = fc.record({ key: fc.nat(2), value: fc.record({ a: fc.nat(1), b: fc.nat(1) }) });
    const part = fc.constantFrom(
      ({ key, value }: { key: number; value: object }) => ({ key, value }),
      ({ key }: { key: number }) => ({ key }),
      ({ value }: { value: { a: number } }) => ({ value: { a: value.a } }),
    );
    const cases = fc
      .array(fc.tuple(record, part), { maxLength: 8 })
      .chain((pairs) =>
        fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })),
      );
    fc.assert(
      fc.property(cases, ([pairs, shuffled]) => {
        const records = pairs.map(([made]) => made);
        const expected = shuffled.map(([made, cut]) => cut(made));
        expect(compare(records, expected)).toEqual([]);
        // One more than was written has no record left.
        expect(compare(records, [...expected, {}])).toHaveLength(1);
      }),
    );
  });
});
