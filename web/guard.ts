/**
 * Who may talk to the dashboard: checks of `Host` (DNS rebinding) and `Origin` (cross-site
 * WebSocket hijacking).
 *
 * @module
 */

import { isIP } from "node:net";

/** @param host address or name to listen on; anything that other machines may reach is not loopback */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const v4 = name.startsWith("::ffff:") ? name.slice("::ffff:".length) : name;
  if (isIP(v4) === 4) return v4.startsWith("127.");
  // WHATWG URLs write an IPv6 address in its one shortest form.
  return isIP(name) === 6 && new URL(`http://[${name.split("%")[0]}]`).hostname === "[::1]";
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

export interface Guard {
  /** @param host the `Host` header */
  allowsHost(host: string | undefined): boolean;
  /**
   * A browser always sends `Origin` with a WebSocket handshake; what does not send one is no browser,
   * and a stolen session is nothing it could use.
   */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean;
}

/**
 * @param boundHost address the server listens on; a wildcard allows every IP literal (a rebinding
 * attack needs a name)
 * @param allowedHosts further host names, e.g. of a reverse proxy, without port
 */
export function createGuard(boundHost: string, allowedHosts: readonly string[] = []): Guard {
  const named = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const names = new Set([...LOOPBACK_NAMES, boundHost.toLowerCase(), ...named]);
  const isWildcard = boundHost === "0.0.0.0" || boundHost === "::";

  const allowsName = (name: string) => names.has(name) || (isWildcard && isIP(name) !== 0);

  return {
    allowsHost(host) {
      const name = hostName(`http://${host ?? ""}`);
      return name !== undefined && allowsName(name);
    },
    allowsOrigin(origin, host) {
      if (origin === undefined) return true;
      const name = hostName(origin);
      if (name === undefined || !allowsName(name)) return false;
      // Same origin, not merely the same machine: another local page is a stranger too. Behind a
      // proxy the two differ, so names given explicitly are enough.
      return new URL(origin).host === host?.toLowerCase() || named.has(name);
    },
  };
}

/** Host name of a URL without port and brackets; undefined when it is not an http(s) URL. */
function hostName(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, username, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  if (username !== "" || pathname !== "/") return undefined;
  return hostname.replace(/^\[|\]$/g, "");
}
