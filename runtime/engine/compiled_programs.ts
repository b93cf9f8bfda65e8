/**
 * Generated code of one plan, compiled when it is first needed.
 *
 * @module
 */

import {
  type AvroType,
  isReduce,
  type Plan,
  type Subtopology,
} from "../../topology/language/mod.ts";
import {
  compileInput,
  compileResults,
  flattenNodes,
  type InputProgram,
  type ResultProgram,
  readingOf,
  type UnitFactory,
} from "./program/mod.ts";

/**
 * Programs hold no state: instances of the same plan in one process may share them, if they share the
 * source of their schemas too, because programs are kept by schema id.
 */
export class CompiledPrograms {
  readonly #plan: Plan;
  readonly #inputs = new Map<string, UnitFactory<InputProgram>>();
  readonly #results = new Map<string, UnitFactory<ResultProgram>>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /**
   * @param preAggregates records are put together before they travel, where that can be
   * @param schemaId Registry id of the writer's schema, or one of the constants of `input.ts`.
   * @param writer That schema, where values have one.
   * @param isGone records are rows of a table that are taken back
   */
  input(
    preAggregates: boolean,
    subtopology: Subtopology,
    input: number,
    schemaId: number,
    writer: AvroType | undefined,
    isGone: boolean,
  ): UnitFactory<InputProgram> {
    const name = `${preAggregates}/${subtopology.name}/${input}/${schemaId}/${isGone}`;
    let compiled = this.#inputs.get(name);
    if (compiled === undefined) {
      const reading = readingOf(this.#plan, subtopology.inputs[input]!, writer);
      compiled = compileInput(this.#plan, subtopology, input, reading, preAggregates, isGone);
      this.#inputs.set(name, compiled);
    }
    return compiled;
  }

  /** @param stage Number of a window stage among the subtopology's nodes. */
  results(
    preAggregates: boolean,
    subtopology: Subtopology,
    stage: number,
  ): UnitFactory<ResultProgram> {
    const name = `${preAggregates}/${subtopology.name}/${stage}`;
    let compiled = this.#results.get(name);
    if (compiled === undefined) {
      const node = flattenNodes(subtopology)[stage]!;
      if (!isReduce(node)) throw new TypeError(`Cannot compile ${node.stage}`);
      compiled = compileResults(this.#plan, subtopology, node, preAggregates);
      this.#results.set(name, compiled);
    }
    return compiled;
  }
}
