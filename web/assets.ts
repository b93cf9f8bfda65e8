/**
 * The files of the page, read into memory once: a fixed map from URL path to bytes. A request never
 * becomes a file path.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface Asset {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly etag: string;
}

export interface Assets {
  readonly byPath: ReadonlyMap<string, Asset>;
  /** CSP source of the one inline script, the import map. */
  readonly inlineScriptHash: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
  // Types are stripped before it is served: what travels is JavaScript under its source's name.
  ts: "text/javascript; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/**
 * Reads the page and strips the types of its modules (amaro, a WebAssembly build of SWC: 0.14 s on
 * first use, so it is loaded by the first request and not at start).
 */
export async function loadAssets(): Promise<Assets> {
  const { transformSync } = await import("amaro");
  const here = new URL("./", import.meta.url);
  const uplot = new URL("./", pathToFileURL(createRequire(import.meta.url).resolve("uplot")));
  const page = await readdir(new URL("page/", here));
  const sources: [path: string, url: URL][] = [
    ...page.map((name): [string, URL] => [`/page/${name}`, new URL(`page/${name}`, here)]),
    ["/protocol.ts", new URL("protocol.ts", here)],
    ["/vendor/uplot.js", new URL("uPlot.esm.js", uplot)],
    ["/vendor/uplot.css", new URL("uPlot.min.css", uplot)],
  ];

  const byPath = new Map<string, Asset>();
  let inlineScriptHash = "";
  for (const [path, url] of sources) {
    let text = await readFile(url, "utf8");
    const extension = path.slice(path.lastIndexOf(".") + 1);
    const contentType = CONTENT_TYPES[extension];
    if (contentType === undefined) continue;
    if (extension === "ts") text = transformSync(text, { mode: "strip-only" }).code;
    if (path === "/page/index.html") inlineScriptHash = hashOfInlineScript(text);
    const body = new TextEncoder().encode(text);
    const asset = { contentType, body, etag: `"${sha256(text).slice(0, 27)}"` };
    byPath.set(path === "/page/index.html" ? "/" : path, asset);
  }
  return { byPath, inlineScriptHash };
}

function hashOfInlineScript(html: string): string {
  const script = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  return `'sha256-${sha256(script)}'`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
