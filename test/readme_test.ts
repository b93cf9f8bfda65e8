import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FAULTS } from "../runtime/fault/mod.ts";
import { formatFailure, runDefinitionTest } from "../runtime/testing/mod.ts";
import { AGGREGATORS, OBJECTS, planTopology } from "../topology/language/mod.ts";
import { codesIn, diagnosticCodes, expressionErrorCodes } from "./support/codes.ts";

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const rows = new Set(
  README.split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => Array.from(line.matchAll(/`([A-Z][A-Z_]+)`/g), (match) => match[1]!)),
);

describe("the README", () => {
  it("has a row for every run-time code", () => {
    expect(Object.keys(FAULTS).filter((code) => !rows.has(code))).toEqual([]);
  });

  it("has a row for every code of a diagnostic", () => {
    const codes = diagnosticCodes();
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter((code) => !rows.has(code))).toEqual([]);
  });

  it("has a run-time row for every way an expression can fail", () => {
    const codes = expressionErrorCodes();
    const row = README.split("\n").find((line) =>
      line.includes("an expression failed on a record"),
    );
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !row?.includes(`\`${code}\``))).toEqual([]);
  });

  it("names no code that is nowhere in the source", () => {
    const folders = ["topology/language", "runtime/cli"];
    const known = new Set([...folders.flatMap(codesIn), ...Object.keys(FAULTS)]);
    expect([...rows].filter((code) => !known.has(code))).toEqual([]);
  });

  it.each([
    ["A topology", "## A topology", ["shoppers_by_gender", "per_second"]],
    ["Stages", "### Stages", ["orders-web", "orders-counter", "per_customer", "by_item", "total"]],
    ["Bad records", "**Bad records**", ["per_line", "failed", "per_minute"]],
  ])("shows topologies that are fine as they stand: %s", (_name, heading, subtopologies) => {
    const text = /```yaml\n(topology:[\s\S]*?)```/.exec(README.slice(README.indexOf(heading)))![1]!;
    const { plan, diagnostics } = planTopology({
      file: "README.md",
      text,
      files: { read: (path) => readFileSync(join(ROOT, "topology", path), "utf8") },
    });
    expect(diagnostics).toEqual([]);
    expect(plan?.subtopologies.map(({ name }) => name)).toEqual(subtopologies);
  });

  describe("on testing", () => {
    const [, testing] = /## Testing a topology\n([\s\S]*?)\n## /.exec(README)!;
    const double11 = readFileSync(join(ROOT, "topology/double11.yaml"), "utf8");
    const run = async (text: string) => {
      const { plan, diagnostics } = planTopology({
        file: "topology/double11.yaml",
        text,
        files: { read: (path) => readFileSync(join(ROOT, "topology", path), "utf8") },
      });
      expect(diagnostics).toEqual([]);
      const runs = plan!.tests.map((test) => runDefinitionTest(plan!, test));
      return (await Promise.all(runs)).flat();
    };

    it("shows a test that holds", async () => {
      const [, tests] = /```yaml\n(tests:[\s\S]*?)```/.exec(testing!)!;
      const definition = double11.slice(0, double11.indexOf("tests:"));
      expect(await run(definition + tests)).toEqual([]);
      // One that would notice: nobody bought twice.
      expect(await run(definition + tests!.replace("buyers: 1", "buyers: 2"))).toHaveLength(1);
    });

    it("shows a failure as it is printed", async () => {
      const [, shown] = /```\n(topology[\s\S]*?)\n```/.exec(testing!)!;
      const [failure] = await run(double11.replace("people: 2, buyers: 1", "people: 3, buyers: 1"));
      expect(formatFailure(failure!)).toBe(shown);
    });

    it("has a row for every step, with the fields beside it", () => {
      const { exactlyOne, fields } = OBJECTS.get("Step")!;
      const steps = testing!.split("\n").filter((line) => line.startsWith("| `"));
      const first = steps.map((row) => /^\| `(\w+)/.exec(row)![1]);
      expect(first.toSorted()).toEqual(exactlyOne!.toSorted());
      for (const [name, { beside = [] }] of Object.entries(fields)) {
        for (const step of beside) {
          expect(steps.find((row) => row.startsWith(`| \`${step}`))).toContain(`${name}:`);
        }
      }
    });
  });

  describe("on aggregators", () => {
    const [, aggregators] = /### Aggregators\n([\s\S]*?)\n## /.exec(README)!;

    it("has a row for each, as it is specified", () => {
      const rows = AGGREGATORS.map(({ name, arguments: taken, result, doc }) => {
        const names = taken.map(({ name, optional }) => (optional ? `[${name}]` : name));
        return `| \`${name}(${names.join(", ")})\` | ${result} | ${doc} |`;
      });
      expect(aggregators!.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows);
    });

    it("shows a reducer of one's own that is fine as it stands", () => {
      const [, reducer] = /```yaml\n(mean_price:[\s\S]*?)```/.exec(aggregators!)!;
      const { diagnostics } = planTopology({
        file: "README.md",
        text: `topology: t
streams: { s: { value: { avro: price.avsc } }, out: {} }
pipelines:
  p:
    - source: s
    - windowedReduce:
        key: "'all'"
        window: { tumbling: 1s, grace: 0s }
        emit: final
        value:
${reducer!.replace(/^/gm, "          ")}
    - sink: out
`,
        files: {
          read: () => '{"type":"record","name":"P","fields":[{"name":"price","type":"double"}]}',
        },
      });
      expect(diagnostics).toEqual([]);
    });
  });

  it("names files that exist", () => {
    const paths = Array.from(
      README.matchAll(/`((?:runtime|topology|web|data|test|schemas)\/[\w./]+)`/g),
      (match) => match[1]!,
    );
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) {
      const name = path.replace(/\/$/, "");
      const folder = readdirSync(join(ROOT, name, ".."));
      expect(folder).toContain(name.split("/").at(-1));
    }
  });
});
