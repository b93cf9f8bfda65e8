import { describe, expect, it } from "vitest";
import {
  brokerError,
  connectionError,
  errorName,
  reactionTo,
} from "../../../runtime/kafka/errors.ts";

describe("Kafka's error codes", () => {
  it("keep their numbers above 88, where kafkajs' table ends", () => {
    expect(errorName(90)).toBe("PRODUCER_FENCED");
    expect(reactionTo(90)).toBe("fenced");
    expect(reactionTo(100)).toBe("metadata");
    expect(reactionTo(110)).toBe("fenced");
  });

  it("name the reaction", () => {
    expect(reactionTo(6)).toBe("metadata");
    expect(reactionTo(14)).toBe("coordinator");
    expect(reactionTo(16)).toBe("coordinator");
    expect(reactionTo(19)).toBe("retry");
    expect(reactionTo(29)).toBe("refused");
  });

  it("become run-time errors with a class and a place", () => {
    const where = { topic: "t", partition: 3 };
    expect(brokerError(22, "commit", where)).toMatchObject({
      code: "FENCED",
      faultClass: "fenced",
      where,
    });
    expect(brokerError(10, "append to t/3", where)).toMatchObject({
      code: "RECORD_TOO_LARGE",
      faultClass: "record",
      message: "Cannot append to t/3: MESSAGE_TOO_LARGE",
    });
    expect(brokerError(6, "fetch").faultClass).toBe("transient");
    expect(brokerError(1, "fetch").code).toBe("OFFSET_OUT_OF_RANGE");
    expect(brokerError(40, "create topic t", {}, "Unknown topic config name: x").message).toBe(
      "Cannot create topic t: INVALID_CONFIG: Unknown topic config name: x",
    );
  });

  it("are not repeated when they are unknown, and show their number", () => {
    expect(reactionTo(9999)).toBe("refused");
    expect(brokerError(9999, "do it").message).toBe("Cannot do it: error code 9999");
  });

  it("tell a refused login from a broker out of reach", () => {
    const login = Object.assign(new Error("bad password"), {
      name: "KafkaJSSASLAuthenticationError",
    });
    expect(connectionError(login, "connect").code).toBe("BROKER_REFUSED");
    expect(connectionError(new Error("ECONNREFUSED"), "connect").code).toBe("BROKER_UNREACHABLE");
  });
});
