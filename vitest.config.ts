import { defineConfig } from "vitest/config";

/** Where CI wants the counts, as JSON; people get the default reporter only. */
const report = process.env["MILLRACE_TEST_REPORT"];

export default defineConfig({
  test: {
    include: ["test/**/*_test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once would make brokers and browsers wait for each other.
    maxWorkers: 2,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
