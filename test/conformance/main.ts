/**
 * Holds the engine to vectors that Kafka Streams has computed.
 *
 *     npm run conformance -- <folder of .jsonl files> [failures shown a file]
 *
 * @module
 */

import { formatReport, sumOf } from "./report.ts";
import { type FileReport, runFile } from "./run_files.ts";
import { readVectors } from "./vectors.ts";

const [folder, shown = "5"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: npm run conformance -- <folder of .jsonl files> [failures shown a file]");
  process.exit(2);
}
const reports: FileReport[] = [];
for (const file of readVectors(folder)) reports.push(await runFile(file));
console.log(formatReport(reports, Number(shown)));
process.exitCode = sumOf(reports).failed > 0 ? 1 : 0;
