import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { expect, test } from "vitest";
import { bundleLanguage } from "../../support/browser_bundle.ts";

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

test("the language runs as a script that has nothing but what browsers have", async () => {
  const { code, gzipBytes } = await bundleLanguage();
  console.log(`topology/language for the browser: ${Math.round(gzipBytes / 1000)} kB gzip`);
  const schema = readFileSync(join(ROOT, "../../schemas/user_log.avsc"), "utf8");
  const text = readFileSync(join(ROOT, "../double11.yaml"), "utf8");
  const context = createContext({ TextEncoder, TextDecoder, atob, btoa, schema, text });
  runInContext(code, context);
  const planned = runInContext(
    "JSON.stringify(language.planTopology({ file: 'x', text, files: { read: () => schema } }))",
    context,
  );
  expect(JSON.parse(planned)).toMatchObject({ diagnostics: [], plan: { application: "double11" } });
});
