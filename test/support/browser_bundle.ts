import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** The language as one minified script for browsers, which sets `language`; what needs a platform fails the build. */
export async function bundleLanguage(): Promise<{
  readonly code: string;
  readonly gzipBytes: number;
}> {
  const entry = new URL("../../topology/language/mod.ts", import.meta.url);
  const { outputFiles } = await build({
    entryPoints: [decodeURIComponent(entry.pathname)],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    globalName: "language",
    platform: "browser",
    target: "es2023",
    logLevel: "silent",
  });
  const { contents, text } = outputFiles[0]!;
  return { code: text, gzipBytes: gzipSync(contents).length };
}
