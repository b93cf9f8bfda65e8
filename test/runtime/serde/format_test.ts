import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../runtime/fault/mod.ts";
import {
  ByteSink,
  createFormat,
  createRecordDecoder,
  createRecordEncoder,
  createWindowKeySplitter,
  createWindowKeyWriter,
  encodeKey,
  readFrame,
  recordsOf,
  writeFrame,
} from "../../../runtime/serde/mod.ts";
import { BatchBuilder } from "../../../runtime/wire/mod.ts";
import {
  type AvroType,
  type Format,
  parseAvroSchema,
  type StreamPlan,
  type WindowExtent,
} from "../../../topology/language/mod.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
    throw error;
  }
  return "none";
}

describe("createFormat", () => {
  test.each<[Exclude<Format["kind"], "avro">, unknown, number[]]>([
    ["string", "aé", [97, 0xc3, 0xa9]],
    ["string", "", []],
    ["int", -2, [255, 255, 255, 254]],
    ["long", 1447171200000, [0, 0, 1, 80, 242, 32, 20, 0]],
    ["long", -Number.MAX_SAFE_INTEGER, [255, 224, 0, 0, 0, 0, 0, 1]],
    ["double", 1.5, [63, 248, 0, 0, 0, 0, 0, 0]],
    ["boolean", true, [1]],
    ["boolean", false, [0]],
    ["bytes", Uint8Array.of(0, 255), [0, 255]],
    ["json", { a: [1, null] }, [...new TextEncoder().encode('{"a":[1,null]}')]],
  ])("%s: %j has the bytes of Kafka's own serialiser", (kind, value, bytes) => {
    const { decode, encode } = createFormat({ kind });
    const sink = new ByteSink();
    sink.writeByte(7);
    encode(value, sink);
    expect([...sink.take(1)]).toEqual(bytes);
    const embedded = Uint8Array.of(9, ...bytes, 9);
    expect(decode(embedded, 1, 1 + bytes.length)).toEqual(value);
  });

  test.each<[Exclude<Format["kind"], "avro">, number[], string]>([
    ["string", [0xff], "UNDECODABLE"],
    ["int", [0, 0, 1], "UNDECODABLE"],
    ["int", [0, 0, 0, 0, 1], "UNDECODABLE"],
    ["long", [0, 0, 0, 1], "UNDECODABLE"],
    ["long", [0, 32, 0, 0, 0, 0, 0, 0], "LONG_UNSAFE"],
    ["double", [], "UNDECODABLE"],
    ["boolean", [2], "UNDECODABLE"],
    ["boolean", [], "UNDECODABLE"],
    ["json", [123], "UNDECODABLE"],
    ["json", [], "UNDECODABLE"],
  ])("%s refuses the bytes %j: %s", (kind, bytes, code) => {
    const { decode } = createFormat({ kind });
    expect(codeOf(() => decode(Uint8Array.from(bytes), 0, bytes.length))).toBe(code);
  });

  test.each<[Exclude<Format["kind"], "avro">, unknown]>([
    ["string", 1],
    ["string", "\ud800"],
    ["int", 2 ** 31],
    ["long", 0.5],
    ["double", "1"],
    ["boolean", 1],
    ["bytes", "x"],
    ["json", undefined],
    ["json", 1n],
  ])("%s refuses the value %s", (kind, value) => {
    expect(codeOf(() => createFormat({ kind }).encode(value, new ByteSink()))).toBe("UNENCODABLE");
  });

  test("decoded bytes are a copy, also of a Buffer", () => {
    const buffer = Buffer.from([1, 2, 3]);
    const copy = createFormat({ kind: "bytes" }).decode(buffer, 1, 3) as Uint8Array;
    buffer.fill(0);
    expect([...copy]).toEqual([2, 3]);
  });

  test("a key of a state has no schema id", () => {
    const sink = new ByteSink();
    encodeKey("a", { kind: "avro", schema: { kind: "string" } }, sink);
    expect([...sink.take()]).toEqual([2, 97]);
  });
});

describe("readFrame", () => {
  test("reads what writeFrame writes", () => {
    const sink = new ByteSink();
    sink.writeByte(1);
    writeFrame(0x01020304, sink);
    const bytes = sink.take();
    expect([...bytes]).toEqual([1, 0, 1, 2, 3, 4]);
    expect(readFrame(bytes, 1, 6)).toBe(0x01020304);
  });

  test.each([[[]], [[0, 0]], [[0, 0, 0, 1]], [[1, 0, 0, 0, 1]]])("refuses %j", (bytes) => {
    // What follows belongs to another record.
    const embedded = Uint8Array.of(...bytes, 0, 0, 0, 0, 0, 0);
    expect(codeOf(() => readFrame(embedded, 0, bytes.length))).toBe("UNDECODABLE");
  });
});

describe("window keys", () => {
  const write = (extent: WindowExtent): Uint8Array => {
    const sink = new ByteSink();
    const writer = createWindowKeyWriter({ kind: "string" }, { as: "binary", extent }, undefined);
    writer(Uint8Array.of(70), 0, 1, 1447171200000, 1447171201000, sink);
    return sink.take();
  };

  test("are the serialised key and the window's start", () => {
    const extent = { kind: "fixed", sizeMs: 1000 } as const;
    const bytes = write(extent);
    expect([...bytes]).toEqual([70, 0, 0, 1, 80, 242, 32, 20, 0]);
    const split = createWindowKeySplitter(extent);
    expect(split(bytes, 0, 9)).toEqual({
      keyEnd: 1,
      startMs: 1447171200000,
      endMs: 1447171201000,
    });
    expect(codeOf(() => split(bytes, 0, 7))).toBe("UNDECODABLE");
  });

  test("of a session have its end before its start", () => {
    const bytes = write({ kind: "session" });
    expect([...bytes]).toEqual([70, 0, 0, 1, 80, 242, 32, 23, 232, 0, 0, 1, 80, 242, 32, 20, 0]);
    const split = createWindowKeySplitter({ kind: "session" });
    expect(split(bytes, 0, 17)).toEqual({
      keyEnd: 1,
      startMs: 1447171200000,
      endMs: 1447171201000,
    });
    expect(codeOf(() => split(bytes, 0, 15))).toBe("UNDECODABLE");
    const turned = Uint8Array.of(
      ...bytes.subarray(0, 1),
      ...bytes.subarray(9),
      ...bytes.subarray(1, 9),
    );
    expect(codeOf(() => split(turned, 0, 17))).toBe("UNDECODABLE");
  });

  test("of a calendar end where the next window begins", () => {
    const extent = { kind: "calendar", unit: "day", zone: "Europe/Berlin" } as const;
    const bytes = write(extent);
    const { endMs } = createWindowKeySplitter(extent)(bytes, 0, 9);
    expect(endMs).toBe(Date.UTC(2015, 10, 10, 23));
  });
});

const schema = parseAvroSchema({
  type: "record",
  name: "User",
  fields: [
    { name: "id", type: "long" },
    { name: "gender", type: "string", default: "UNKNOWN" },
  ],
});

function stream(key: StreamPlan["key"], value: Format): StreamPlan {
  return {
    name: "users",
    topic: "users",
    key,
    value,
    written: false,
    idleMs: null,
    maxFutureMs: null,
    start: "earliest",
    onError: "deadLetter",
    create: { cleanup: "delete", retentionMs: null },
  };
}

class Schemas {
  readonly registered: [string, AvroType][] = [];
  asked = 0;
  async byId(id: number): Promise<AvroType | undefined> {
    this.asked++;
    return this.registered[id - 1]?.[1];
  }
  async register(subject: string, type: AvroType): Promise<number> {
    return this.registered.push([subject, type]);
  }
}

describe("records", () => {
  test("what the encoder writes the decoder reads, and the registry client too", async () => {
    const schemas = new Schemas();
    const plan = stream({ format: { kind: "string" } }, { kind: "avro", schema });
    const encoder = createRecordEncoder(plan, schemas);
    const { key, value } = await encoder.encode({ key: "k", value: { id: 1 } });
    await encoder.encode({ value: { id: 2, gender: "F" } });
    expect(schemas.registered.map(([subject]) => subject)).toEqual(["users-value"]);
    expect([...value!]).toEqual([0, 0, 0, 0, 1, 2, 14, ...new TextEncoder().encode("UNKNOWN")]);
    const decoder = createRecordDecoder(plan, schemas);
    const expected = { key: "k", value: { id: 1, gender: "UNKNOWN" } };
    expect(await decoder.decode(key, value)).toEqual(expected);
    expect(await decoder.decode(key, value)).toEqual(expected);
    expect(schemas.asked).toBe(1);
    const registry = new SchemaRegistry({ host: "http://127.0.0.1:1" });
    const avsc = await import("avsc");
    const theirs = avsc.default.Type.forSchema({
      type: "record",
      name: "User",
      fields: [
        { name: "id", type: "long" },
        { name: "gender", type: "string" },
      ],
    });
    (registry.cache as { setSchema(id: number, type: string, schema: unknown): unknown }).setSchema(
      1,
      "AVRO",
      theirs,
    );
    expect({ ...(await registry.decode(Buffer.from(value!))) }).toEqual(expected.value);
  });

  test("nulls stay null", async () => {
    const schemas = new Schemas();
    const plan = stream({ format: { kind: "long" } }, { kind: "avro", schema });
    const nothing = { key: null, value: null };
    expect(await createRecordEncoder(plan, schemas).encode({})).toEqual({
      ...nothing,
      baseKey: null,
    });
    expect(await createRecordDecoder(plan, schemas).decode(null, null)).toEqual(nothing);
  });

  test("values are read with the schema they were written with, as the plan's", async () => {
    const schemas = new Schemas();
    await schemas.register(
      "users-value",
      parseAvroSchema({ type: "record", name: "User", fields: [{ name: "id", type: "int" }] }),
    );
    const decoder = createRecordDecoder(
      stream({ format: { kind: "bytes" } }, { kind: "avro", schema }),
      schemas,
    );
    expect((await decoder.decode(null, Uint8Array.of(0, 0, 0, 0, 1, 8))).value).toEqual({
      id: 4,
      gender: "UNKNOWN",
    });
    const unknown = decoder.decode(null, Uint8Array.of(0, 0, 0, 0, 9, 8));
    await expect(unknown).rejects.toMatchObject({ code: "UNKNOWN_SCHEMA_ID" });
  });

  test("windowed keys have a start and an end, Avro keys a frame", async () => {
    const schemas = new Schemas();
    const format: Format = { kind: "avro", schema: { kind: "string" } };
    const plan = stream(
      { format, window: { as: "binary", extent: { kind: "fixed", sizeMs: 1000 } } },
      { kind: "long" },
    );
    const { key, value } = await createRecordEncoder(plan, schemas).encode({
      key: "F",
      window: [5000, 6000],
      value: 3,
    });
    expect([...key!]).toEqual([0, 0, 0, 0, 1, 2, 70, 0, 0, 0, 0, 0, 0, 19, 136]);
    expect(schemas.registered[0]![0]).toBe("users-key");
    expect(await createRecordDecoder(plan, schemas).decode(key, value)).toEqual({
      key: "F",
      window: [5000, 6000],
      value: 3,
    });
  });

  test("a registry that did not answer is asked again", async () => {
    const schemas = new Schemas();
    let failed = false;
    const flaky = {
      register: async (subject: string, type: AvroType) => {
        if (failed) return schemas.register(subject, type);
        failed = true;
        throw new MillraceError("REGISTRY_UNREACHABLE", "Cannot register: no answer");
      },
    };
    const encoder = createRecordEncoder(
      stream({ format: { kind: "string" } }, { kind: "avro", schema }),
      flaky,
    );
    await expect(encoder.encode({ value: { id: 1 } })).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
    });
    await expect(encoder.encode({ value: { id: 1 } })).resolves.toBeDefined();
  });

  test("recordsOf gives the records of batches from an offset on", () => {
    const builder = new BatchBuilder();
    const bytes = Uint8Array.of(1, 2, 3);
    builder.append(100, bytes, 0, 1, bytes, 1, 3, bytes, 0, 0, 0);
    builder.append(200, bytes, -1, -1, bytes, -1, -1, bytes, 0, 0, 0);
    const batch = builder.finish();
    expect([...recordsOf(batch)]).toEqual([
      { offset: 0, timestampMs: 100, key: Uint8Array.of(1), value: Uint8Array.of(2, 3) },
      { offset: 1, timestampMs: 200, key: null, value: null },
    ]);
    expect([...recordsOf(batch, 1)].map(({ offset }) => offset)).toEqual([1]);
  });
});
