import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOSTILE_FILES, HOSTILE_SCHEMAS, SCHEMA_USER } from "./_hostile_files.ts";

/** What is promised is 200 MB and a second; other work on the machine must not fail a test. */
const LIMITS = { maxMb: 250, wallMs: 20_000 } as const;

const HOSTILE = [
  ...HOSTILE_FILES.map(([what, code, text]) => ({
    what: `a file of ${what}`,
    code,
    text,
    schema: "",
  })),
  ...HOSTILE_SCHEMAS.map(([what, code, schema]) => ({
    what: `a schema of ${what}`,
    code,
    text: SCHEMA_USER,
    schema,
  })),
];

const figures: { readonly what: string; readonly cpuMs: number; readonly maxMb: number }[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-hostile-"));
  await build({
    entryPoints: [fileURLToPath(new URL("./_diagnose_process.ts", import.meta.url))],
    outfile: join(folder, "diagnose.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    logLevel: "silent",
  });
});

afterAll(async () => {
  const show = (by: "cpuMs" | "maxMb", unit: string) => {
    const worst = figures.toSorted((a, b) => b[by] - a[by])[0];
    if (worst !== undefined)
      console.log(`most ${unit}: ${Math.round(worst[by])}, by ${worst.what}`);
  };
  show("cpuMs", "ms of CPU time");
  show("maxMb", "MB");
  await rm(folder, { recursive: true });
});

test.each(HOSTILE)(
  "$what costs a process little and is answered with $code",
  async (hostile) => {
    const { what, code, text, schema } = hostile;
    const definition = join(folder, "t.yaml");
    const schemaFile = join(folder, "x.avsc");
    await writeFile(definition, text);
    await writeFile(schemaFile, schema);
    const runtime = "Deno" in globalThis ? ["run", "-A"] : [];
    const args = [...runtime, join(folder, "diagnose.cjs"), definition, schemaFile];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: LIMITS.wallMs,
    });
    const { codes, cpuMs, maxMb } = JSON.parse(stdout);
    figures.push({ what, cpuMs, maxMb });
    expect(codes).toContain(code);
    expect(maxMb).toBeLessThan(LIMITS.maxMb);
  },
  30_000,
);
