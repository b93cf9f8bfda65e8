/**
 * Text → a tree that knows where everything stands.
 *
 * @module
 */

export { documentFromObject } from "./from_object.ts";
export {
  alsoKnownAs,
  type DocumentNode,
  type MapNode,
  nodeAt,
  type Path,
  type Range,
  type ScalarNode,
  showPath,
} from "./node.ts";
export { parseYaml } from "./parse.ts";
export { Report } from "./report.ts";
export { type Environment, literalBreaker } from "./variables.ts";
