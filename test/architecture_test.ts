import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const SOURCES = ["topology", "runtime", "web", "data"];

/** Who may import whom. A folder may always import itself; `types` means `import type` only. */
const ALLOWED: Record<string, readonly string[]> = {
  "topology/language": [],
  // What a definition in TypeScript imports.
  topology: ["topology/language"],
  "runtime/fault": [],
  "runtime/wire": [],
  "runtime/serde": ["runtime/wire", "topology/language", "runtime/fault", "types runtime/engine"],
  "runtime/state": ["runtime/wire", "topology/language", "runtime/fault"],
  "runtime/engine": [
    "runtime/state",
    "runtime/serde",
    "runtime/wire",
    "topology/language",
    "runtime/fault",
  ],
  "runtime/kafka": adapters(),
  "runtime/registry": adapters(),
  "runtime/disk": adapters(),
  "runtime/broker": adapters(),
  // The driver runs the production engine, so it imports more of it than types.
  "runtime/testing": [...adapters(), "runtime/engine"],
  web: ["runtime/kafka", "runtime/registry", "runtime/serde", "topology/language", "runtime/fault"],
  data: [
    "runtime/kafka",
    "runtime/registry",
    "runtime/serde",
    "topology/language",
    "runtime/fault",
  ],
  "runtime/cli": [
    "topology/language",
    "runtime/fault",
    "runtime/wire",
    "runtime/serde",
    "runtime/state",
    "runtime/engine",
    "runtime/kafka",
    "runtime/registry",
    "runtime/broker",
    "runtime/disk",
    "runtime/testing",
    "web",
    "data",
  ],
};

function adapters(): string[] {
  return [
    "runtime/wire",
    "runtime/serde",
    "runtime/state",
    "topology/language",
    "runtime/fault",
    "types runtime/engine",
  ];
}

interface Import {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sourceFiles(): string[] {
  return SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name))
      .map((name) => join(folder, name)),
  );
}

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const statement =
    /^(import|export)\b(?:[^;"']*?\bfrom\s*)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  for (const match of text.matchAll(statement)) {
    const target = match[2] ?? match[3] ?? "";
    const before = text.slice(0, match.index);
    found.push({
      file,
      line: before.split("\n").length,
      text: match[0].replace(/\s+/g, " "),
      target,
      typeOnly: /^(import|export)\s+type\b/.test(match[0]),
    });
  }
  return found;
}

function folderOf(file: string): string | undefined {
  const folders = Object.keys(ALLOWED).sort((a, b) => b.length - a.length);
  return folders.find((folder) => file === folder || file.startsWith(`${folder}/`));
}

/** Lines that break the rules, as `file:line import …: why`. */
function violations(imports: readonly Import[]): string[] {
  const broken: string[] = [];
  for (const { file, line, text, target, typeOnly } of imports) {
    const from = folderOf(file);
    const fail = (why: string) => broken.push(`${file}:${line} ${text}: ${why}`);
    if (from === undefined) {
      fail("its folder is not in the architecture");
      continue;
    }
    if (from === "topology/language" && (target.startsWith("node:") || target === "fs"))
      fail("the language runs in a browser");
    if (!target.startsWith(".")) continue;
    if (!/\.(ts|js)$/.test(target)) fail("relative imports name the file");
    const path = relative(ROOT, resolve(ROOT, dirname(file), target));
    const to = folderOf(path);
    if (to === from) continue;
    if (to === undefined) {
      fail("outside the architecture");
      continue;
    }
    const allowed = ALLOWED[from] ?? [];
    if (!allowed.includes(to) && !(typeOnly && allowed.includes(`types ${to}`))) {
      fail(`${from} may not import ${to}`);
    }
    if (path !== `${to}/mod.ts`) fail(`the only door of ${to} is mod.ts`);
  }
  return broken;
}

/** Folders whose code is loaded before anything of the file runs. */
function foldersLoadedBy(entry: string): readonly string[] {
  const loaded = new Set([entry]);
  // A set that grows is walked to its end.
  for (const file of loaded) {
    for (const { text, target, typeOnly } of importsOf(
      file,
      readFileSync(join(ROOT, file), "utf8"),
    )) {
      if (typeOnly || !target.startsWith(".") || text.startsWith("import(")) continue;
      loaded.add(relative(ROOT, resolve(ROOT, dirname(file), target)));
    }
  }
  return [...new Set([...loaded].map((file) => folderOf(file) ?? file))].sort();
}

describe("the architecture", () => {
  const files = sourceFiles();

  it("is kept by every import", () => {
    const imports = files.flatMap((file) =>
      importsOf(file, readFileSync(join(ROOT, file), "utf8")),
    );
    expect(imports.length).toBeGreaterThan(100);
    expect(violations(imports)).toEqual([]);
  });

  it("would notice an upward import, a second door and a Node module in the language", () => {
    const planted = [
      ...importsOf("runtime/wire/murmur2.ts", 'import { Engine } from "../engine/mod.ts";'),
      ...importsOf("runtime/engine/task.ts", 'import { Pane } from "../state/pane.ts";'),
      ...importsOf("topology/language/plan.ts", 'import { readFileSync } from "node:fs";'),
      ...importsOf("runtime/kafka/log.ts", 'import { Engine } from "../engine/mod.ts";'),
      ...importsOf("runtime/kafka/log.ts", 'import type { Log } from "../engine/mod.ts";'),
    ];
    expect(violations(planted).map((line) => line.split(": ").at(-1))).toEqual([
      "runtime/wire may not import runtime/engine",
      "the only door of runtime/state is mod.ts",
      "the language runs in a browser",
      "runtime/kafka may not import runtime/engine",
    ]);
  });

  it.each(["check", "describe"])(
    "lets %s answer without loading a broker's or an engine's code",
    (name) => {
      const folders = foldersLoadedBy(`runtime/cli/commands/${name}.ts`);
      expect(folders).toEqual(["runtime/cli", "topology/language"]);
      expect(foldersLoadedBy("runtime/cli/commands/run.ts")).toContain("runtime/kafka");
    },
  );

  it("has no file over 400 lines without a reason in its header", () => {
    const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join("test", name));
    const long = [...files, ...tests].filter((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const lines = text.split("\n").length - 1;
      const header = text.startsWith("/**") ? text.slice(0, text.indexOf("*/")) : "";
      return lines > 400 && !/Longer than 400 lines: \S/.test(header);
    });
    expect(long).toEqual([]);
  });
});
