import { createRequire } from "node:module";
import { crc32cJs } from "./crc32c_js.ts";

type NativeCrc32c = (input: Uint8Array, seed?: number) => number;

/** The part of Deno's permission API that tells, without asking the user, what is allowed. */
interface DenoLike {
  readonly permissions: { querySync(of: { readonly name: string }): { readonly state: string } };
}

/**
 * Below this many bytes the call into native code (a view and a crossing) costs more than it saves.
 */
const MIN_NATIVE_BYTES = 192;

const native = loadNative();

/** Which implementation `crc32c` uses for all but short inputs. */
export const crc32cImplementation: "native" | "js" = native === undefined ? "js" : "native";

/**
 * CRC-32C of `bytes[start..end)`, by the native addon where it is there and allowed.
 *
 * @param seed CRC of what came before, to continue it
 * @returns unsigned 32 bits
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, seed = 0): number {
  if (native === undefined || end - start < MIN_NATIVE_BYTES) {
    return crc32cJs(bytes, start, end, seed);
  }
  return native(bytes.subarray(start, end), seed);
}

/**
 * The addon's prebuilt binary may be missing for this platform, and under Deno its loader looks at
 * the environment and the file system before it opens a library: each would stop and ask the user.
 * All three must have been granted beforehand; else the plain implementation serves, silently.
 */
function loadNative(): NativeCrc32c | undefined {
  const deno = (globalThis as { readonly Deno?: DenoLike }).Deno;
  try {
    for (const name of deno === undefined ? [] : ["ffi", "read", "env"]) {
      if (deno?.permissions.querySync({ name }).state !== "granted") return undefined;
    }
    const addon: unknown = createRequire(import.meta.url)("@node-rs/crc32");
    const found = (addon as { readonly crc32c?: unknown }).crc32c;
    if (typeof found !== "function") return undefined;
    const candidate = found as NativeCrc32c;
    // "123456789", the check value of the CRC catalogue: a wrong build must not go unnoticed.
    const check = new Uint8Array([49, 50, 51, 52, 53, 54, 55, 56, 57]);
    return candidate(check, 0) === 0xe3069283 ? candidate : undefined;
  } catch {
    // Not installed for this platform, or not loadable here.
    return undefined;
  }
}
