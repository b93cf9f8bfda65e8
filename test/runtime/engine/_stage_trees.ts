/**
 * Random trees of stages, as YAML and as a naive interpreter that knows nothing of plans, tasks and
 * generated code: one record at a time, one object per record.
 */

import fc from "fast-check";
import {
  CONDITIONS,
  Dead,
  type Expr,
  INTS,
  type Kind,
  n,
  number,
  type Rec,
  TEXTS,
} from "./_stage_expressions.ts";

interface EmitTree {
  readonly loops: 0 | 1 | 2;
  readonly when: Expr<boolean> | undefined;
  readonly key: Expr<string> | undefined;
  readonly value: "as it came" | "int" | "record" | "set" | "tombstone";
  readonly parts: readonly [Expr, Expr];
  readonly headers: readonly (readonly [name: string, value: Expr<string>])[];
}

export type StageTree =
  | { readonly kind: "filter"; readonly when: Expr<boolean> }
  | { readonly kind: "peek"; readonly value: Expr | undefined }
  | { readonly kind: "emit"; readonly emits: readonly EmitTree[] }
  | { readonly kind: "sink"; readonly partition: Expr | undefined };

export interface Tree {
  readonly stages: readonly StageTree[];
  readonly end:
    | { readonly kind: "sink" }
    | { readonly kind: "reduce"; readonly key: Expr<string> | undefined; readonly headers: boolean }
    | { readonly kind: "branch"; readonly ways: readonly (readonly [Expr<boolean>, Tree])[] };
}

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const ints = fc.constantFrom(...INTS);
const texts = fc.constantFrom(...TEXTS);
const conditions = fc.constantFrom(...CONDITIONS);

const emit: fc.Arbitrary<EmitTree> = fc.record({
  loops: fc.constantFrom(0, 0, 1, 2),
  when: maybe(conditions),
  key: maybe(texts),
  value: fc.constantFrom("as it came", "int", "record", "set", "tombstone"),
  parts: fc.tuple(ints, ints),
  headers: fc.uniqueArray(fc.tuple(fc.constantFrom("h0", "h1", "h2"), texts), {
    maxLength: 2,
    selector: ([name]) => name,
  }),
});

const stage: fc.Arbitrary<StageTree> = fc.oneof(
  fc.record({ kind: fc.constant("filter" as const), when: conditions }),
  fc.record({ kind: fc.constant("peek" as const), value: maybe(ints) }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("emit" as const),
      emits: fc.array(emit, { minLength: 1, maxLength: 2 }),
    }),
  },
  fc.record({ kind: fc.constant("sink" as const), partition: maybe(ints) }),
);

export const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    stages: fc.array(stage, { maxLength: 3 }),
    end: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant({ kind: "sink" as const }),
      fc.record({ kind: fc.constant("reduce" as const), key: maybe(texts), headers: fc.boolean() }),
      fc.record({
        kind: fc.constant("branch" as const),
        ways: fc.array(fc.tuple(conditions, tie("tree")), { minLength: 1, maxLength: 2 }),
      }),
    ),
  }),
})).tree;

/** What a run must come to. */
export interface Outcome {
  /** By stream: the partition, or undefined where the key decides it, and the record. */
  readonly written: Map<string, (readonly [partition: number | undefined, record: Rec])[]>;
  readonly ledger: Map<string, Record<string, number>>;
  /** By stage: `<key>@<start>` and the values reduced. */
  readonly windows: Map<string, Map<string, number[]>>;
}

export const WINDOW_MS = 1000;
export const SINK_PARTITIONS = 3;

/** A tree that is laid out: each stage with its id. */
export class Layout {
  /** Lines of `streams:` and of the pipeline's stages. */
  readonly streams: string[] = [];
  readonly yaml: string;
  readonly #run: (record: Rec, to: Outcome) => void;
  #ids = 0;

  constructor(root: Tree) {
    const lines: string[] = [];
    this.#run = this.#tree(root, "int", "      ", lines);
    this.yaml = lines.join("\n");
  }

  interpret(records: readonly Rec[]): Outcome {
    const outcome: Outcome = { written: new Map(), ledger: new Map(), windows: new Map() };
    for (const record of records) this.#run(record, outcome);
    return outcome;
  }

  #tree({ stages, end }: Tree, kind: Kind, indent: string, lines: string[]): Run {
    let of = kind;
    const runs: Step[] = [];
    for (const stage of stages) {
      const id = `x${this.#ids++}`;
      const text = stageText(stage, of, () => this.#stream(id, of));
      lines.push(`${indent}- { id: ${id}, ${text} }`);
      runs.push(stepOf(stage, id));
      if (stage.kind === "emit") of = kindOf(stage.emits, of);
    }
    const last = this.#end(
      of === "tombstone" && end.kind === "reduce" ? { kind: "sink" } : end,
      of,
      indent,
      lines,
    );
    return runs.reduceRight<Run>(
      (next, step) => (record, to) => step(record, to, (passed) => next(passed, to)),
      last,
    );
  }

  #end(end: Tree["end"], of: Kind, indent: string, lines: string[]): Run {
    const id = `x${this.#ids++}`;
    if (end.kind === "sink") {
      lines.push(`${indent}- { id: ${id}, sink: ${this.#stream(id, of)} }`);
      return (record, to) =>
        stepOf({ kind: "sink", partition: undefined }, id)(record, to, () => {});
    }
    if (end.kind === "branch") {
      lines.push(`${indent}- id: ${id}`, `${indent}  branch:`);
      const ways = end.ways.map(([when, inner]) => {
        lines.push(`${indent}    - when: "${when.text(of, undefined)}"`, `${indent}      stages:`);
        return [when, this.#tree(inner, of, `${indent}        `, lines)] as const;
      });
      return (record, to) =>
        counted(to, id, () => {
          const way = ways.find(([when]) => when.of(record, number(record)));
          if (way === undefined) return undefined;
          return () => way[1](record, to);
        });
    }
    const stream = `o_${id}`;
    const key = end.key === undefined ? "" : `key: "${end.key.text(of, undefined)}", `;
    const window = `window: { tumbling: ${WINDOW_MS}ms, grace: 0s }`;
    this.streams.push(`${stream}: {}`);
    lines.push(
      `${indent}- { id: ${id}, windowedReduce: { ${key}${window}, value: { c: count(), s: sum(${n(of)}) }, emit: final } }`,
      ...(end.headers
        ? [
            `${indent}- peek: { every: 1ms }`,
            `${indent}- flatMap: { for: { a: '[value.c]' }, headers: { c: a }, value: { c: a, s: value.s } }`,
            `${indent}- peek: { every: 1ms, value: window.start / value.s }`,
          ]
        : []),
      `${indent}- sink: ${stream}`,
    );
    return reduced(id, end.key);
  }

  #stream(id: string, of: Kind): string {
    const value = of === "tombstone" ? "value: string, " : "";
    this.streams.push(`o_${id}: { ${value}create: { partitions: ${SINK_PARTITIONS} } }`);
    return `o_${id}`;
  }
}

type Run = (record: Rec, to: Outcome) => void;
type Step = (record: Rec, to: Outcome, next: (record: Rec) => void) => void;

function kindOf(emits: readonly EmitTree[], of: Kind): Kind {
  const [{ value }] = emits as [EmitTree];
  if (value === "as it came") return of;
  return value === "set" ? "record" : value;
}

/** All emits of a stage make values of one kind: the first one's. */
function agreed(emits: readonly EmitTree[]): readonly EmitTree[] {
  return emits.map((emit) => ({ ...emit, value: emits[0]!.value }));
}

function stageText(stage: StageTree, of: Kind, stream: () => string): string {
  const quoted = (text: string) => JSON.stringify(text);
  switch (stage.kind) {
    case "filter":
      return `filter: ${quoted(stage.when.text(of, undefined))}`;
    case "peek":
      return stage.value === undefined
        ? "peek: { every: 1ms }"
        : `peek: { every: 1ms, value: ${quoted(stage.value.text(of, undefined))} }`;
    case "sink": {
      const name = stream();
      const { partition } = stage;
      if (partition === undefined) return `sink: ${name}`;
      return `sink: { stream: ${name}, partition: ${quoted(partition.text(of, undefined))} }`;
    }
    case "emit":
      return `flatMap: [${agreed(stage.emits)
        .map((emit) => `{ ${emitText(emit, of)} }`)
        .join(", ")}]`;
  }
}

function emitText(emit: EmitTree, of: Kind): string {
  const { loops, when, key, value, parts, headers } = emit;
  const element = ["", "a", "b"][loops] || undefined;
  const text = (expr: Expr<unknown>) => JSON.stringify(expr.text(of, element));
  const lists = ["", "a: L", "a: L, b: '[a, a + 2]'"][loops]!.replace("L", `'[${n(of)}, 1]'`);
  const all = [
    loops === 0 ? "" : `for: { ${lists} }`,
    when === undefined ? "" : `when: ${text(when)}`,
    key === undefined ? "" : `key: ${text(key)}`,
    value === "int" ? `value: ${text(parts[0])}` : "",
    value === "set" && of === "record" ? `set: { n: ${text(parts[0])} }` : "",
    value === "record" || (value === "set" && of !== "record")
      ? `value: { n: ${text(parts[0])}, m: ${text(parts[1])} }`
      : "",
    value === "tombstone" ? "tombstone: true" : "",
    headers.length === 0
      ? ""
      : `headers: { ${headers.map(([name, made]) => `${name}: ${text(made)}`).join(", ")} }`,
  ].filter((part) => part !== "");
  return all.length > 0 ? all.join(", ") : "when: 'true'";
}

function emitted(emit: EmitTree, record: Rec): Rec[] {
  const of = number(record);
  const lists = [[of], [of, 1], [of, of + 2, 1, 3]];
  const out: Rec[] = [];
  for (const element of lists[emit.loops]!) {
    if (emit.when !== undefined && !emit.when.of(record, element)) continue;
    const key = emit.key === undefined ? record.key : emit.key.of(record, element);
    const [first, second] = emit.parts;
    let { value } = record;
    if (emit.value === "int") value = first.of(record, element);
    if (emit.value === "set" && typeof value === "object" && value !== null)
      value = { ...value, n: first.of(record, element) };
    else if (emit.value === "record" || emit.value === "set")
      value = { n: first.of(record, element), m: second.of(record, element) };
    if (emit.value === "tombstone") value = null;
    const made = emit.headers.map(([name, text]) => [name, text.of(record, element)] as const);
    const names = new Set(made.map(([name]) => name));
    const headers = [...record.headers.filter(([name]) => !names.has(name)), ...made];
    out.push({ ...record, key, value, headers });
  }
  return out;
}

/** Counts a record in exactly one class, then lets it go on. */
function counted(to: Outcome, id: string, decide: () => (() => void) | undefined | "no key"): void {
  const counts = to.ledger.get(id) ?? { in: 0, filtered: 0, nullDropped: 0, dead: 0, passed: 0 };
  to.ledger.set(id, counts);
  const count = (name: string) => {
    counts[name] = counts[name]! + 1;
  };
  count("in");
  let goOn: ReturnType<typeof decide>;
  try {
    goOn = decide();
  } catch (error) {
    if (!(error instanceof Dead)) throw error;
    count("dead");
    return;
  }
  if (goOn === undefined) count("filtered");
  else if (goOn === "no key") count("nullDropped");
  else {
    count("passed");
    goOn();
  }
}

function stepOf(stage: StageTree, id: string): Step {
  return (record, to, next) =>
    counted(to, id, () => {
      switch (stage.kind) {
        case "filter":
          return stage.when.of(record, number(record)) ? () => next(record) : undefined;
        case "peek":
          return () => next(record);
        case "emit": {
          const all = agreed(stage.emits).flatMap((emit) => emitted(emit, record));
          return all.length === 0 ? undefined : () => all.forEach(next);
        }
        case "sink": {
          if (record.value === null && record.key === null) return "no key";
          const partition = stage.partition?.of(record, number(record));
          if (partition !== undefined && !(partition >= 0 && partition < SINK_PARTITIONS))
            throw new Dead();
          return () => {
            const written = to.written.get(`o_${id}`) ?? [];
            to.written.set(`o_${id}`, [...written, [partition, record]]);
            next(record);
          };
        }
      }
    });
}

function reduced(id: string, by: Expr<string> | undefined): Run {
  return (record, to) => {
    const dies = (count: string) => {
      const counts = to.ledger.get(`${id} early`) ?? {};
      to.ledger.set(`${id} early`, { ...counts, [count]: (counts[count] ?? 0) + 1 });
    };
    let { key } = record;
    try {
      if (by !== undefined) key = by.of(record, number(record));
    } catch {
      return dies("dead");
    }
    if (key === null) return dies("nullDropped");
    const counts = to.ledger.get(id) ?? { in: 0, accepted: 0, lateAtSource: 0 };
    to.ledger.set(id, counts);
    counts["in"]!++;
    const start = record.atMs - (record.atMs % WINDOW_MS);
    if (start + WINDOW_MS <= record.streamTimeMs) {
      counts["lateAtSource"]!++;
      return;
    }
    counts["accepted"]!++;
    const windows = to.windows.get(id) ?? new Map<string, number[]>();
    to.windows.set(id, windows);
    const name = `${key}@${start}`;
    windows.set(name, [...(windows.get(name) ?? []), number(record)]);
  };
}
