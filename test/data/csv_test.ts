import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvFault, type CsvRow, MAX_LINE_LENGTH, readCsv } from "../../data/mod.ts";

async function read(chunks: Iterable<Uint8Array | string>) {
  const faults: CsvFault[] = [];
  const rows: CsvRow[] = [];
  for await (const row of readCsv(chunks, (fault) => faults.push(fault))) rows.push(row);
  return { rows, faults };
}

const fieldsOf = async (text: string) => (await read([text])).rows.map(({ fields }) => fields);

describe("CSV", () => {
  test.each<[string, string, string[][]]>([
    [
      "plain lines",
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a last line without an end",
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "CRLF",
      "a,b\r\nc,d\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["a byte order mark", "\uFEFFa,b\n", [["a", "b"]]],
    [
      "empty fields",
      ",\n,,\n",
      [
        ["", ""],
        ["", "", ""],
      ],
    ],
    ["blank lines, which are none", "a\n\n  \nb\n", [["a"], ["b"]]],
    ["quotes", '"a","b,c","d""e"\n', [["a", "b,c", 'd"e']]],
    ["an empty quoted field", '"",x\n', [["", "x"]]],
    ["a newline in quotes", '"a\nb",c\nd\n', [["a\nb", "c"], ["d"]]],
    ["quotes before CRLF", '"a"\r\n"b"\r\n', [["a"], ["b"]]],
    ["a quote inside a plain field", 'a"b,c\nd\n', [['a"b', "c"], ["d"]]],
    ["nothing", "", []],
  ])("reads %s", async (_, text, expected) => {
    expect(await fieldsOf(text)).toEqual(expected);
  });

  test("reports a malformed line with its number and goes on", async () => {
    const { rows, faults } = await read(['a\n"b"c,d\ne\n"x\ny"z\nf\n']);
    expect(rows).toEqual([
      { line: 1, fields: ["a"] },
      { line: 3, fields: ["e"] },
      { line: 5, fields: ['y"z'] },
      { line: 6, fields: ["f"] },
    ]);
    expect(faults).toEqual([
      { line: 2, message: 'text after a closing quote: "c,d"' },
      { line: 4, message: 'text after a closing quote: "z"' },
    ]);
  });

  test.each([
    ["at once", (text: string) => [text]],
    ["in pieces", (text: string) => [...text]],
  ])("loses one line to a quote that nobody closes, read %s", async (_, cut) => {
    const { rows, faults } = await read(cut('a,b\nc,"d\ne,f\ng,h\n'));
    expect(rows).toEqual([
      { line: 1, fields: ["a", "b"] },
      { line: 3, fields: ["e", "f"] },
      { line: 4, fields: ["g", "h"] },
    ]);
    expect(faults).toEqual([{ line: 2, message: "a quoted field has no end" }]);
  });

  test("lets go of a quoted field over the limit, but of its first line only", async () => {
    const lines = Array.from({ length: 20 }, () => "x".repeat(100_000));
    const { rows, faults } = await read(['a\n"', lines.join("\n"), "\nb\n"]);
    expect(faults).toEqual([{ line: 2, message: `longer than ${MAX_LINE_LENGTH} characters` }]);
    expect(rows.map(({ line }) => line)).toEqual([1, ...lines.slice(1).map((_, n) => n + 3), 22]);
  });

  test("takes a line of the longest length, and no character more, wherever it is cut", async () => {
    const longest = "x".repeat(MAX_LINE_LENGTH);
    for (const chunks of [[`${longest}\na\n`], [longest, "\na\n"], [`${longest}\n`, "a"]]) {
      expect((await read(chunks)).rows).toHaveLength(2);
    }
    for (const chunks of [[`${longest}y\na\n`], [longest, "y\na\n"], [`${longest}y`, "\na"]]) {
      const { rows, faults } = await read(chunks);
      expect([rows.length, faults.length]).toEqual([1, 1]);
    }
  });

  test("lets go of a line that has no end, in bounded memory, and reads the next one", async () => {
    const part = "x".repeat(100_000);
    const parts = Array.from({ length: 30 }, () => part);
    const { rows, faults } = await read(["a\n", ...parts, "\nb\n"]);
    expect(rows.map(({ fields }) => fields)).toEqual([["a"], ["b"]]);
    expect(faults).toEqual([{ line: 2, message: `longer than ${MAX_LINE_LENGTH} characters` }]);
  });

  test("reads the same wherever the bytes are cut", async () => {
    const field = fc.oneof(
      fc.constantFrom("", "a", "NULL", '"', ",", "\n", "\r\n", "男", "😀", ' "x" ', '""'),
      fc.string({ unit: "grapheme", maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.array(fc.nat(200), { maxLength: 8 }),
        async (rows, newline, bom, cuts) => {
          const quoted = (text: string) =>
            /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
          const lines = rows.map((fields) => fields.map(quoted).join(",") + newline);
          // A row of blanks alone would be a blank line; a comma is in each of these.
          const bytes = new TextEncoder().encode((bom ? "\uFEFF" : "") + lines.join(""));
          const ends = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort(
            (a, b) => a - b,
          );
          const chunks = [0, ...ends].map((start, n) =>
            bytes.subarray(start, ends[n] ?? bytes.length),
          );
          const { rows: read_, faults } = await read(chunks);
          expect(faults).toEqual([]);
          expect(read_.map(({ fields }) => fields)).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});
