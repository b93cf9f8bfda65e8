/**
 * Holds the engine to vectors that Kafka Streams has computed.
 *
 *     npm run conformance -- <folder of .jsonl files> [failures shown a file]
 *
 * The way of a case: `vectors.ts` reads it, `translate_*.ts` make a definition of it, `run_vector.ts`
 * (`run_partition.ts` for partitioners) runs that on the test driver, and `run_files.ts` compares what
 * came with what `rules.ts` expects.
 *
 * Expectations are never computed where Millrace means the same as Kafka Streams: then they are the
 * case's own. Where it differs on purpose, the difference is a rule, a function from one semantics to
 * another; `kafka_streams/` is a model of the operators that takes its semantics as an argument. Under
 * Kafka Streams' own it has to give the case's outcome, or no rule is applied; under those of all rules
 * it gives what Millrace has to give. Which rules a case needed is in the report.
 *
 * Exit codes: 0 all passed, 1 some failed (not built included), 2 nothing to run.
 *
 * @module
 */

import { formatReport, sumOf } from "./report.ts";
import { type FileReport, runFile } from "./run_files.ts";
import { readVectors, type VectorFile } from "./vectors.ts";

const [folder, shown = "5"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("Usage: npm run conformance -- <folder of .jsonl files> [failures shown a file]");
  process.exit(2);
}
const files = vectorsIn(folder);
const reports: FileReport[] = [];
for (const file of files) reports.push(await runFile(file));
console.log(formatReport(reports, Number(shown)));
process.exitCode = sumOf(reports).failed > 0 ? 1 : 0;

/** Nothing to run is no success. */
function vectorsIn(folder: string): readonly VectorFile[] {
  try {
    const files = readVectors(folder);
    if (files.length > 0) return files;
    console.error(`Cannot run vectors: ${folder} has no .jsonl files`);
  } catch (error) {
    console.error(`Cannot read vectors: ${String(error)}`);
  }
  process.exit(2);
}
