/**
 * Field by field: what a record has instead of what was expected.
 *
 * @module
 */

/** undefined on a side that does not have the field. */
export interface Difference {
  /** `key`, `window`, `value.people`, `value.lines[2].sku`, `headers.trace`. */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** Fields that were looked at: what was left out of the expectation is not. */
  readonly compared: number;
}

interface Parts {
  readonly key?: unknown;
  readonly window?: readonly [number, number];
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PARTS = ["key", "window", "value", "headers"] as const;

/** Compares the parts and fields that `expected` has; both are as JSON has them. */
export function differencesOf(actual: Parts, expected: Parts): Comparison {
  const differences: Difference[] = [];
  let compared = 0;
  for (const part of PARTS) {
    if (expected[part] !== undefined) compare(part, actual[part], expected[part]);
  }
  return { differences, compared };

  function compare(field: string, found: unknown, wanted: unknown): void {
    if (isMap(wanted) && isMap(found) && Object.keys(wanted).length > 0) {
      for (const [name, inner] of Object.entries(wanted)) {
        const own = Object.hasOwn(found, name) ? found[name] : undefined;
        compare(`${field}${step(name)}`, own, inner);
      }
    } else if (field !== "window" && Array.isArray(wanted) && sameLength(wanted, found)) {
      // (The two times of a window are one thing.)
      wanted.forEach((inner, n) => {
        compare(`${field}[${n}]`, found[n], inner);
      });
    } else {
      compared++;
      if (!covers(found, wanted)) differences.push({ field, expected: wanted, actual: found });
    }
  }
}

/** Equal, except that a record may have more fields than expected. */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, n) => covers(actual[n], item))
    );
  }
  if (isMap(wanted)) {
    if (!isMap(actual)) return false;
    return Object.entries(wanted).every(
      ([name, value]) => Object.hasOwn(actual, name) && covers(actual[name], value),
    );
  }
  return actual === wanted || (Number.isNaN(actual) && Number.isNaN(wanted));
}

function sameLength(wanted: readonly unknown[], found: unknown): found is readonly unknown[] {
  return Array.isArray(found) && found.length === wanted.length && wanted.length > 0;
}

function step(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
