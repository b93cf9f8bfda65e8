/**
 * The user log: generator, sample, reader of files, feeder.
 *
 * @module
 */

export { type CsvFault, type CsvRow, MAX_LINE_LENGTH, readCsv } from "./csv.ts";
export { type FedRecord, type FeederClock, type FeederOptions, feed, MAX_RUN } from "./feeder.ts";
export { DEFAULT_SEED, generateUserLog } from "./generator.ts";
export { SAMPLE_ROWS, sampleText } from "./sample.ts";
export {
  ACTIONS,
  formatUserLog,
  GENDERS,
  parseUserLog,
  RowError,
  USER_LOG_COLUMNS,
  type UserLog,
} from "./user_log.ts";
export { readUserLog } from "./user_log_file.ts";
