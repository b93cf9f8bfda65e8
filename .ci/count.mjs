// Prints "<passed> <failed>" of a vitest JSON report. Skipped and todo tests count as failed, and so
// does a file that could not be loaded.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
).length;
const failed = report.numFailedTests + report.numPendingTests + (report.numTodoTests ?? 0) + broken;
for (const { name, assertionResults } of report.testResults) {
  for (const { status, fullName } of assertionResults) {
    if (status !== "passed") console.error(`${status}: ${name}: ${fullName}`);
  }
}
console.log(`${report.numPassedTests} ${failed}`);
