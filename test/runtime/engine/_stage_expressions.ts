/** Expressions of random stages: as text, and as what they give for a record. */

export interface Rec {
  readonly key: string | null;
  /** null: a tombstone. */
  readonly value: number | { readonly n: number; readonly m: number } | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly atMs: number;
  readonly partition: number;
  readonly offset: number;
  /** Highest event time of its partition so far. */
  readonly streamTimeMs: number;
}

/** Its expression fails for this record. */
export class Dead extends Error {}

/** What the values are where a stage stands. */
export type Kind = "int" | "record" | "tombstone";

/** An expression, as text and as what it gives; ints, unless it says otherwise. */
export interface Expr<T = number> {
  readonly text: (of: Kind, loop: string | undefined) => string;
  readonly of: (record: Rec, element: number) => T;
}

/** Source of the number in a value. */
export const n = (of: Kind) => (of === "int" ? "value" : of === "record" ? "value.n" : "eventTime");
export const number = ({ value, atMs }: Rec) =>
  value === null ? atMs : typeof value === "number" ? value : value.n;

export const INTS: readonly Expr[] = [
  { text: (of) => `${n(of)} + 1`, of: (r) => number(r) + 1 },
  { text: (of) => `2 * ${n(of)} - partition`, of: (r) => 2 * number(r) - r.partition },
  {
    text: (of) => `10 / (${n(of)} % 4)`,
    of: (r) => {
      if (number(r) % 4 === 0) throw new Dead();
      return Math.trunc(10 / (number(r) % 4)) + 0;
    },
  },
  { text: (of, loop) => loop ?? n(of), of: (_, element) => element },
];

export const TEXTS: readonly Expr<string>[] = [
  { text: (of) => `string(${n(of)})`, of: (r) => String(number(r)) },
  {
    text: () => "headers['h0']",
    of: ({ headers }) => {
      const value = headers.findLast(([name]) => name === "h0")?.[1];
      if (value === undefined) throw new Dead();
      return value;
    },
  },
  { text: () => "'A'", of: () => "A" },
  { text: (of, loop) => `'e' + string(${loop ?? n(of)})`, of: (_, element) => `e${element}` },
];

export const CONDITIONS: readonly Expr<boolean>[] = [
  { text: (of) => `${n(of)} % 3 != 0`, of: (r) => number(r) % 3 !== 0 },
  { text: (of) => `${n(of)} > 1 && offset >= 0`, of: (r) => number(r) > 1 },
  { text: (of, loop) => `${loop ?? n(of)} < 3`, of: (_, element) => element < 3 },
  {
    text: (of) => `6 / ${n(of)} > 1`,
    of: (r) => {
      if (number(r) === 0) throw new Dead();
      return Math.trunc(6 / number(r)) > 1;
    },
  },
];
