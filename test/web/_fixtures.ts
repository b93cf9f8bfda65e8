/**
 * A dashboard like the shipped one, and records for it.
 */

import type { DashboardPlan, Expression } from "../../topology/language/mod.ts";
import type { Evaluate, SinkRecord } from "../../web/mod.ts";

export function path(text: string): Expression {
  const [root, ...fields] = text.split(".");
  const span = { start: 0, end: text.length };
  return { type: { kind: "int" }, span, op: "path", root: root!, path: fields };
}

/** Enough of an evaluator for the paths above; the product gets the language's. */
export const evaluatePaths: Evaluate = (expression) => {
  if (expression.op !== "path") throw new Error("only paths in these tests");
  const { root, path: fields } = expression;
  return (scope) => {
    let value: unknown = scope[root as keyof typeof scope];
    for (const field of fields) value = (value as Record<string, unknown>)[field];
    return value;
  };
};

export const SHOPPERS: DashboardPlan = {
  title: { zh: "男女生购物人数实时分析", en: "Shoppers by gender, live" },
  charts: [
    {
      stream: "shoppers",
      y: path("value.people"),
      series: path("key"),
      only: ["FEMALE", "MALE"],
      labels: {
        FEMALE: { zh: "女生购物人数", en: "Girls" },
        MALE: { zh: "男生购物人数", en: "Boys" },
      },
      points: 20,
      missing: "zero",
      as: "line",
      stepMs: 1_000,
    },
  ],
  counters: [{ stream: "shoppers", y: path("value.people"), series: path("key"), labels: {} }],
};

export const GENDERS = ["FEMALE", "MALE", "UNKNOWN"] as const;
export type Gender = (typeof GENDERS)[number];

/** 2015-11-11T00:00:00+08:00 */
export const START_MS = 1_447_171_200_000;

/**
 * The topic a test pretends to have: appends give offsets, and a restarted server can be pushed all
 * of it again. Partition = place of the gender in `GENDERS`.
 */
export class FakeTopic {
  readonly records: SinkRecord[] = [];
  readonly #offsets = [0, 0, 0];

  append(gender: Gender, second: number, people: number): SinkRecord {
    const partition = GENDERS.indexOf(gender);
    const start = START_MS + second * 1_000;
    const record: SinkRecord = {
      stream: "shoppers",
      partition,
      offset: this.#offsets[partition]!++,
      key: gender,
      window: [start, start + 1_000],
      timestampMs: start + 999,
      value: { people, buyers: 0 },
    };
    this.records.push(record);
    return record;
  }

  /** Newest value per second, the last write winning. */
  valuesOf(gender: Gender): Map<number, number> {
    const values = new Map<number, number>();
    for (const { key, window, value } of this.records) {
      if (key === gender) values.set((window![0] - START_MS) / 1_000, value?.["people"] as number);
    }
    return values;
  }

  totalOf(gender: Gender): number {
    return [...this.valuesOf(gender).values()].reduce((a, b) => a + b, 0);
  }
}

/** What is waited for holds within a second on a quiet machine; a browser on a busy one takes longer. */
const LIMIT_MS = 20_000;

/** Asks until the answer is one. */
export async function until<T>(
  read: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
): Promise<T> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`Waited ${LIMIT_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
