/**
 * The JSON Schema, which editors check by, against `check`: what the one refuses in the shape of a
 * file the other refuses, whatever somebody writes; where they differ stands here, with the reason.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { documentFromObject } from "../../../../topology/language/document/from_object.ts";
import { showPath } from "../../../../topology/language/document/mod.ts";
import {
  DURATION,
  INSTANT,
  parseDuration,
  parseInstant,
} from "../../../../topology/language/duration.ts";
import {
  checkDefinition,
  checkTestFile,
  type SchemaRoot,
} from "../../../../topology/language/fields/mod.ts";
import { type Diagnostic, planTopology } from "../../../../topology/language/mod.ts";
import { places, slips, valuesOf, withSlips } from "./_random_values.ts";
import { compileSchema } from "./_schemas.ts";

const ROOTS = ["Topology", "TestFile"] as const satisfies readonly SchemaRoot[];
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 2500);
/** The same values each time, and others by choice; a failure prints the seed and the way to it. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_151_111);

const VARIABLE = /\$\{/;

/** What is wrong with the form of a file: nothing that a name or a type elsewhere decides. */
function faultsOf(root: SchemaRoot, value: unknown): readonly Diagnostic[] {
  const { root: node, report } = documentFromObject("x.json", value);
  if (node !== undefined) (root === "Topology" ? checkDefinition : checkTestFile)(node, report);
  return report.diagnostics.filter(({ severity }) => severity === "error");
}

/** What `check` refuses and the schema cannot. */
const DEVIATIONS: readonly {
  readonly why: string;
  readonly code: string;
  /** Whether what stands there is what is meant. */
  readonly is: (value: unknown) => boolean;
  readonly example: (value: unknown) => unknown;
  readonly of: unknown;
}[] = [
  {
    why: "a duration of more ms than can be counted: a pattern does not multiply",
    code: "BAD_DURATION",
    is: (value) => isOneBeyond(DURATION, parseDuration, value),
    example: (value) => definition({ streams: { s: { idle: value } } }),
    of: "99999999999999999d",
  },
  {
    why: "a day that is in no calendar, or before 1970: a pattern knows no months",
    code: "BAD_DURATION",
    is: (value) => isOneBeyond(INSTANT, parseInstant, value),
    example: (value) => definition({ tests: [sending({ at: value, value: 1 })] }),
    of: "2015-02-31T00:00:00Z",
  },
  {
    why: "a number that a double rounds, in test data, where anything may stand",
    code: "LOSSY_NUMBER",
    is: (value) => typeof value === "number",
    example: (value) => definition({ tests: [sending({ value })] }),
    of: 2 ** 53,
  },
  {
    why: "a variable of the environment, which a file may have and the object form, checked here, has not",
    code: "BAD_VALUE",
    is: (value) => typeof value === "string" && VARIABLE.test(value),
    example: (value) => definition({ streams: { s: { idle: value } } }),
    of: "$" + "{X}",
  },
];

/** Of the right form, and still none. */
function isOneBeyond(form: RegExp, parse: (text: string) => unknown, value: unknown): boolean {
  return typeof value === "string" && form.test(value) && parse(value) === undefined;
}

function definition(more: object): object {
  return { topology: "t", pipelines: { p: [{ source: "s" }] }, ...more };
}

function sending(record: object): object {
  return { name: "t", steps: [{ send: "s", records: [record] }] };
}

/** Faults that are no deviation. */
function unexpected(root: SchemaRoot, value: unknown): readonly string[] {
  const at = new Map([...places(value)].map((place) => [showPath(place.path), place]));
  return faultsOf(root, value)
    .filter(({ code, path }) => {
      const place = at.get(path);
      const found = place?.parent[place.key];
      return !DEVIATIONS.some((deviation) => deviation.code === code && deviation.is(found));
    })
    .map(({ code, path, message }) => `${code} ${path}: ${message}`);
}

describe.each(ROOTS)("of a %s", (root) => {
  const validate = compileSchema(root);

  test("all that the field specs allow is taken by both", () => {
    fc.assert(
      fc.property(valuesOf(root), (value) => {
        const written = withSlips(value, []);
        validate(written);
        expect([validate.errors ?? [], faultsOf(root, written)]).toEqual([[], []]);
      }),
      { numRuns: RUNS / 4, seed: SEED },
    );
  });

  test("what one refuses for its form the other refuses", () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(valuesOf(root), slips, (value, made) => {
        const written = withSlips(value, made);
        const isTaken = validate(written);
        seen[isTaken ? "taken" : "refused"]++;
        if (isTaken) expect(unexpected(root, written)).toEqual([]);
        else expect(faultsOf(root, written)).not.toEqual([]);
        // What is wrong in one place stops nobody from looking at the others.
        const plan = root === "Topology" ? planOf(written) : undefined;
        if (!isTaken) expect(plan).toBeUndefined();
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // It would mean nothing if nearly all of them were alike.
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(RUNS / 5);
  });
});

function planOf(object: unknown) {
  const files = { read: () => undefined };
  return planTopology({ file: "x.ts", object, files }).plan;
}

describe("where they differ", () => {
  const validate = compileSchema("Topology");
  test.each(DEVIATIONS.map((deviation) => [deviation.code, deviation.why, deviation] as const))(
    "%s: %s",
    (code, _, { example, of, is }) => {
      const written = example(of);
      expect(validate(written)).toBe(true);
      expect(faultsOf("Topology", written).map((fault) => fault.code)).toEqual([code]);
      expect(is(of)).toBe(true);
    },
  );
});
