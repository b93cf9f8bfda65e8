import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { findSlips } from "../../../../topology/language/document/yaml_slips.ts";
import { readCorpus } from "../_corpus.ts";

const TOPOLOGY = fileURLToPath(new URL("../../../../topology/", import.meta.url));
const examples = readdirSync(TOPOLOGY)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => [name, readFileSync(TOPOLOGY + name, "utf8")] as const);

/** Ways in which the same definition can be laid out. */
const LAYOUTS = [
  { indent: 4 },
  { indentSeq: false },
  { collectionStyle: "flow", lineWidth: 60 },
  { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" },
  { defaultStringType: "QUOTE_SINGLE", lineWidth: 0 },
  { defaultStringType: "BLOCK_FOLDED", defaultKeyType: "PLAIN", lineWidth: 30 },
  { defaultStringType: "BLOCK_LITERAL", defaultKeyType: "PLAIN" },
  { lineWidth: 30 },
] as const;

describe("what is YAML has no slips", () => {
  test.each(examples)("%s, as it is and in every layout", (_, text) => {
    const texts = [text, ...LAYOUTS.map((layout) => stringify(parse(text), layout))];
    for (const laidOut of [...texts, JSON.stringify(parse(text), null, 2)]) {
      expect(findSlips(laidOut), laidOut).toEqual([]);
    }
  });

  test("nor have definitions that are wrong in other ways", () => {
    const isOfYaml = (code: string) => ["BAD_YAML", "QUOTE_EXPRESSION"].includes(code);
    const cases = [...readCorpus().values()].flat();
    // A file of one word is YAML, and whoever wrote it meant something else.
    const others = cases.filter(
      ({ expected, title }) =>
        !expected.some(({ code }) => isOfYaml(code)) && title !== "one word as the whole file",
    );
    expect(others.length).toBeGreaterThan(200);
    for (const { text, title } of others) expect(findSlips(text), title).toEqual([]);
  });

  test.each([
    ["a text over three lines", "a: one\n  two\n  three\nb: 1\n"],
    ["a text below its key", "a:\n  one two\n  three\nb: 1\n"],
    ["a text in a list item over two lines", "- one\n  two\n- b\n"],
    ["a list in the column of its key", "a:\n- b: 1\n  c: 2\n- d\ne: 1\n"],
    ["lists in lists", "- - a\n  - b\n- - c\n"],
    ["a quoted text over two lines", "a: \"one\n  two: three\"\nb: 'it''s\n  so'\n"],
    ["a flow map over lines, with a comment", "a: { b: 1, # c: 2\n  c: [1,\n  2] }\nd: 1\n"],
    ["a block text with what looks like keys", "a: |\n  b: 1\n    - c\n  # no comment\nd: 1\n"],
    ["a block text in a list", "- >-\n  b: 1\n  c\n- d\n"],
    ["anchors and aliases", "a: &x\n  b: 1\nc: &y { d: 1 }\ne: *x\nf: [*y]\n"],
    ["comments anywhere", "# a\na: # b\n  # c\n  b: 1 # d: e\n   # f\n"],
    ["quoted keys", "\"a b\": 1\n'c: d': { \"e\": 1, 'f': 2 }\n"],
    ["document marks", "---\na: 1\n...\n"],
    ["an address", "a: http://host:80/x\nb: [http://host:80/x]\n"],
  ])("nor has %s", (_, text) => {
    expect(() => parse(text)).not.toThrow();
    expect(findSlips(text)).toEqual([]);
  });
});

test("slips of one line each are all found, up to twenty", () => {
  const line = (n: number) => `k${n}: value.a ? ${n} : 0\n`;
  const text = Array.from({ length: 40 }, (_, n) => line(n)).join("");
  const slips = findSlips(text);
  expect(slips).toHaveLength(20);
  expect(slips[19]).toMatchObject({
    code: "QUOTE_EXPRESSION",
    hint: 'write k19: "value.a ? 19 : 0"',
  });
  expect(text.slice(slips[19]!.range.start)).toMatch(/^: 0\nk20/);
});
