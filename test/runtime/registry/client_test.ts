import { createServer } from "node:http";
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
