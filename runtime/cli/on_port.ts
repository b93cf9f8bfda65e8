/**
 * Ports: fixed, usual or free.
 *
 * @module
 */

import { MillraceError } from "../fault/mod.ts";

/** A fixed port or nothing; else the usual port, and where that is taken a free one. */
export async function onPort<T>(
  fixed: number | undefined,
  usual: number,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  if (fixed !== undefined) return await listen(fixed);
  try {
    return await listen(usual);
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === "PORT_IN_USE")) throw error;
    return await listen(0);
  }
}
