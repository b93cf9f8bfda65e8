/**
 * Every object of the model, by name.
 *
 * @module
 */

import { CONFIGURATION_OBJECTS } from "./configuration.ts";
import { DASHBOARD_OBJECTS } from "./dashboard.ts";
import { STAGE_OBJECTS } from "./stage.ts";
import { STREAM_OBJECTS } from "./stream.ts";
import { TEST_OBJECTS } from "./test.ts";
import { TOPOLOGY } from "./topology.ts";
import type { ObjectSpec } from "./types.ts";

export const OBJECTS: ReadonlyMap<string, ObjectSpec> = new Map<string, ObjectSpec>(
  Object.entries({
    Topology: TOPOLOGY,
    ...STREAM_OBJECTS,
    ...STAGE_OBJECTS,
    ...DASHBOARD_OBJECTS,
    ...TEST_OBJECTS,
    ...CONFIGURATION_OBJECTS,
  }),
);
