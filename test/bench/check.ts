/**
 * What `millrace check` costs, as a process, and how large the language is in a browser.
 *
 *     node --import tsx test/bench/check.ts
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleLanguage } from "../support/browser_bundle.ts";
import { manyStages } from "../support/many_stages.ts";

const RUNS = 5;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Prints what the process has used when it ends. */
const USAGE = `data:text/javascript,${encodeURIComponent(`
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    process.stderr.write("\\nusage " + JSON.stringify([(userCPUTime + systemCPUTime) / 1e3, maxRSS / 1024]));
  });
`)}`;

interface Usage {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly maxMb: number;
}

/** The quickest of several runs: other work on the machine is not what is measured. */
function measure(args: readonly string[], exitCode: number): Usage {
  const runs = Array.from({ length: RUNS }, () => {
    const command = ["--import", USAGE, "runtime/cli/millrace.js", ...args];
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, command, {
      cwd: ROOT,
      encoding: "utf8",
    });
    const wallMs = performance.now() - start;
    if (status !== exitCode) throw new Error(`${args.join(" ")}: exit ${status}\n${stderr}`);
    const [cpuMs, maxMb] = JSON.parse(/usage (.*)$/.exec(stderr)![1]!) as [number, number];
    return { cpuMs, wallMs, maxMb };
  });
  return runs.toSorted((a, b) => a.cpuMs - b.cpuMs)[0]!;
}

function show(what: string, { cpuMs, wallMs, maxMb }: Usage, before?: Usage): void {
  const beyond =
    before === undefined ? "" : `, ${Math.round(cpuMs - before.cpuMs)} ms CPU beyond start-up`;
  const [cpu, wall, memory] = [cpuMs, wallMs, maxMb].map(Math.round);
  console.log(`${what.padEnd(34)} ${cpu} ms CPU, ${wall} ms wall, ${memory} MB${beyond}`);
}

const folder = mkdtempSync(join(ROOT, "topology", ".bench-"));
try {
  const large = join(folder, "large.yaml");
  writeFileSync(large, manyStages(1_000).replaceAll("../schemas/", "../../schemas/"));
  const startUp = measure(["--help"], 0);
  show("start-up (--help)", startUp);
  show("check topology/double11.yaml", measure(["check", "topology/double11.yaml"], 0), startUp);
  show("check, 1,000 stages", measure(["check", large], 0), startUp);
} finally {
  rmSync(folder, { recursive: true });
}
const { code, gzipBytes } = await bundleLanguage();
console.log(
  `topology/language for the browser: ${Math.round(code.length / 1000)} kB, ${Math.round(gzipBytes / 1000)} kB gzip`,
);
