import fc from "fast-check";
import { expect, test } from "vitest";
import { reconnectDelayMs, writeHello } from "../../../web/page/connection.ts";
import { tryParseClientHello } from "../../../web/protocol.ts";

test("reconnect delays grow from half a second to ten, jittered", () => {
  expect([0, 1, 2, 3, 4, 5].map((attempt) => reconnectDelayMs(attempt, 0))).toEqual([
    500, 1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, random) => {
        const delayMs = reconnectDelayMs(n, random);
        return delayMs >= 500 && delayMs <= 10_000;
      },
    ),
  );
  expect(reconnectDelayMs(3, 0.9)).toBeGreaterThan(reconnectDelayMs(3, 0.1));
});

test("a hello always fits the server's frame limit", () => {
  const cursor = { epoch: "e", run: "r", seq: 3 };
  const small = { ...cursor, positions: { s: [1, 2] } };
  expect(tryParseClientHello(writeHello(small))?.cursor).toEqual(small);
  const huge = { ...cursor, positions: { s: Array.from({ length: 2_000 }, (_, i) => i) } };
  expect(tryParseClientHello(writeHello(huge))?.cursor).toEqual(cursor);
});
