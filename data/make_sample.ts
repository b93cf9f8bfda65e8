/**
 * Writes `user_log_sample.csv`: the first 10,000 rows of the generator, with a header line.
 *
 *     node --import tsx data/make_sample.ts
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { sampleText } from "./sample.ts";

writeFileSync(new URL("user_log_sample.csv", import.meta.url), sampleText());
