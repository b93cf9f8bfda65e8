/**
 * Avro binary: schema resolution, decoders, projections (closures and generated), encoders.
 *
 * @module
 */

export { createDecoder, type Decoder } from "./decoder.ts";
export { createEncoder, type Encoder } from "./encoder.ts";
export {
  type GeneratedProjectionOptions,
  generateProjection,
  type ProjectionNames,
} from "./generate_projection.ts";
export { MAX_EMPTY_ITEMS, MAX_RECURSION } from "./limits.ts";
export { createProjection, type Projection, type ProjectionOptions } from "./projection.ts";
export { projectionLibrary } from "./projection_library.ts";
