/**
 * Running topologies without a broker: the test driver, the log in memory, tests of definitions.
 *
 * @module
 */

export { runDefinitionTest, type TestFailure } from "./definition_tests.ts";
export type { Difference } from "./differences.ts";
export { formatFailure } from "./format_failure.ts";
export { ManualClock } from "./manual_clock.ts";
export { MemoryCluster } from "./memory_cluster.ts";
export { MemoryLog, type MemoryLogOptions, type Schedule } from "./memory_log.ts";
export { MemorySchemas } from "./memory_schemas.ts";
export { MemorySnapshots } from "./memory_snapshots.ts";
export { PreparedPlan } from "./prepared_plan.ts";
export { appendRecord } from "./record_batches.ts";
export { TestDriver, type TestDriverOptions, type WrittenRecord } from "./test_driver.ts";
