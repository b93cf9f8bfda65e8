/**
 * The command line in one file of plain JavaScript, for tests that start it so often that stripping
 * types each time would be most of what they do.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Inside the checkout, where the packages that it imports are found. @returns its path */
export async function bundleMillrace(): Promise<string> {
  const outfile = join(ROOT, `test/output/millrace-${process.pid}.mjs`);
  const entry = 'import { main } from "./runtime/cli/main.ts"; await main(process.argv.slice(2));';
  await build({
    stdin: { contents: entry, resolveDir: ROOT, loader: "js" },
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "silent",
  });
  return outfile;
}
