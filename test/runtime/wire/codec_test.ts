import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fields } from "../../../runtime/wire/codec/field.ts";
import { APIS } from "../../../runtime/wire/messages/apis.ts";
import {
  API,
  type ApiKey,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  decodeResponseBody,
  encodeRequest,
  encodeRequestBody,
  encodeResponse,
  isFlexible,
  versionRange,
  WireError,
} from "../../../runtime/wire/mod.ts";
import { bodyArbitrary, hex, unhex } from "./message_arbitrary.ts";

const VERSIONS = Object.entries(APIS).flatMap(([name, table]) => {
  const [min, max] = table.versions;
  return Array.from({ length: max - min + 1 }, (_, index) => ({
    name: `${name} ${min + index}`,
    key: table.key as ApiKey,
    version: min + index,
    request: table.request as Fields,
    response: table.response as Fields,
  }));
});

function thrownBy(action: () => unknown): WireError {
  try {
    action();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("every message in every version", () => {
  test.each(VERSIONS)("$name comes back as it was sent", (message) => {
    const { key, version } = message;
    fc.assert(
      fc.property(
        bodyArbitrary(message.request, version),
        bodyArbitrary(message.response, version),
        (request, response) => {
          const head = { correlationId: 7, clientId: "client" };
          const decoded = decodeRequest(encodeRequest(key, version, head, request));
          expect(decoded).toMatchObject({ apiKey: key, apiVersion: version, ...head });
          expect(decoded.body).toMatchObject(request);
          expect(Object.keys(decoded.body)).toEqual(Object.keys(message.request));
          const answered = decodeResponse(key, version, encodeResponse(key, version, 9, response));
          expect(answered.correlationId).toBe(9);
          expect(answered.body).toMatchObject(response);
          expect(Object.keys(answered.body)).toEqual(Object.keys(message.response));
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each(VERSIONS)("$name is encoded from defaults alone", ({ key, version }) => {
    const request = decodeRequest(
      encodeRequest(key, version, { correlationId: 1, clientId: null }, {}),
    );
    expect(request.clientId).toBeNull();
    // A second time around nothing changes: defaults are encodable and decode to themselves.
    expect(hex(encodeRequestBody(key, version, request.body as object))).toBe(
      hex(encodeRequestBody(key, version, {})),
    );
  });
});

describe("bytes as the guide draws them", () => {
  const head = { correlationId: 1, clientId: "me" };

  test("an ApiVersions request is a bare head in version 0", () => {
    expect(hex(encodeRequest(API.ApiVersions, 0, head, {}))).toBe("001200000000000100026d65");
  });

  test("an ApiVersions request has tags behind head and body in version 3", () => {
    const body = { clientSoftwareName: "mill", clientSoftwareVersion: "1" };
    const expected = unhex("0012 0003 00000001 0002 6d65 00  05 6d696c6c  02 31  00");
    expect(encodeRequest(API.ApiVersions, 3, head, body)).toEqual(expected);
    expect(decodeRequest(expected)).toEqual({ apiKey: 18, apiVersion: 3, ...head, body });
  });

  test("the head of an ApiVersions response has no tags even in flexible versions", () => {
    const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }];
    expect(encodeResponse(API.ApiVersions, 3, 5, { apiKeys })).toEqual(
      unhex("00000005  0000  02 0012 0000 0004 00  00000000  00"),
    );
    expect(encodeResponse(API.ApiVersions, 0, 5, { errorCode: 35, apiKeys })).toEqual(
      unhex("00000005  0023  00000001 0012 0000 0004"),
    );
  });

  test("tagged fields stand at the end with number and size", () => {
    expect(encodeResponse(API.ApiVersions, 3, 5, { finalizedFeaturesEpoch: 2 })).toEqual(
      unhex("00000005  0000  01  00000000  01 01 08 0000000000000002"),
    );
  });

  test("a Metadata request for all topics is a null array", () => {
    expect(encodeRequestBody(API.Metadata, 1, { topics: null })).toEqual(unhex("ffffffff"));
    expect(encodeRequestBody(API.Metadata, 9, { topics: null })).toEqual(unhex("00 01 00 00 00"));
    // Version 0 has no null; an empty array says the same there.
    expect(encodeRequestBody(API.Metadata, 0, { topics: null })).toEqual(unhex("00000000"));
  });

  test("a Metadata response of version 1", () => {
    const bytes = unhex(`
      00000001  00000001 00000001 0009 6c6f63616c686f7374 00002384 ffff   00000001
      00000001  0000 0001 74 00
        00000001  0000 00000000 00000001 00000001 00000001 00000001 00000001`);
    const body = decodeResponseBody(API.Metadata, 1, bytes, 4);
    expect(body).toMatchObject({
      brokers: [{ nodeId: 1, host: "localhost", port: 9092, rack: null }],
      controllerId: 1,
      topics: [
        {
          name: "t",
          isInternal: false,
          partitions: [
            { partitionIndex: 0, leaderId: 1, leaderEpoch: -1, replicaNodes: [1], isrNodes: [1] },
          ],
        },
      ],
    });
    expect(encodeResponse(API.Metadata, 1, 1, body)).toEqual(bytes);
  });

  test("records of a Fetch response are a view of the response", () => {
    const records = new Uint8Array(5000).fill(9);
    const responses = [{ topic: "t", partitions: [{ partitionIndex: 0, records }] }];
    for (const version of [11, 12]) {
      const bytes = encodeResponse(API.Fetch, version, 1, { responses });
      const found = decodeResponse(API.Fetch, version, bytes).body.responses[0]?.partitions[0];
      expect(found?.records).toEqual(records);
      expect(found?.records?.buffer).toBe(bytes.buffer);
      expect(found?.divergingEpoch).toEqual({ epoch: -1, endOffset: -1 });
    }
  });
});

describe("requests that are not understood", () => {
  test("an unknown version can still be answered, because its head is in the error", () => {
    const bytes = unhex("0012 0005 00000007 0002 6d65 00 02 78 02 78 00");
    const error = thrownBy(() => decodeRequest(bytes));
    expect(error.code).toBe("UNSUPPORTED_VERSION");
    expect(error.request).toMatchObject({ apiKey: 18, apiVersion: 5, correlationId: 7 });
    expect(decodeRequestHeader(bytes).clientId).toBe("me");
  });

  test("an unknown API too", () => {
    const error = thrownBy(() => decodeRequest(unhex("03e7 0000 00000007 ffff")));
    expect(error.code).toBe("UNSUPPORTED_API");
    expect(error.request?.apiKey).toBe(999);
    expect(versionRange(999)).toBeUndefined();
  });

  test("an unknown tagged field is passed over", () => {
    const bytes = unhex("0012 0003 00000001 0002 6d65 01 63 02 aaaa  01 01  02 05 01 bb 07 00");
    expect(decodeRequest(bytes).body).toEqual({
      clientSoftwareName: "",
      clientSoftwareVersion: "",
    });
  });

  test("a huge count is refused before anything is allocated", () => {
    const error = thrownBy(() => decodeRequest(unhex("0003 0001 00000001 ffff 7fffffff")));
    expect(error.code).toBe("TRUNCATED");
    expect(error.message).toBe("Metadata.request.topics: 2147483647 items announced (at byte 14)");
  });

  test("a null where none is allowed names the field", () => {
    const error = thrownBy(() => decodeRequest(unhex("000c 0000 00000001 ffff ffff")));
    expect(error.code).toBe("MALFORMED");
    expect(error.message).toBe("Heartbeat.request.groupId: length -1 (at byte 10)");
  });

  test("a 64-bit integer that a number cannot hold is refused", () => {
    const bytes = encodeRequestBody(API.EndTxn, 0, { producerId: 1 });
    bytes.set(unhex("7fffffffffffffff"), 2);
    const whole = new Uint8Array(10 + bytes.length);
    whole.set(unhex("001a 0000 00000001 ffff"));
    whole.set(bytes, 10);
    expect(thrownBy(() => decodeRequest(whole)).code).toBe("UNSAFE_INT64");
  });
});

describe("values that cannot be encoded", () => {
  test("the error names the field", () => {
    const topics = [{ topic: "t", partitions: [{ partition: 2 ** 31 }] }];
    const error = thrownBy(() => encodeRequestBody(API.Fetch, 11, { topics }));
    expect(error.code).toBe("UNENCODABLE");
    expect(error.message).toBe(
      "Cannot encode Fetch.request.topics[].partitions[].partition version 11: got 2147483648",
    );
  });

  test("what a table does not know is an error of types", () => {
    // @ts-expect-error a name that is not in the table
    encodeRequestBody(API.Heartbeat, 0, { groupid: "g" });
    // @ts-expect-error a type that is not the table's, two levels down
    const refused = () => encodeRequestBody(API.Metadata, 0, { topics: [{ name: 1 }] });
    expect(thrownBy(refused).code).toBe("UNENCODABLE");
  });

  test("a version that is not spoken is refused", () => {
    expect(thrownBy(() => encodeRequestBody(API.Fetch, 13, {})).code).toBe("UNSUPPORTED_VERSION");
    expect(isFlexible(API.Fetch, 11)).toBe(false);
    expect(isFlexible(API.Fetch, 12)).toBe(true);
    expect(versionRange(API.Fetch)).toEqual({ min: 4, max: 12 });
  });
});

describe("hostile bytes", () => {
  const LIMIT = { numRuns: 3000 };

  test("random requests are decoded or refused with a WireError", () => {
    const keys = fc.constantFrom(...VERSIONS);
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 200 }), ({ key, version }, tail) => {
        const bytes = new Uint8Array(10 + tail.length);
        bytes.set([0, key, 0, version, 0, 0, 0, 1, 255, 255]);
        bytes.set(tail, 10);
        for (const decode of [
          () => decodeRequest(bytes),
          () => decodeResponse(key, version, tail),
          () => decodeRequest(tail),
        ]) {
          try {
            decode();
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      LIMIT,
    );
  });

  test("flipped bits and cuts in valid messages are decoded or refused with a WireError", () => {
    const cases = fc.constantFrom(...VERSIONS).chain((message) =>
      fc.record({
        message: fc.constant(message),
        body: bodyArbitrary(message.response, message.version),
        flips: fc.array(fc.nat(), { maxLength: 3 }),
        cut: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ message, body, flips, cut }) => {
        const bytes = encodeResponse(message.key, message.version, 1, body);
        for (const flip of flips) bytes[(flip >>> 3) % bytes.length]! ^= 1 << (flip & 7);
        for (const input of [bytes, bytes.subarray(0, cut % bytes.length)]) {
          try {
            decodeResponse(message.key, message.version, input);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        }
      }),
      LIMIT,
    );
  });
});
