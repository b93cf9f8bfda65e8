/**
 * Plans the definition in one file with the schema in another and prints what came out and what the
 * process has used: `{ codes, cpuMs, maxMb }`. Bundled before it runs, so that no compiler is measured.
 */

import { readFileSync } from "node:fs";
import { planTopology } from "../../../topology/language/mod.ts";

const [definition, schema] = process.argv.slice(2);
const before = process.cpuUsage();
const { diagnostics } = planTopology({
  file: "t.yaml",
  text: readFileSync(definition!, "utf8"),
  files: { read: () => readFileSync(schema!, "utf8") },
});
const { user, system } = process.cpuUsage(before);
// A child of Deno counts what its parent had when it was forked: there, what is resident now.
const maxBytes =
  "Deno" in globalThis ? process.memoryUsage().rss : process.resourceUsage().maxRSS * 1024;
const codes = [...new Set(diagnostics.map(({ code }) => code))];
console.log(JSON.stringify({ codes, cpuMs: (user + system) / 1e3, maxMb: maxBytes / 1e6 }));
