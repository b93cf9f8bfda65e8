import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*_test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: one file with its own broker at a time beside one light file keeps timings honest.
    maxWorkers: 2,
  },
});
