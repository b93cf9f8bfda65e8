/**
 * The sample that the project ships.
 *
 * @module
 */

import { generateUserLog } from "./generator.ts";
import { formatUserLog, USER_LOG_COLUMNS } from "./user_log.ts";

export const SAMPLE_ROWS = 10_000;

/** The text of `user_log_sample.csv`. */
export function sampleText(): string {
  const lines = [USER_LOG_COLUMNS.join(",")];
  for (const log of generateUserLog()) {
    lines.push(formatUserLog(log));
    if (lines.length > SAMPLE_ROWS) break;
  }
  return `${lines.join("\n")}\n`;
}
