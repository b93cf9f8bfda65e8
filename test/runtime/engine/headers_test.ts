import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HeaderMaker } from "../../../runtime/engine/made_headers.ts";
import { decodeHeaders, encodeHeaders, type RecordHeader } from "../../../runtime/wire/mod.ts";
import { define, drive, reduce } from "./_driver.ts";

const sent = (headers: Readonly<Record<string, string>>, who = "A") => ({
  atMs: 0,
  key: "k",
  value: { who, n: 7 },
  headers,
});

describe("headers of an emit", () => {
  test("stand beside those that came, and instead of those of the same name", async () => {
    const plan = define({
      source: "key: string",
      stages: `- map: { headers: { trace: "'new ' + headers['trace']", who: value.who } }\n- filter: headers['who'] == 'A'`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [sent({ trace: "1", other: "x" }), sent({ trace: "2" }, "B")]);
      const written = await driver.written("out");
      expect(written.map(({ headers, value }) => [headers, value])).toEqual([
        [{ other: "x", trace: "new 1", who: "A" }, expect.objectContaining({ who: "A", n: 7 })],
      ]);
    });
  });

  test("go with the emit that makes them", async () => {
    const plan = define({
      source: "key: string",
      stages:
        "- flatMap:\n    - { key: \"'a'\", headers: { kind: \"'first'\" } }\n    - { when: value.n > 0, key: \"'b'\" }\n    - { for: { n: '[1, 2]' }, key: \"'c'\", headers: { kind: string(n) } }",
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [sent({ kind: "original" })]);
      const written = await driver.written("out");
      expect(written.map(({ key, headers }) => `${key} ${headers["kind"]}`)).toEqual([
        "a first",
        "b original",
        "c 1",
        "c 2",
      ]);
    });
  });

  test("can be made of a window's result", async () => {
    const plan = define({
      source: "key: string, idle: never",
      stages: `- map: { key: value.who }\n${reduce()}\n- map: { headers: { from: string(window.start) } }`,
    });
    await drive({ plan }, async (driver) => {
      await driver.send("s", [
        { ...sent({ lost: "yes" }), atMs: 500 },
        { ...sent({}), atMs: 2000 },
      ]);
      const [result] = await driver.written("out");
      expect(result?.headers).toEqual({ from: "0" });
    });
  });

  test("leave the others byte for byte as they were, repeated and null ones too", () => {
    const name = fc.constantFrom("a", "b", "ü", "a-much-longer-name".repeat(8));
    const header = fc.tuple(name, fc.option(fc.uint8Array({ maxLength: 200 })));
    fc.assert(
      fc.property(fc.array(header), fc.string({ maxLength: 99 }), (headers, text) => {
        const bytes = encodeHeaders(headers);
        const before = {
          buffer: bytes,
          headersStart: 0,
          headersEnd: bytes.length,
          headerCount: headers.length,
        };
        const made = new HeaderMaker(["a", "c"]).make(before, [text, Uint8Array.of(0xff)]);
        const { buffer, headersStart, headersEnd, headerCount } = made;
        const expected: RecordHeader[] = [
          ...headers.filter(([key]) => key !== "a"),
          ["a", new TextEncoder().encode(text)],
          ["c", Uint8Array.of(0xff)],
        ];
        expect(decodeHeaders(buffer, headersStart, headersEnd, headerCount)).toEqual(expected);
      }),
    );
  });
});
