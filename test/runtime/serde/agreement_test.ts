/**
 * Decoder, closure projection and generated projection say the same about all bytes, good and bad;
 * about good ones avsc says so too.
 */

import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ByteSink,
  createDecoder,
  createEncoder,
  createProjection,
} from "../../../runtime/serde/mod.ts";
import { type AvroType, parseAvroSchema } from "../../../topology/language/mod.ts";
import { compileGenerated, type Outcome, outcomeOf } from "./_projections.ts";
import { type Draw, draws, pathsOf, randomValue, schemaJson } from "./_schemas.ts";

function encode(type: AvroType, value: unknown): Uint8Array {
  const sink = new ByteSink();
  createEncoder(type).encode(value, sink);
  return sink.take();
}

/** Damages bytes: flips a bit, cuts the end, sets a byte to something that means much, adds some. */
function damage(bytes: Uint8Array, draw: Draw): Uint8Array {
  const copy = bytes.slice();
  const at = draw(Math.max(1, copy.length));
  switch (draw(5)) {
    case 0:
      if (copy.length > 0) copy[at]! ^= 1 << draw(8);
      return copy;
    case 1:
      return copy.slice(0, at);
    case 2:
      if (copy.length > 0) copy[at] = [0, 1, 2, 0x7f, 0x80, 0xff][draw(6)]!;
      return copy;
    case 3: {
      const longer = new Uint8Array(copy.length + 1 + draw(3));
      longer.set(copy);
      return longer;
    }
    default: {
      // An insertion in the middle: overlong and unsafe numbers, huge counts.
      const part = Uint8Array.from({ length: 1 + draw(10) }, () =>
        draw(4) === 0 ? draw(256) : 0xff,
      );
      const longer = new Uint8Array(copy.length + part.length);
      longer.set(copy.subarray(0, at));
      longer.set(part, at);
      longer.set(copy.subarray(at), at + part.length);
      return longer;
    }
  }
}

/** Puts bytes between others, so that reading over the end finds something. */
function embed(bytes: Uint8Array, draw: Draw): { buffer: Uint8Array; start: number; end: number } {
  const start = draw(4);
  const buffer = new Uint8Array(start + bytes.length + draw(12)).fill(draw(2) === 0 ? 0x02 : 0xff);
  buffer.set(bytes, start);
  return { buffer, start, end: start + bytes.length };
}

function select(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (inner === null ? null : (inner as Record<string, unknown>)[name]),
    value,
  );
}

const SETTINGS = { numRuns: Number(process.env["FC_RUNS"] ?? 300) };

describe("decoder, closure projection and generated projection", () => {
  test("agree on every input", () => {
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(schemaJson("any"), draws(), (json, draw) => {
        const type = parseAvroSchema(json);
        const all = pathsOf(type);
        const paths = all.filter((_, n) => (n === 0 ? draw(6) === 0 : draw(2) === 0)).slice(0, 12);
        const decode = createDecoder(type);
        const project = createProjection({ writer: type, paths });
        const generated = compileGenerated(type, paths);
        const good = encode(type, randomValue(type, draw));
        for (let n = 0; n < 20; n++) {
          const { buffer, start, end } = embed(n === 0 ? good : damage(good, draw), draw);
          const whole = outcomeOf(() => decode(buffer, start, end));
          if ("values" in whole) taken++;
          else refused++;
          const expected: Outcome =
            "values" in whole ? { values: paths.map((path) => select(whole.values, path)) } : whole;
          const slots: unknown[] = paths.map(() => undefined);
          expect(
            outcomeOf(() => {
              project(buffer, start, end, slots);
              return slots;
            }),
          ).toEqual(expected);
          expect(outcomeOf(() => generated(buffer, start, end))).toEqual(expected);
        }
      }),
      SETTINGS,
    );
    expect(refused).toBeGreaterThan(100);
    expect(taken).toBeGreaterThan(100);
  });

  test("refuse every prefix of a value", () => {
    fc.assert(
      fc.property(schemaJson(), draws(), (json, draw) => {
        const type = parseAvroSchema(json);
        const bytes = encode(type, randomValue(type, draw));
        const decode = createDecoder(type);
        const generated = compileGenerated(type, []);
        for (let end = 0; end < Math.min(bytes.length, 60); end++) {
          const expected = { code: "UNDECODABLE" };
          expect(outcomeOf(() => decode(bytes, 0, end))).toMatchObject(expected);
          expect(outcomeOf(() => generated(bytes, 0, end))).toMatchObject(expected);
        }
      }),
      SETTINGS,
    );
  });
});

/** avsc's form of a value: unions wrapped, maps as objects, Buffers. */
function theirs(type: AvroType, value: unknown): unknown {
  switch (type.kind) {
    case "bytes":
    case "fixed":
      return Buffer.from(value as Uint8Array);
    case "array":
      return (value as unknown[]).map((item) => theirs(type.items, item));
    case "map":
      return Object.fromEntries(
        [...(value as Map<string, unknown>)].map(([key, entry]) => [
          key,
          theirs(type.values, entry),
        ]),
      );
    case "record":
      return Object.fromEntries(
        type.fields.map(({ name, type: field }) => [
          name,
          theirs(field, (value as Record<string, unknown>)[name]),
        ]),
      );
    case "union": {
      // Which branch fits is the encoder's choice.
      const branch = type.branches[encode(type, value)[0]! / 2]!;
      const name = "name" in branch ? branch.name : branch.kind;
      return branch.kind === "null" ? null : { [name]: theirs(branch, value) };
    }
    default:
      return value;
  }
}

describe("avsc", () => {
  test("writes the same bytes and reads the same values", () => {
    fc.assert(
      fc.property(schemaJson(), draws(), (json, draw) => {
        const type = parseAvroSchema(json);
        const value = randomValue(type, draw);
        const bytes = encode(type, value);
        const oracle = avsc.Type.forSchema(json as avsc.Schema, { wrapUnions: true });
        // A map key __proto__ is lost in avsc's objects.
        fc.pre(!Buffer.from(bytes).includes("__proto__"));
        expect(Uint8Array.from(oracle.toBuffer(theirs(type, value)))).toEqual(bytes);
        expect(createDecoder(type)(bytes, 0, bytes.length)).toEqual(value);
      }),
      SETTINGS,
    );
  });
});
