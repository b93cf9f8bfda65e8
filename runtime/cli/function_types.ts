/**
 * Types of the user's functions: written beside the definition for their editor, and checked by the
 * TypeScript compiler where one is installed.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic, FunctionModule } from "../../topology/language/mod.ts";

/** `orders.yaml` → `orders.yaml.types.d.ts` */
export function typesFile(definition: string): string {
  return `${definition}.types.d.ts`;
}

/** Writes the declarations where they are not there yet as they are. @returns true when it did */
export function writeFunctionTypes(definition: string, { types }: FunctionModule): boolean {
  const file = typesFile(definition);
  if (existsSync(file) && readFileSync(file, "utf8") === types) return false;
  writeFileSync(file, types);
  return true;
}

export interface CheckedFunctions {
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that diagnostics are about, by the names they use. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * What the TypeScript compiler says of the module, and of each function at the places where it is used.
 *
 * @returns undefined where no compiler is installed
 */
export async function checkFunctionTypes(
  definition: string,
  module: FunctionModule,
): Promise<CheckedFunctions | undefined> {
  const compiler = findCompiler();
  if (compiler === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "millrace-"));
  try {
    const file = resolve(dirname(definition), module.path);
    writeFileSync(join(folder, "functions.d.ts"), module.types);
    writeFileSync(join(folder, USES), usesOf(file, module.names));
    return readFindings(await compile(compiler, folder), folder, definition, module);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const USES = "uses.ts";
/** Lines of `USES` before that of the first function. */
const USES_HEAD_LINES = 2;

/** Each function where the types say what it has to be: what does not fit is an error of that line. */
function usesOf(module: string, names: readonly string[]): string {
  return [
    'import type { Functions } from "./functions.d.ts";',
    `import * as module from ${JSON.stringify(module)};`,
    ...names.map((name, n) => {
      const quoted = JSON.stringify(name);
      return `export const use${n}: Functions[${quoted}] = module[${quoted}];`;
    }),
  ].join("\n");
}

function findCompiler(): string | undefined {
  try {
    const manifest = fileURLToPath(import.meta.resolve("typescript/package.json"));
    const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin?: { tsc?: string } };
    return bin?.tsc && join(dirname(manifest), bin.tsc);
  } catch {
    return undefined;
  }
}

/** @returns what the compiler prints; it ends with an error code when it has found something */
function compile(compiler: string, folder: string): Promise<string> {
  const run = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--pretty", "false"];
  const modules = ["--target", "esnext", "--module", "esnext", "--moduleResolution", "bundler"];
  const parameters = [...run, compiler, ...options, ...modules, "--allowImportingTsExtensions"];
  return new Promise((done) => {
    execFile(process.execPath, [...parameters, USES], { cwd: folder }, (_, stdout) => done(stdout));
  });
}

/** `../orders.functions.ts(3,14): error TS2322: Type 'string' is not assignable to type 'number'.` */
const FINDING = /^(.*)\((\d+),(\d+)\): error (TS\d+: .*)$/;

function readFindings(
  printed: string,
  folder: string,
  definition: string,
  module: FunctionModule,
): CheckedFunctions {
  const file = resolve(dirname(definition), module.path);
  const text = readFileSync(file, "utf8");
  // As a person would call it: like the definition, from where they stand.
  const shown = join(dirname(definition), module.path);
  const diagnostics: Diagnostic[] = [];
  for (const line of printed.split(/\r?\n/)) {
    const found = FINDING.exec(line);
    if (found === null) {
      const last = diagnostics.at(-1);
      // More of the finding before.
      if (last !== undefined && line.startsWith("  ")) {
        diagnostics[diagnostics.length - 1] = { ...last, message: `${last.message}\n${line}` };
      }
      continue;
    }
    const [, where, row, column, message] = found as unknown as readonly string[];
    const at = resolve(folder, where!);
    const name =
      at === join(folder, USES) ? module.names[Number(row) - 1 - USES_HEAD_LINES] : undefined;
    const place =
      name === undefined
        ? { line: Number(row), column: Number(column), length: 1 }
        : declarationOf(name, text);
    diagnostics.push({
      code: "FUNCTION_TYPE",
      severity: "error",
      file: name === undefined && at !== file ? at : shown,
      line: place.line,
      column: place.column,
      endColumn: place.column + place.length,
      path: name === undefined ? "functions" : `functions.${name}`,
      message: name === undefined ? message! : `${name} does not fit where it is used: ${message}`,
      ...(name !== undefined && {
        hint: `Functions["${name}"] of ${basename(typesFile(definition))}`,
      }),
    });
  }
  return { diagnostics, texts: new Map([[shown, text]]) };
}

/** Where a function gets its name; the beginning of the module where that is not to be seen. */
function declarationOf(
  name: string,
  text: string,
): { readonly line: number; readonly column: number; readonly length: number } {
  const escaped = name.replaceAll("$", "\\$");
  const lines = text.split("\n");
  for (const [n, line] of lines.entries()) {
    const found = new RegExp(
      `^(\\s*(?:export\\s+)?(?:async\\s+)?(?:function\\*?|const|let|var)\\s+)${escaped}\\b`,
    ).exec(line);
    if (found !== null) return { line: n + 1, column: found[1]!.length + 1, length: name.length };
  }
  return { line: 1, column: 1, length: 1 };
}
