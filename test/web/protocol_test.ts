import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSE_CODES, tryParseClientHello, tryParseServerMessage } from "../../web/protocol.ts";

describe("what a page may say", () => {
  test("a hello without a cursor is the first one", () => {
    expect(tryParseClientHello('{"type":"hello"}')).toEqual({ type: "hello" });
  });

  test("a cursor keeps epoch, run, seq and positions, and nothing else", () => {
    const cursor = { epoch: "e", run: "r", seq: 7, positions: { shoppers: [3, -1] } };
    const text = JSON.stringify({ type: "hello", cursor: { ...cursor, extra: 1 }, more: 2 });
    expect(tryParseClientHello(text)).toEqual({ type: "hello", cursor });
  });

  test.each([
    ["no JSON", "hello"],
    ["another type", '{"type":"subscribe"}'],
    ["a list", "[]"],
    ["null", "null"],
    ["a cursor that is no object", '{"type":"hello","cursor":4}'],
    ["a negative seq", '{"type":"hello","cursor":{"epoch":"e","run":"r","seq":-1}}'],
    ["a fractional seq", '{"type":"hello","cursor":{"epoch":"e","run":"r","seq":1.5}}'],
    ["a missing run", '{"type":"hello","cursor":{"epoch":"e","seq":1}}'],
    [
      "positions with text",
      '{"type":"hello","cursor":{"epoch":"e","run":"r","seq":1,"positions":{"s":["1"]}}}',
    ],
  ])("%s is refused", (_, text) => {
    expect(tryParseClientHello(text)).toBeUndefined();
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => tryParseClientHello(text) === undefined));
    fc.assert(
      fc.property(fc.json(), (json) => {
        const hello = tryParseClientHello(json);
        return hello === undefined || hello.type === "hello";
      }),
    );
  });
});

test("a server message needs a type", () => {
  expect(tryParseServerMessage('{"type":"heartbeat","seq":1,"now":2}')?.type).toBe("heartbeat");
  expect(tryParseServerMessage('{"seq":1}')).toBeUndefined();
  expect(tryParseServerMessage("{")).toBeUndefined();
});

test("close codes are distinct, and our own stand in the private range", () => {
  const codes = Object.values(CLOSE_CODES).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.filter((code) => code >= 1100).every((code) => code >= 4400 && code < 4500)).toBe(
    true,
  );
});
