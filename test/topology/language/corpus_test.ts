import { describe, expect, test } from "vitest";
import { type CorpusCase, diagnoseCase, type Expected, readCorpus, writeCase } from "./_corpus.ts";

const corpus = readCorpus();
const cases = [...corpus.values()].flat();

const isError = ({ severity }: Expected) => severity === "error";
const place = ({ line, column, endColumn }: Expected) => `${line}:${column}..${endColumn}`;

function isExact(one: CorpusCase): boolean {
  const places = diagnoseCase(one).map(place).sort();
  return places.join() === one.expected.map(place).sort().join();
}

describe.each([...corpus])("%s", (_, ofFile) => {
  test.each(ofFile.map((one) => [one.title, one] as const))("%s", (_title, one) => {
    expect(writeCase(one, diagnoseCase(one))).toBe(one.written);
  });
});

describe("the corpus", () => {
  test("has at least 150 broken definitions, each told from the others", () => {
    expect(cases.filter(({ expected }) => expected.some(isError)).length).toBeGreaterThan(150);
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
    expect(cases.filter(({ expected }) => expected.length === 0)).toEqual([]);
  });

  test("is refused, all of it, and at least 95 % with every place exact", () => {
    const broken = cases.filter(({ expected }) => expected.some(isError));
    const refused = broken.filter((one) => diagnoseCase(one).some(isError));
    const exact = cases.filter(isExact);
    console.log(
      `corpus: refused ${refused.length} of ${broken.length}, ` +
        `line and columns exact ${exact.length} of ${cases.length}`,
    );
    expect(refused.length).toBe(broken.length);
    expect(exact.length).toBeGreaterThanOrEqual(0.95 * cases.length);
  });
});
