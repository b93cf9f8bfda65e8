import { describe, expect, it } from "vitest";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../../runtime/kafka/envelope.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));

describe("the group envelope", () => {
  it("writes a subscription as version 1: topics sorted and once, nothing owned", () => {
    const encoded = encodeSubscription({
      coPartitioned: [["b"], ["a", "b"]],
      previous: [{ topic: "a", partition: 3 }],
      generation: 7,
    });
    const userData = '{"version":1,"groups":[["b"],["a","b"]],"previous":{"a":[3]},"generation":7}';
    expect(hex(encoded)).toBe(
      `${"0001" + "00000002" + "000161" + "000162"}${userData.length.toString(16).padStart(8, "0")}${hex(
        new TextEncoder().encode(userData),
      )}00000000`,
    );
  });

  it("reads back what it wrote", () => {
    const subscription = {
      coPartitioned: [["b"], ["a", "b"]],
      previous: [
        { topic: "a", partition: 3 },
        { topic: "a", partition: 4 },
      ],
      generation: 7,
    };
    expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription);
    const assignment = [
      { topic: "a", partition: 0 },
      { topic: "ü", partition: 70_000 },
    ];
    expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment);
  });

  it("writes an assignment that every consumer tool can read", () => {
    const encoded = encodeAssignment([
      { topic: "t", partition: 1 },
      { topic: "t", partition: 258 },
    ]);
    expect(hex(encoded)).toBe(
      "0001" + "00000001" + "000174" + "00000002" + "00000001" + "00000102" + "00000000",
    );
  });

  it("takes a member that is not one of ours for one without groups", () => {
    const plain = { coPartitioned: [], previous: [], generation: -1 };
    expect(decodeSubscription(bytes("0000 00000001 000174 ffffffff"))).toEqual(plain);
    expect(
      decodeSubscription(bytes("0003 00000001 000174 00000002 cafe 00000000 00000001")),
    ).toEqual(plain);
  });

  it("takes empty bytes for an empty assignment", () => {
    expect(decodeAssignment(new Uint8Array(0))).toEqual([]);
  });

  it("refuses bytes that end too early", () => {
    expect(() => decodeAssignment(bytes("0001 00000001 0005 74"))).toThrow(
      /assignment: it ends at byte 9/,
    );
    expect(() => decodeSubscription(bytes("0001 00000001 ffff"))).toThrow(/subscription/);
  });
});
