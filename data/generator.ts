/**
 * A seeded, endless user log: same seed, same rows, on every platform.
 *
 * Shoppers come in runs (one looks at several things before the next one does), few items draw most
 * of the clicks, most actions are clicks, and of one shopper in twelve the gender is not known.
 *
 * @module
 */

import { ACTIONS, type UserLog } from "./user_log.ts";

export const DEFAULT_SEED = 1111;

const ITEMS = 20_000;
const USERS = 400_000;
const LONGEST_RUN = 12;

const PROVINCES = (
  "北京市 天津市 上海市 重庆市 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 " +
  "广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 台湾 香港 澳门"
).split(" ");

/** Out of 1,000 actions: clicks, carts, buys, follows. */
const ACTION_WEIGHTS = [820, 30, 110, 40];
/** Out of 100 shoppers: female, male, unknown. */
const GENDER_WEIGHTS = [50, 42, 8];
/** Out of 100 shoppers, by age range 0 to 8. */
const AGE_WEIGHTS = [12, 2, 20, 26, 17, 9, 9, 3, 2];

/** Mulberry32: 32 bits of state, integer arithmetic only. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 to below. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) * below) / 2 ** 32) | 0;
  }

  /** An index, drawn by weight. */
  weighted(weights: readonly number[]): number {
    let left = this.below(weights.reduce((sum, weight) => sum + weight, 0));
    return weights.findIndex((weight) => (left -= weight) < 0);
  }

  /** From 0 to below, low numbers more often: the square of an even draw. */
  skewed(below: number): number {
    const draw = this.below(1 << 15) / (1 << 15);
    return Math.floor(draw * draw * below);
  }
}

/** Endless. */
export function* generateUserLog(seed: number = DEFAULT_SEED): Generator<UserLog, never> {
  const random = new Random(seed);
  for (;;) {
    const user_id = 1 + random.below(USERS);
    const gender = (["FEMALE", "MALE", "UNKNOWN"] as const)[random.weighted(GENDER_WEIGHTS)]!;
    const age_range = random.weighted(AGE_WEIGHTS);
    const home = PROVINCES[random.below(PROVINCES.length)]!;
    for (let left = 1 + random.skewed(LONGEST_RUN); left > 0; left--) {
      const item = random.skewed(ITEMS);
      yield {
        user_id,
        item_id: 100_000 + item * 37,
        cat_id: 1 + (item % 1500),
        merchant_id: 1 + (item % 4800),
        brand_id: 1 + (item % 8200),
        month: 11,
        day: 11,
        action: ACTIONS[random.weighted(ACTION_WEIGHTS)]!,
        age_range,
        gender,
        // One parcel in ten goes elsewhere.
        province: random.below(10) > 0 ? home : PROVINCES[random.below(PROVINCES.length)]!,
      };
    }
  }
}
