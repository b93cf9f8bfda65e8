import { describe, expect, test } from "vitest";
import { createGuard, isLoopback } from "../../web/guard.ts";

describe("host check", () => {
  const guard = createGuard("127.0.0.1", ["dash.example"]);

  test.each([
    "127.0.0.1:8080",
    "localhost:1",
    "LOCALHOST",
    "[::1]:80",
    "dash.example",
    "dash.example:443",
  ])("%s is us", (host) => expect(guard.allowsHost(host)).toBe(true));

  test.each([
    undefined,
    "",
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:80",
    "10.0.0.7",
    "a@localhost",
    "localhost/x",
    "local host",
  ])("%s is not", (host) => expect(guard.allowsHost(host)).toBe(false));

  test("bound to every address, any IP literal is us, no name is", () => {
    const open = createGuard("0.0.0.0");
    expect(open.allowsHost("10.0.0.7:8080")).toBe(true);
    expect(open.allowsHost("[fe80::1]:8080")).toBe(true);
    expect(open.allowsHost("rebound.example:8080")).toBe(false);
  });
});

describe("origin check", () => {
  const guard = createGuard("127.0.0.1", ["dash.example"]);

  test("our own page may connect", () => {
    expect(guard.allowsOrigin("http://localhost:8080", "localhost:8080")).toBe(true);
    expect(guard.allowsOrigin("http://[::1]:8080", "[::1]:8080")).toBe(true);
  });

  test("what is no browser sends none", () => {
    expect(guard.allowsOrigin(undefined, "localhost:8080")).toBe(true);
  });

  test.each([
    ["another site", "https://evil.example"],
    ["a page on another local port", "http://localhost:3000"],
    ["a sandboxed frame", "null"],
    ["a file", "file://"],
    ["an empty one", ""],
  ])("%s may not", (_, origin) => {
    expect(guard.allowsOrigin(origin, "localhost:8080")).toBe(false);
  });

  test("a name given explicitly may, although the proxy calls us by another", () => {
    expect(guard.allowsOrigin("https://dash.example", "127.0.0.1:8080")).toBe(true);
  });
});

describe("loopback", () => {
  test.each([
    "127.0.0.1",
    "127.9.9.9",
    "localhost",
    "LOCALHOST",
    "::1",
    "[::1]",
    "0:0::1",
    "::ffff:127.0.0.1",
  ])("%s stays on this machine", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    "0.0.0.0",
    "::",
    "192.168.1.7",
    "128.0.0.1",
    "fe80::1%eth0",
    "127.example.org",
    "shop",
    "",
  ])("%s is reachable from others", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
