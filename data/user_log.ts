/**
 * The user log: its columns, its codes, and how a row becomes a record. The codes of the Tmall data set
 * live here and nowhere else.
 *
 * @module
 */

/** In the order of the original file, which has no header line. */
export const USER_LOG_COLUMNS = [
  "user_id",
  "item_id",
  "cat_id",
  "merchant_id",
  "brand_id",
  "month",
  "day",
  "action",
  "age_range",
  "gender",
  "province",
] as const;

export type UserLogColumn = (typeof USER_LOG_COLUMNS)[number];

export const ACTIONS = ["CLICK", "CART", "BUY", "FOLLOW"] as const;
export const GENDERS = ["FEMALE", "MALE", "UNKNOWN"] as const;

/** A record of `schemas/user_log.avsc`. */
export interface UserLog {
  readonly user_id: number;
  readonly item_id: number;
  readonly cat_id: number;
  readonly merchant_id: number;
  readonly brand_id: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly action: (typeof ACTIONS)[number];
  /** 0 to 8; 0 = unknown. */
  readonly age_range: number;
  readonly gender: (typeof GENDERS)[number];
  readonly province: string;
}

/** A row that is no record; the reader reports it with its line. */
export class RowError extends Error {
  override readonly name = "RowError";
}

/** Fields may be empty or the word NULL: unknown, except for who did what. */
function isMissing(text: string): boolean {
  return text === "" || text.toUpperCase() === "NULL";
}

function integer(column: UserLogColumn, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < lowest || value > highest) {
    const bounds =
      highest === Number.MAX_SAFE_INTEGER ? `from ${lowest}` : `from ${lowest} to ${highest}`;
    throw new RowError(`${column} must be a whole number ${bounds}, is ${JSON.stringify(text)}`);
  }
  return value;
}

function id(column: UserLogColumn, text: string): number {
  return isMissing(text) ? 0 : integer(column, text, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * @param fields one text per column, in the order of `USER_LOG_COLUMNS`
 * @throws {RowError} naming the column
 */
export function parseUserLog(fields: readonly string[]): UserLog {
  if (fields.length !== USER_LOG_COLUMNS.length) {
    throw new RowError(`${fields.length} fields instead of ${USER_LOG_COLUMNS.length}`);
  }
  const [user, item, category, merchant, brand, month, day, action, age, gender, province] =
    fields.map((field) => field.trim()) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
  return {
    user_id: integer("user_id", user, 0, Number.MAX_SAFE_INTEGER),
    item_id: id("item_id", item),
    cat_id: id("cat_id", category),
    merchant_id: id("merchant_id", merchant),
    brand_id: id("brand_id", brand),
    month: integer("month", month, 1, 12),
    day: integer("day", day, 1, 31),
    action: ACTIONS[integer("action", action, 0, 3)]!,
    age_range: isMissing(age) ? 0 : integer("age_range", age, 0, 8),
    gender: isMissing(gender) ? "UNKNOWN" : GENDERS[integer("gender", gender, 0, 2)]!,
    province: isMissing(province) ? "" : province,
  };
}

/** The row of a record, in the original's codes. */
export function formatUserLog(log: UserLog): string {
  const { user_id, item_id, cat_id, merchant_id, brand_id, month, day, age_range, province } = log;
  const action = ACTIONS.indexOf(log.action);
  const gender = GENDERS.indexOf(log.gender);
  return [
    user_id,
    item_id,
    cat_id,
    merchant_id,
    brand_id,
    month,
    day,
    action,
    age_range,
    gender,
    province,
  ].join(",");
}
