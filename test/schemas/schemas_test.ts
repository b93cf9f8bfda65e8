import { readdirSync, readFileSync } from "node:fs";
import avsc from "avsc";
import { describe, expect, test } from "vitest";
import { ACTIONS, GENDERS, USER_LOG_COLUMNS } from "../../data/mod.ts";
import { ByteSink, createEncoder } from "../../runtime/serde/mod.ts";
import { formatAvroSchema, parseAvroSchema } from "../../topology/language/mod.ts";

const FOLDER = new URL("../../schemas/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".avsc"));
const read = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");

describe.each(FILES)("%s", (file) => {
  test("is a record that avsc and our own model read alike", () => {
    const ours = parseAvroSchema(JSON.parse(read(file)));
    expect(ours.kind).toBe("record");
    const again = parseAvroSchema(formatAvroSchema(ours));
    expect(again).toEqual(ours);
    const theirs = avsc.Type.forSchema(JSON.parse(read(file)));
    expect(theirs.fingerprint()).toEqual(
      avsc.Type.forSchema(formatAvroSchema(ours) as avsc.Schema).fingerprint(),
    );
  });

  test("says of each field what it means", () => {
    const { doc, fields } = JSON.parse(read(file)) as {
      doc?: string;
      fields: { name: string; doc?: string }[];
    };
    expect(doc).toMatch(/\w/);
    expect(fields.filter((field) => !field.doc).map(({ name }) => name)).toEqual([]);
  });
});

describe("user_log.avsc", () => {
  const schema = parseAvroSchema(JSON.parse(read("user_log.avsc")));
  const fields = schema.kind === "record" ? schema.fields : [];

  test("has the columns of the log, and its words for the codes", () => {
    expect(fields.map(({ name }) => name)).toEqual(USER_LOG_COLUMNS);
    const symbols = (name: string) => {
      const type = fields.find((field) => field.name === name)!.type;
      return type.kind === "enum" ? type.symbols : [];
    };
    expect(symbols("action")).toEqual(ACTIONS);
    expect(symbols("gender")).toEqual(GENDERS);
  });

  test("needs no more of a record than who it was", () => {
    expect(fields.filter(({ hasDefault }) => !hasDefault).map(({ name }) => name)).toEqual([
      "user_id",
    ]);
    const type = avsc.Type.forSchema(JSON.parse(read("user_log.avsc")));
    const sink = new ByteSink();
    createEncoder(schema).encode({ user_id: 1, gender: "FEMALE", action: "BUY" }, sink);
    expect(JSON.parse(JSON.stringify(type.fromBuffer(Buffer.from(sink.take()))))).toEqual({
      user_id: 1,
      item_id: 0,
      cat_id: 0,
      merchant_id: 0,
      brand_id: 0,
      month: 11,
      day: 11,
      action: "BUY",
      age_range: 0,
      gender: "FEMALE",
      province: "",
    });
  });
});
