import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createRegistryClient,
  createRegistryServer,
  type RegistryServer,
} from "../../../runtime/registry/mod.ts";
import { formatAvroSchema, parseAvroSchema } from "../../../topology/language/mod.ts";

const SCHEMA = parseAvroSchema({
  type: "record",
  name: "millrace.Thing",
  fields: [
    { name: "a", type: "int" },
    { name: "kind", type: { type: "enum", name: "Kind", symbols: ["X", "Y"] }, default: "X" },
    { name: "note", type: ["null", "string"], default: null },
  ],
});

let server: RegistryServer;

beforeEach(async () => {
  server = await createRegistryServer();
});

afterEach(() => server.close());

/** A proxy that counts what passes, and can answer in place of the registry. */
async function counting(override?: () => number | undefined) {
  const paths: string[] = [];
  const proxy = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    const status = override?.();
    if (status !== undefined) {
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
      return;
    }
    const chunks: Uint8Array[] = [];
    request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    request.on("end", async () => {
      const answer = await fetch(`${server.url}${request.url}`, {
        method: request.method ?? "GET",
        headers: { "content-type": request.headers["content-type"] ?? "application/json" },
        ...(chunks.length === 0 ? {} : { body: new Blob(chunks as BlobPart[]) }),
      });
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    paths,
    close: () => new Promise((resolve) => proxy.close(resolve)),
  };
}

/** A registry that gives one answer to everything. */
async function answering(answer: (response: ServerResponse, request: IncomingMessage) => unknown) {
  const stub = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    answer(response, request);
  });
  await new Promise<void>((resolve) => stub.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(stub.address() as AddressInfo).port}`,
    close: () => {
      stub.closeAllConnections();
      return new Promise((resolve) => stub.close(resolve));
    },
  };
}

describe("the registry client", () => {
  it("registers, and reads back what another client registered", async () => {
    const id = await createRegistryClient({ url: server.url }).register("t-value", SCHEMA);
    const other = createRegistryClient({ url: `${server.url}/` });
    expect(formatAvroSchema((await other.byId(id))!)).toEqual(formatAvroSchema(SCHEMA));
    expect((await other.latest("t-value"))?.id).toBe(id);
    expect(await other.latest("nobody")).toBeUndefined();
  });

  it("registers again under whatever level the subject has", async () => {
    const client = createRegistryClient({ url: server.url });
    await client.register("t-value", SCHEMA);
    await fetch(`${server.url}/config/t-value`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: '{"compatibility":"FULL_TRANSITIVE"}',
    });
    await expect(client.register("t-value", SCHEMA)).resolves.toBe(1);
  });

  it("asks once for an id, known or not, however often and at once it is wanted", async () => {
    const proxy = await counting();
    const id = await createRegistryClient({ url: server.url }).register("t-value", SCHEMA);
    let now = 0;
    const client = createRegistryClient({ url: proxy.url, clock: { monotonic: () => now } });
    await Promise.all(Array.from({ length: 50 }, () => client.byId(id)));
    await client.byId(id);
    for (let n = 0; n < 50; n++) expect(await client.byId(404)).toBeUndefined();
    const asked = (path: string) => proxy.paths.filter((line) => line === path).length;
    expect(asked(`GET /schemas/ids/${id}`)).toBe(1);
    expect(asked("GET /schemas/ids/404")).toBe(1);
    now = 29_999;
    await client.byId(404);
    expect(asked("GET /schemas/ids/404")).toBe(1);
    now = 30_000;
    await client.byId(404);
    expect(asked("GET /schemas/ids/404")).toBe(2);
    await proxy.close();
  });

  it("never takes a registry that is away for one that does not know", async () => {
    const { url } = server;
    await server.close();
    const client = createRegistryClient({ url });
    const unreachable = expect.objectContaining({ code: "REGISTRY_UNREACHABLE" });
    await expect(client.byId(1)).rejects.toEqual(unreachable);
    await expect(client.register("t-value", SCHEMA)).rejects.toEqual(unreachable);
    await expect(client.latest("t-value")).rejects.toEqual(unreachable);
    server = await createRegistryServer({ port: Number(new URL(url).port) });
    expect(await client.register("t-value", SCHEMA)).toBe(1);
  });

  it.each([500, 503])("takes status %s for an outage", async (status) => {
    const proxy = await counting(() => status);
    const client = createRegistryClient({ url: proxy.url });
    await expect(client.byId(1)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    await proxy.close();
  });

  it.each<[string, number, string]>([
    ["a page of some proxy that is no registry", 404, "<html>nothing here</html>"],
    ["another path of a registry", 404, '{"error_code":404,"message":"HTTP 404 Not Found"}'],
    ["a page in place of a schema", 200, "<html>log in</html>"],
    ["JSON in place of a schema", 200, '{"hello":"world"}'],
    ["a busy registry", 429, '{"error_code":429,"message":"slow down"}'],
  ])("takes %s for an outage: no record is lost over it", async (_, status, body) => {
    const stub = await answering((response) => response.writeHead(status).end(body));
    const client = createRegistryClient({ url: stub.url });
    await expect(client.byId(7)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    await stub.close();
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ["never answers", () => undefined],
    [
      "is cut off in the middle of its answer",
      (response) => {
        response.writeHead(200, { "content-length": 100 }).write("{");
        setTimeout(() => response.destroy(), 10);
      },
    ],
  ])("does not wait for ever for a registry that %s", async (_, answer) => {
    let isDown = true;
    const stub = await answering((response) =>
      isDown ? answer(response) : response.end('{"schema":"\\"int\\""}'),
    );
    const client = createRegistryClient({ url: stub.url, timeoutMs: 300 });
    const unreachable = { code: "REGISTRY_UNREACHABLE" };
    await expect(client.byId(7)).rejects.toMatchObject(unreachable);
    await expect(client.latest("t-value")).rejects.toMatchObject(unreachable);
    await expect(client.register("t-value", SCHEMA)).rejects.toMatchObject(unreachable);
    // Nor does the next one wait for the one that was lost.
    isDown = false;
    expect(await client.byId(7)).toEqual({ kind: "int" });
    await stub.close();
  });

  it.each([
    ["of another kind", '{"schema":"{}","schemaType":"JSON"}', /it is JSON, not Avro/],
    ["that is not valid", '{"schema":"{\\"type\\":\\"recrod\\"}"}', /recrod/],
  ])(
    "asks once for a schema %s: what is written with it is a bad record",
    async (_, body, message) => {
      let requests = 0;
      const stub = await answering((response) => {
        requests++;
        response.end(body);
      });
      let now = 0;
      const client = createRegistryClient({ url: stub.url, clock: { monotonic: () => now } });
      const bad = { code: "UNDECODABLE", message: expect.stringMatching(message) };
      for (let n = 0; n < 50; n++) await expect(client.byId(7)).rejects.toMatchObject(bad);
      expect(requests).toBe(1);
      now = 30_000;
      await expect(client.byId(7)).rejects.toMatchObject(bad);
      expect(requests).toBe(2);
      await stub.close();
    },
  );

  it("takes a request that the registry calls wrong for no outage", async () => {
    const stub = await answering((response) =>
      response.writeHead(400).end('{"error_code":400,"message":"not like this"}'),
    );
    const client = createRegistryClient({ url: stub.url });
    await expect(client.byId(7)).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringMatching(/not like this/),
    });
    await stub.close();
  });

  it("keeps of a schema what avsc forgets: logical types and defaults of enums", async () => {
    const schema = parseAvroSchema({
      type: "record",
      name: "x.T",
      fields: [
        { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
        { name: "e", type: { type: "enum", name: "E", symbols: ["A", "B"], default: "B" } },
        { name: "d", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } },
      ],
    });
    const id = await createRegistryClient({ url: server.url }).register("t-value", schema);
    expect(await createRegistryClient({ url: server.url }).byId(id)).toEqual(schema);
  });

  it("registers what the package does not take: a type without a name", async () => {
    const client = createRegistryClient({ url: server.url });
    const type = parseAvroSchema("string");
    const id = await client.register("t-key", type);
    expect(await client.register("t-key", type)).toBe(id);
    expect(await client.latest("t-key")).toEqual({ id, schema: type });
  });

  it("gives no subject a level of its own by registering", async () => {
    await createRegistryClient({ url: server.url }).register("t-value", SCHEMA);
    expect((await fetch(`${server.url}/config/t-value`)).status).toBe(404);
  });

  it("shows credentials to the registry, wherever they stand, and to nobody else", async () => {
    const seen: (string | undefined)[] = [];
    const stub = await answering((response, request) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end('{"error_code":401,"message":"go away"}');
    });
    const auth = { username: "me", password: "pässword" };
    const basic = `Basic ${Buffer.from("me:pässword").toString("base64")}`;
    const withAuth = stub.url.replace("//", `//me:${encodeURIComponent(auth.password)}@`);
    for (const client of [
      createRegistryClient({ url: stub.url, auth }),
      createRegistryClient({ url: withAuth }),
    ]) {
      for (const call of [() => client.byId(1), () => client.latest("t-value")]) {
        const error = await call().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({ code: "REGISTRY_REFUSED" });
        expect(String(error)).toMatch(/go away/);
        expect(String(error)).not.toMatch(/ssword/);
      }
    }
    expect(seen).toEqual([basic, basic, basic, basic]);
    await stub.close();
  });

  it("says what the registry refuses, in its words", async () => {
    const client = createRegistryClient({ url: server.url });
    await client.register("t-value", SCHEMA);
    const other = parseAvroSchema({ type: "record", name: "Other", fields: [] });
    await expect(client.register("t-value", other)).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      message: expect.stringMatching(/incompatible with an earlier schema/),
    });
  });

  it("deletes a subject for good, and minds none that is not there", async () => {
    const client = createRegistryClient({ url: server.url });
    await client.register("t-value", SCHEMA);
    await client.deleteSubject("t-value");
    await client.deleteSubject("t-value");
    expect(await client.latest("t-value")).toBeUndefined();
    const other = parseAvroSchema({ type: "record", name: "Other", fields: [] });
    await expect(client.register("t-value", other)).resolves.toBe(2);
  });

  it("refuses an address that is none", () => {
    for (const url of ["registry:8081", "ftp://x", ""]) {
      expect(() => createRegistryClient({ url })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    }
  });
});
