/**
 * Chains of stateless operations, as a definition.
 *
 * A fork becomes pipelines that read one and are merged again. A branch ends its pipeline, so the arms
 * that go on in the chain write a stream that the next pipeline reads.
 *
 * @module
 */

import type { Emit, LoopedEmit, Stage, Stream, Topology } from "../../topology/mod.ts";
import { TIMELESS } from "./translate_reduce.ts";
import type { Arm, Op, Predicate, StatelessVector } from "./vectors.ts";

const LONGS = { key: "string", value: "long", ...TIMELESS } as const satisfies Stream;
/** In Kafka Streams' concatenations a null key is this text. */
const KEY_TEXT = "(key == null ? 'null' : key)";

export function translateStateless({ params: { chain } }: StatelessVector): Topology {
  return new Chain().translate(chain);
}

class Chain {
  readonly #streams: Record<string, Stream> = { input: { ...LONGS, topic: "in" } };
  readonly #pipelines: Record<string, readonly Stage[]> = {};
  /** Stages of the pipeline in the making; undefined when no record gets here. */
  #stages: Stage[] | undefined = sourceOf("input");

  translate(chain: readonly Op[]): Topology {
    for (const op of chain) this.#add(op);
    this.#end([{ sink: this.#output("out") }]);
    return { topology: "conformance", streams: this.#streams, pipelines: this.#pipelines };
  }

  #add(op: Op): void {
    if (this.#stages === undefined) return;
    switch (op.op) {
      case "mergeInput": {
        const before = this.#end();
        if (this.#pipelines["second"] === undefined) {
          this.#streams["input_2"] = { ...LONGS, topic: "in2" };
          this.#pipelines["second"] = sourceOf("input_2");
        }
        this.#stages = [{ source: [before, "second"] }];
        return;
      }
      case "fork": {
        const before = this.#end();
        const arms = op.arms.map((ops) => {
          this.#stages = [{ source: before }, ...ops.map(stageOf)];
          return this.#end();
        });
        this.#stages = [{ source: arms }];
        return;
      }
      case "branch":
        this.#branch(op.arms, op.default);
        return;
      default:
        this.#stages.push(stageOf(op));
    }
  }

  #branch(arms: readonly Arm[], rest: Omit<Arm, "pred"> | null): void {
    const merged = `merged_${Object.keys(this.#streams).length}`;
    const goesOn = [...arms, ...(rest === null ? [] : [rest])].some(({ to }) => to === "merge");
    const stagesOf = ({ ops, to }: Omit<Arm, "pred">): readonly Stage[] => [
      ...ops.map(stageOf),
      { sink: to === "merge" ? merged : this.#output(to) },
    ];
    const branches = arms.map((arm) => ({ when: conditionOf(arm.pred), stages: stagesOf(arm) }));
    const last = rest === null ? [] : [{ stages: stagesOf(rest) }];
    this.#end([{ branch: [...branches, ...last] }]);
    this.#stages = undefined;
    if (!goesOn) return;
    this.#streams[merged] = LONGS;
    this.#stages = [{ source: merged }];
  }

  /** Ends the pipeline in the making. @returns its name */
  #end(stages: readonly Stage[] = []): string {
    const name = `p${Object.keys(this.#pipelines).length}`;
    if (this.#stages !== undefined) this.#pipelines[name] = [...this.#stages, ...stages];
    return name;
  }

  /** @returns the stream of an output topic */
  #output(topic: string): string {
    const name = topic.replaceAll("-", "_");
    this.#streams[name] = { key: "string", value: "long", topic };
    return name;
  }
}

/** One stage is behind each source, so that a null value is counted once. */
function sourceOf(stream: string): Stage[] {
  return [{ source: stream }, { filter: true }];
}

function stageOf(op: Op): Stage {
  switch (op.op) {
    case "filter":
      return { filter: conditionOf(op.pred) };
    case "filterNot":
      return { filter: `!(${conditionOf(op.pred)})` };
    case "add":
      return { map: { value: plus(op.n) } };
    case "mul":
      return { map: { value: `value * (${op.n})` } };
    case "selectKeyMod":
      return { map: { key: `'m' + string(${floorMod(op.n)})` } };
    case "map":
      return { map: { key: `${KEY_TEXT} + '!'`, value: plus(1) } };
    case "flatMapValues":
      return flatMapOf(op.n, (j) => ({ value: plus(j) }));
    case "flatMap":
      return flatMapOf(op.n, (j) => ({ key: `${KEY_TEXT} + '/${j}'`, value: plus(j) }));
    default:
      throw new TypeError(`Cannot translate ${op.op} here: it is no single stage`);
  }
}

function flatMapOf(n: number, emit: (j: number) => Emit): Stage {
  const emits: readonly LoopedEmit[] = Array.from({ length: n }, (_, j) => emit(j));
  return n === 0 ? { filter: false } : { flatMap: emits };
}

function conditionOf(pred: Predicate): string {
  if ("valueMod" in pred) return `${floorMod(pred.valueMod[0])} == ${pred.valueMod[1]}`;
  if ("valueGt" in pred) return `value > (${pred.valueGt})`;
  if ("valueNull" in pred) return "value == null";
  return `key in [${pred.keyIn.map((key) => `'${key}'`).join(", ")}]`;
}

function plus(n: number): string {
  return `value + (${n})`;
}

/** CEL's remainder has the sign of the dividend. */
function floorMod(n: number): string {
  return `((value % ${n} + ${n}) % ${n})`;
}
