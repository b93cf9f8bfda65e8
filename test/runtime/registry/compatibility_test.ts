import { describe, expect, it } from "vitest";
import { incompatibilities } from "../../../runtime/registry/compatibility.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

const avro = (json: unknown) => parseAvroSchema(json);
const record = (fields: unknown) => avro({ type: "record", name: "R", fields });

describe("compatibility", () => {
  it("asks each level for its directions", () => {
    const old = record([{ name: "a", type: "int" }]);
    const added = record([
      { name: "a", type: "int" },
      { name: "b", type: "int", default: 0 },
    ]);
    const required = record([
      { name: "a", type: "int" },
      { name: "b", type: "int" },
    ]);
    expect(incompatibilities("BACKWARD", added, [old])).toEqual([]);
    expect(incompatibilities("BACKWARD", required, [old])).toHaveLength(1);
    expect(incompatibilities("FORWARD", required, [old])).toEqual([]);
    expect(incompatibilities("FULL", required, [old])).toHaveLength(1);
    expect(incompatibilities("NONE", avro("int"), [old])).toEqual([]);
    expect(incompatibilities("BACKWARD", required, [old, required])).toEqual([]);
    expect(incompatibilities("BACKWARD_TRANSITIVE", required, [old, required])).toHaveLength(1);
  });
});
