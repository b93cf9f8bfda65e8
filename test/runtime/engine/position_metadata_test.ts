import { describe, expect, it } from "vitest";
import {
  FRESH,
  formatPositionMetadata,
  parsePositionMetadata,
} from "../../../runtime/engine/position_metadata.ts";

describe("offset metadata", () => {
  it("comes back as it was and stays short", () => {
    for (const metadata of [
      FRESH,
      {
        streamTimeMs: 1447171200000,
        lastReadMs: 1.7e12,
        watermarkMs: Infinity,
        fresh: false,
        idle: true,
      },
    ]) {
      const text = formatPositionMetadata(metadata);
      expect(text.length).toBeLessThan(80);
      expect(parsePositionMetadata(text)).toEqual(metadata);
    }
  });

  it.each(["", "v1 1 2", "v2 - - - run", "v1 x - - run", "v1 - - - old"])(
    "of another program (%j) is refused",
    (text) => {
      expect(() => parsePositionMetadata(text)).toThrow(
        expect.objectContaining({ code: "STATE_MISMATCH" }),
      );
    },
  );
});
