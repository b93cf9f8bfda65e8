/**
 * Durations (`400ms`, `1s`, `5m`, `1h`, `7d`) and instants (`2015-11-11T00:00:00+08:00`).
 *
 * @module
 */

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const DURATION = /^(\d+)(ms|s|m|h|d)$/;

/** Date and time with an offset: without one, the instant would depend on the reader's machine. */
export const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * @param text A whole number and a unit: ms, s, m, h or d.
 * @returns milliseconds, a safe integer >= 0; undefined when the text is not a duration
 */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/**
 * @param text A duration since 1970-01-01T00:00Z, or ISO 8601 with an offset.
 * @returns Unix epoch ms, >= 0; undefined when the text is neither
 */
export function parseInstant(text: string): number | undefined {
  const since1970 = parseDuration(text);
  if (since1970 !== undefined) return since1970;
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = "00", fraction = "0", offset] = match;
  const part = (digits: string | undefined) => Number(digits);
  // Date.UTC rolls the 31st of February over; the parts read back tell.
  const utc = new Date(
    Date.UTC(part(year), part(month) - 1, part(day), part(hour), part(minute), part(second)),
  );
  if (utc.getUTCMonth() !== part(month) - 1 || utc.getUTCDate() !== part(day)) return undefined;
  if (part(hour) > 23 || part(minute) > 59 || part(second) > 59) return undefined;
  const ms = utc.getTime() + Number(fraction.padEnd(3, "0")) - offsetMs(offset!);
  return ms >= 0 ? ms : undefined;
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const sign = offset.startsWith("-") ? -1 : 1;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(4, 6));
  return sign * (hours * UNIT_MS.h + minutes * UNIT_MS.m);
}

/** The shortest exact spelling: 60000 → `1m`. */
export function showDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    if (ms !== 0 && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  }
  return `${ms}ms`;
}

const UNIT_WORDS: Readonly<Record<string, number>> = {
  ...UNIT_MS,
  msec: UNIT_MS.ms,
  millis: UNIT_MS.ms,
  millisecond: UNIT_MS.ms,
  sec: UNIT_MS.s,
  second: UNIT_MS.s,
  min: UNIT_MS.m,
  minute: UNIT_MS.m,
  hr: UNIT_MS.h,
  hour: UNIT_MS.h,
  day: UNIT_MS.d,
  w: 7 * UNIT_MS.d,
  week: 7 * UNIT_MS.d,
};

/** The duration that is meant by `1sec`, `1.5 s`, `1m30s` or `PT1M30S`. */
export function guessDuration(text: string): string | undefined {
  if (text.length > 40) return undefined;
  // ISO 8601 puts a P in front and a T between days and hours.
  const plain = text
    .toLowerCase()
    .replace(/^p(?=[\dt])/, "")
    .replace(/(^|d)t(?=\d)/, "$1");
  const parts = plain.match(/\d+(?:\.\d+)?\s*[a-z]+\s*/g);
  if (parts === null || parts.join("") !== plain) return undefined;
  let ms = 0;
  for (const part of parts) {
    const [, digits, word] = /^([\d.]+)\s*([a-z]+)/.exec(part)!;
    const unit = UNIT_WORDS[word!] ?? UNIT_WORDS[word!.replace(/s$/, "")];
    if (unit === undefined) return undefined;
    ms += Number(digits) * unit;
  }
  return Number.isSafeInteger(ms) ? showDuration(ms) : undefined;
}
