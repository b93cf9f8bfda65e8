import { describe, expect, test } from "vitest";
import { cli } from "./_cli.ts";

describe("describe", () => {
  test("prints the shipped definition in the format asked for", async () => {
    const text = await cli("describe", "topology/double11.yaml");
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/^Topologies:\n {3}Sub-topology: 0\n {4}Source: user_log-source /);
    const json = await cli("describe", "topology/double11.yaml", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, application: "double11" });
    const dot = await cli("describe", "topology/double11.yaml", "--format", "dot");
    expect(dot.stdout).toMatch(/^digraph "double11" \{/);
  });

  test("refuses a format that it does not know, with its help", async () => {
    const { code, stderr } = await cli("describe", "topology/double11.yaml", "--format", "svg");
    expect(code).toBe(2);
    expect(stderr).toContain('--format takes one of text, mermaid, dot, json, got "svg"');
  });

  test("of a definition with errors says what is wrong", async () => {
    const { code, stderr } = await cli("describe", "schemas/user_log.avsc");
    expect(code).toBe(1);
    expect(stderr).toContain("UNKNOWN_KEY");
  });
});
