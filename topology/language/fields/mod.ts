/**
 * Field specs: what may stand in a definition, and the check of a parsed file against them.
 *
 * @module
 */

export {
  type CheckedTestFile,
  type CheckedTests,
  type CheckedTopology,
  checkConfiguration,
  checkDefinition,
  checkTestFile,
} from "./check.ts";
export { type JsonSchema, jsonSchema, type SchemaRoot } from "./json_schema.ts";
export { OBJECTS } from "./objects.ts";
export { formatReference } from "./reference.ts";
export { STAGE_KINDS } from "./stage.ts";
export type { FieldSpec, FieldType, ObjectSpec } from "./types.ts";
