import { describe, expect, test } from "vitest";
import { diagnose, pipeline, unmark } from "./_fixtures.ts";

/** However YAML lets one write it, the unknown field is where it is. */
const STYLES: readonly (readonly [string, string])[] = [
  ["plain", "- filter: value.«gendr» == 'x'"],
  [
    "single quotes, with quotes inside",
    "- filter: 'value.action == ''BUY'' && value.«gendr» == ''x'''",
  ],
  [
    "double quotes, with escapes inside",
    `- filter: "value.action == \\u0022BUY\\x22 && value.«gendr» == 'x'"`,
  ],
  [
    "double quotes over two lines",
    `- filter: "value.action == 'BUY' \\\n    && value.«gendr» == 'x'"`,
  ],
  ["plain over two lines", "- filter: value.action == 'BUY'\n    && value.«gendr» == 'x'"],
  [
    "plain over three lines, one of them empty",
    "- filter: value.action == 'BUY'\n\n    && value.«gendr» == 'x'",
  ],
  ["a literal block", "- filter: |\n    value.action == 'BUY'\n      && value.«gendr» == 'x'"],
  ["a folded block", "- filter: >-\n    value.action == 'BUY'\n    && value.«gendr» == 'x'"],
  [
    "a folded block with a comment",
    "- filter: > # folded\n\n    value.action == 'BUY'\n    && value.«gendr» == 'x'",
  ],
  ["a flow map", "- flatMap: { when: value.«gendr» == 'x' }"],
  ["an anchor", "- filter: &cond value.«gendr» == 'x'"],
  ["a field of a record", "- map: { value: { a: { b: value.«gendr» } } }"],
  ["text before it in Chinese", "- filter: value.note == '女生' && value.«gendr» == 'x'"],
  ["a surrogate pair before it", "- filter: value.action == '😀' || value.«gendr» == 'x'"],
];

describe("the column of a fault", () => {
  test.each(STYLES)("is inside the expression, in %s", (_, stage) => {
    const { text, ...place } = unmark(pipeline(`${stage}\n- sink: out`));
    const found = diagnose(text).find(({ message }) => message.includes("gendr"));
    expect(found).toMatchObject(place);
  });

  test("is right with Windows line ends", () => {
    const { text, ...place } = unmark(
      pipeline("- filter: >\n    value.action == 'BUY'\n    && value.«gendr» == 'x'\n- sink: out"),
    );
    const found = diagnose(text.replaceAll("\n", "\r\n")).find(({ message }) =>
      message.includes("gendr"),
    );
    expect(found).toMatchObject(place);
  });

  test("is inside the call of an aggregator", () => {
    const stages = `- map: { key: value.gender }
- windowedReduce:
    window: { tumbling: 1s, grace: 0s }
    value: { n: ' sum(value.«pirce»)' }
    emit: final
- sink: out`;
    const { text, ...place } = unmark(pipeline(stages));
    expect(diagnose(text)).toMatchObject([{ code: "UNKNOWN_FIELD", ...place }]);
  });
});
