/**
 * What drivers of one plan share, so that each test costs its own records only.
 *
 * @module
 */

import type { Plan, StreamPlan } from "../../topology/language/mod.ts";
import { CompiledPrograms, type Functions, type SchemaSource } from "../engine/mod.ts";
import {
  createRecordDecoder,
  createRecordEncoder,
  type RecordDecoder,
  type RecordEncoder,
} from "../serde/mod.ts";
import { MemorySchemas } from "./memory_schemas.ts";

/** Compiled programs, encoders, decoders and schema ids: nothing that a test could change. */
export class PreparedPlan {
  readonly plan: Plan;
  readonly functions: Functions;
  readonly schemas: SchemaSource;
  readonly programs: CompiledPrograms;
  readonly #encoders = new Map<string, RecordEncoder>();
  readonly #decoders = new Map<string, RecordDecoder>();

  constructor(plan: Plan, functions: Functions = {}, schemas: SchemaSource = new MemorySchemas()) {
    this.plan = plan;
    this.functions = functions;
    this.schemas = schemas;
    this.programs = new CompiledPrograms(plan);
  }

  /** @throws {RangeError} when the plan has no such stream */
  stream(name: string): StreamPlan {
    const stream = this.plan.streams[name];
    if (stream === undefined) throw new RangeError(`Cannot find stream ${name} in the plan`);
    return stream;
  }

  encoder(stream: StreamPlan): RecordEncoder {
    return remembered(this.#encoders, stream.name, () => createRecordEncoder(stream, this.schemas));
  }

  decoder(stream: StreamPlan): RecordDecoder {
    return remembered(this.#decoders, stream.name, () => createRecordDecoder(stream, this.schemas));
  }
}

function remembered<T>(made: Map<string, T>, name: string, make: () => T): T {
  let found = made.get(name);
  if (found === undefined) {
    found = make();
    made.set(name, found);
  }
  return found;
}
