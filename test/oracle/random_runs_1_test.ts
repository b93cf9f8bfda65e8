import { testRandomRuns } from "./random_runs.ts";

testRandomRuns(1);
