import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("../../../topology/language", import.meta.url).pathname;

/** What runs in a browser too. */
const PACKAGES = ["yaml", "re2js"];

test("the language imports nothing of ours outside itself, no node: module, and two packages", () => {
  const offending: string[] = [];
  for (const entry of readdirSync(ROOT, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    const lines = readFileSync(join(ROOT, entry), "utf8").split("\n");
    for (const [index, line] of lines.entries()) {
      const from = /\b(?:from\s+|import\s*\(?\s*)["']([^"']+)["']/.exec(line)?.[1];
      if (from === undefined || PACKAGES.includes(from)) continue;
      const inside = from.startsWith(".") && !join("/", entry, "..", from).startsWith("/../");
      const escapes = join(ROOT, entry, "..", from).startsWith(ROOT);
      if (!inside || !escapes) offending.push(`${entry}:${index + 1} ${line.trim()}`);
    }
  }
  expect(offending).toEqual([]);
});

test("a folder is entered through its mod.ts", () => {
  const offending: string[] = [];
  for (const entry of readdirSync(ROOT, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts")) continue;
    for (const line of readFileSync(join(ROOT, entry), "utf8").split("\n")) {
      const from = /\bfrom\s+["'](\.[^"']+)["']/.exec(line)?.[1];
      if (from === undefined || entry === "mod.ts") continue;
      const target = join(entry, "..", from).split("/");
      const folder = entry.split("/").slice(0, -1).join("/");
      const targetFolder = target.slice(0, -1).join("/");
      const downOrAcross = targetFolder !== folder && !folder.startsWith(targetFolder);
      if (downOrAcross && target.at(-1) !== "mod.ts") offending.push(`${entry}: ${from}`);
    }
  }
  // The contract of plans names expression trees as types; the tree is the leaf both stand on.
  expect(offending).toEqual(["plan.ts: ./expression/tree.ts"]);
});
