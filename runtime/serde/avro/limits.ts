/**
 * What a value may cost. Counts and lengths are otherwise bounded by the bytes that are there.
 *
 * @module
 */

/** Levels of records that contain themselves. */
export const MAX_RECURSION = 256;

/** Items without any bytes (nulls, empty records) in all arrays of one value. */
export const MAX_EMPTY_ITEMS = 65_536;
