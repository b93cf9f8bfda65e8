import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { planTopology } from "../../../topology/language/mod.ts";

const TOPOLOGY = fileURLToPath(new URL("../../../topology/", import.meta.url));
const examples = readdirSync(TOPOLOGY)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(TOPOLOGY + name, "utf8"));
const files = {
  read(path: string) {
    try {
      return readFileSync(TOPOLOGY + path, "utf8");
    } catch {
      return undefined;
    }
  },
};

/** What slips in: marks of YAML and CEL, blanks, words that mean something to somebody. */
const SLIPS =
  "{ } [ ] ( ) : , - ? | > & * ! # % @ ' \" \\ \n \t = . $ ` ' '' null true -1 01 1e9 __proto__ key value a b"
    .split(" ")
    .concat(" ", "  ", ": ", "- ", " #", "\n  ", "\u00a0", "，", "：");

/** A cut of some characters with something else in their place, anywhere. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 80 })),
  put: fc.oneof(fc.constant(""), fc.constantFrom(...SLIPS), fc.string({ maxLength: 4 })),
});

test("however a definition is damaged, what is said stands in it and a plan has no errors", () => {
  const damaged = fc.record({
    text: fc.constantFrom(...examples),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
  });
  const runs = Number(process.env["FUZZ_RUNS"] ?? 400);
  fc.assert(
    fc.property(damaged, ({ text, mutations }) => {
      const broken = mutations.reduce((before, { at, cut, put }) => {
        const start = Math.floor(at * before.length);
        return before.slice(0, start) + put + before.slice(start + cut);
      }, text);
      const { plan, diagnostics } = planTopology({ file: "x.yaml", text: broken, files });
      expect(plan === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
      const lines = broken.split("\n");
      for (const { line, column, endColumn, message } of diagnostics) {
        const width = lines[line - 1]?.length ?? -1;
        expect(column).toBeGreaterThanOrEqual(1);
        // One column behind the end of a line stands for what is missing there.
        expect(column).toBeLessThanOrEqual(width + 1);
        expect(endColumn).toBeGreaterThan(column);
        expect(endColumn).toBeLessThanOrEqual(Math.max(width + 1, column + 1));
        expect(message).not.toMatch(/undefined|\[object|NaN/);
      }
    }),
    { numRuns: runs },
  );
}, 120_000);
