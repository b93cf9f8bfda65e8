/**
 * Texts of the time axis.
 *
 * @module
 */

import type { Wording } from "./texts.ts";

/**
 * Time of day; the date joins the first tick and the first of each day, or, where it would be cut off
 * at the edge of the canvas, the next one that has room for it.
 *
 * @param splits times of the ticks, ms since 1970, ascending
 * @param hasRoom whether a text that is centred on this tick is seen whole
 */
export function tickTexts(
  wording: Wording,
  splits: readonly number[],
  hasRoom: (ms: number, text: string) => boolean,
): string[] {
  const stepMs = (splits[1] ?? 1_000) - (splits[0] ?? 0);
  let isDateDue = true;
  return splits.map((ms, i) => {
    const time = stepMs % 60_000 === 0 ? wording.minute(ms) : wording.time(ms);
    const day = wording.day(ms);
    if (i > 0 && wording.day(splits[i - 1]!) !== day) isDateDue = true;
    if (!isDateDue || !hasRoom(ms, day)) return time;
    isDateDue = false;
    return `${time}\n${day}`;
  });
}
