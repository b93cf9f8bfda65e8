import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegistryServer, type RegistryServer } from "../../../runtime/registry/mod.ts";

let server: RegistryServer;

beforeAll(async () => {
  server = await createRegistryServer();
});

afterAll(() => server.close());

const record = (fields: readonly object[], name = "R") =>
  JSON.stringify({ type: "record", name, fields });
const A = record([{ name: "a", type: "int" }]);
const A_B = record([
  { name: "a", type: "int" },
  { name: "b", type: "string", default: "" },
]);
const A_C = record([
  { name: "a", type: "int" },
  { name: "c", type: "string" },
]);

async function call(method: string, path: string, body?: unknown, headers: object = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/vnd.schemaregistry.v1+json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: (await response.json()) as unknown,
  };
}

const register = (subject: string, schema: string) =>
  call("POST", `/subjects/${encodeURIComponent(subject)}/versions`, { schema });

describe("the embedded registry", () => {
  it("registers one schema once, however many ask at a time", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => register("parallel", A)));
    const ids = new Set(answers.map(({ body }) => JSON.stringify(body)));
    expect(ids.size).toBe(1);
    expect((await call("GET", "/subjects/parallel/versions")).body).toEqual([1]);
  });

  it("gives a schema one id in all subjects, whatever its white space and the order of its attributes", async () => {
    const { body: first } = await register("one", A);
    const spaced =
      '{ "name": "R",\n "fields": [ {"type": {"type": "int"}, "name": "a"} ], "type": "record" }';
    expect((await register("two", spaced)).body).toEqual(first);
    const documented = record([{ name: "a", type: "int", doc: "a number" }]);
    expect((await register("three", documented)).body).not.toEqual(first);
    const primitive = await register("int", '"int"');
    expect((await register("int-2", '{"type":"int"}')).body).toEqual(primitive.body);
  });

  it("gives back the text that was registered, to the letter", async () => {
    // Beyond 2^53: a number read and written again would be another one.
    const text = '{ "type":"record", "name":"Raw",\n "fields": [], "big": 9007199254740993 }';
    const { body } = await register("raw", text);
    const { id } = body as { id: number };
    expect((await call("GET", `/schemas/ids/${id}`)).body).toEqual({ schema: text });
    const { body: bare } = await register("bare", "int");
    const found = await call("GET", `/schemas/ids/${(bare as { id: number }).id}`);
    expect(found.body).toEqual({ schema: '"int"' });
  });

  it("tells versions, ids and the newest", async () => {
    await register("versions", A);
    const { body } = await register("versions", A_B);
    const { id } = body as { id: number };
    const newest = { subject: "versions", id, version: 2, schema: A_B };
    expect((await call("GET", "/subjects/versions/versions/latest")).body).toMatchObject({
      ...newest,
      schema: expect.any(String),
    });
    expect((await call("GET", "/subjects/versions/versions/-1")).body).toMatchObject({
      version: 2,
    });
    expect((await call("GET", `/schemas/ids/${id}`)).body).toEqual({ schema: expect.any(String) });
    expect((await call("GET", `/schemas/ids/${id}/versions`)).body).toContainEqual({
      subject: "versions",
      version: 2,
    });
    expect((await call("POST", "/subjects/versions", { schema: A })).body).toMatchObject({
      version: 1,
    });
    expect((await call("GET", "/subjects/versions/versions/1/schema")).body).toEqual(JSON.parse(A));
    expect((await call("GET", "/schemas/types")).body).toEqual(["AVRO"]);
    expect((await call("GET", "/mode")).body).toEqual({ mode: "READWRITE" });
  });

  it.each([
    ["GET", "/subjects/none/versions", undefined, 404, 40401, "Subject 'none' not found."],
    ["GET", "/subjects/codes/versions/9", undefined, 404, 40402, "Version 9 not found."],
    ["GET", "/subjects/codes/versions/abc", undefined, 422, 42202, /not a valid version/],
    ["GET", "/subjects/codes/versions/0", undefined, 422, 42202, /not a valid version/],
    ["GET", "/schemas/ids/9999", undefined, 404, 40403, "Schema not found"],
    ["POST", "/subjects/codes", { schema: '"string"' }, 404, 40403, "Schema not found"],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: '{"type":"recrod"}' },
      422,
      42201,
      /Invalid schema/,
    ],
    ["POST", "/subjects/codes/versions", { schema: "" }, 422, 42201, /Invalid schema/],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: A_C },
      409,
      409,
      /incompatible with an earlier schema/,
    ],
    ["GET", "/config/codes", undefined, 404, 40408, /subject-level compatibility/],
    [
      "PUT",
      "/config/codes",
      { compatibility: "SIDEWAYS" },
      422,
      42203,
      /Invalid compatibility level/,
    ],
    ["POST", "/subjects/codes/versions", "{", 400, 400, /Unable to process JSON/],
    ["PATCH", "/subjects", undefined, 405, 405, /405/],
    ["GET", "/nowhere", undefined, 404, 404, /404/],
    ["POST", "/nowhere", undefined, 404, 404, /404/],
    ["GET", "//", undefined, 404, 404, /404/],
    ["GET", "/subjects/%zz/versions", undefined, 400, 400, /not properly encoded/],
    ["GET", "/schemas/ids/abc", undefined, 404, 404, /404/],
    ["GET", "/schemas/ids/-1", undefined, 404, 40403, "Schema not found"],
    ["GET", "/subjects/codes/versions/-5", undefined, 422, 42202, /not a valid version/],
    ["GET", "/mode/codes", undefined, 404, 40409, /subject-level mode/],
    ["DELETE", "/subjects/none", undefined, 404, 40401, "Subject 'none' not found."],
    ["DELETE", "/config/none", undefined, 404, 40408, /subject-level compatibility/],
    ["DELETE", "/subjects/codes/versions/9", undefined, 404, 40402, "Version 9 not found."],
    [
      "DELETE",
      "/subjects/codes/versions/1?permanent=true",
      undefined,
      404,
      40407,
      "Subject 'codes' Version 1 was not deleted first before being permanently deleted",
    ],
    [
      "POST",
      "/compatibility/subjects/none/versions/latest",
      { schema: '"int"' },
      404,
      40401,
      "Subject 'none' not found.",
    ],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: "{}", schemaType: "JSON" },
      422,
      42201,
      /AVRO schemas only/,
    ],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: '"int"', references: [{ name: "R", subject: "s", version: 1 }] },
      422,
      42201,
      /references/,
    ],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: `{"type":"int","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}` },
      422,
      42201,
      /nested too deeply/,
    ],
    [
      "POST",
      "/subjects/codes/versions",
      { schema: JSON.stringify('{"type":"int"}') },
      422,
      42201,
      /is no type/,
    ],
    ["POST", `/subjects/${"s".repeat(256)}/versions`, { schema: '"int"' }, 422, 42208, /1 to 255/],
    ["POST", "/subjects/codes/versions", [], 400, 400, /not an object/],
  ])(
    "%s %s answers with the code that clients know",
    async (method, path, body, status, code, message) => {
      await register("codes", A);
      const answer = await call(method, path, body);
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({ error_code: code, message: expect.stringMatching(message) });
    },
  );

  it("speaks the content type it is asked for, and refuses others in a body", async () => {
    expect((await call("GET", "/subjects", undefined, { accept: "application/json" })).type).toBe(
      "application/json",
    );
    expect((await call("GET", "/subjects")).type).toBe("application/vnd.schemaregistry.v1+json");
    const refused = await call(
      "PUT",
      "/config",
      { compatibility: "FULL" },
      { "content-type": "text/plain" },
    );
    expect(refused.status).toBe(415);
  });

  it("keeps a level per subject", async () => {
    await register("levels", A);
    expect((await call("PUT", "/config/levels", { compatibility: "NONE" })).body).toEqual({
      compatibility: "NONE",
    });
    expect((await register("levels", A_C)).status).toBe(200);
    expect((await call("GET", "/config/levels")).body).toEqual({ compatibilityLevel: "NONE" });
    expect((await call("GET", "/config")).body).toEqual({ compatibilityLevel: "BACKWARD" });
    expect((await call("DELETE", "/config/levels")).status).toBe(200);
    expect((await call("GET", "/config/levels")).status).toBe(404);
    const check = { schema: A };
    const path = "/compatibility/subjects/levels/versions/latest";
    expect((await call("POST", path, check)).body).toEqual({ is_compatible: true });
    expect((await call("POST", `${path}?verbose=true`, { schema: A_B })).body).toEqual({
      is_compatible: true,
      messages: [],
    });
    const foreign = record([{ name: "a", type: "int" }], "Other");
    expect((await call("POST", path, { schema: foreign })).body).toEqual({ is_compatible: false });
  });

  it("deletes softly, then for good", async () => {
    const { body } = await register("gone", A);
    const { id } = body as { id: number };
    expect((await call("DELETE", "/subjects/gone?permanent=true")).body).toMatchObject({
      error_code: 40405,
    });
    expect((await call("DELETE", "/subjects/gone")).body).toEqual([1]);
    expect((await call("DELETE", "/subjects/gone")).body).toMatchObject({ error_code: 40404 });
    expect((await call("GET", `/schemas/ids/${id}`)).status).toBe(200);
    expect((await register("gone", A)).body).toEqual({ id });
    expect((await call("GET", "/subjects/gone/versions")).body).toEqual([2]);
    await call("DELETE", "/subjects/gone");
    expect((await call("DELETE", "/subjects/gone?permanent=true")).body).toEqual([1, 2]);
    await register("gone", A);
    expect((await call("GET", "/subjects/gone/versions")).body).toEqual([1]);
  });

  it.each(["a/b", "a..b", "%2e", "男 女", "a?b#c", "'"])(
    "keeps a subject named %s",
    async (name) => {
      const path = `/subjects/${encodeURIComponent(name)}`;
      expect((await call("POST", `${path}/versions`, { schema: A })).status).toBe(200);
      expect((await call("GET", `${path}/versions`)).body).toEqual([1]);
      expect((await call("GET", "/subjects")).body).toContain(name);
    },
  );

  it("deletes single versions, softly, then for good", async () => {
    await register("parts", A);
    await register("parts", A_B);
    const path = "/subjects/parts/versions";
    expect((await call("DELETE", `${path}/latest`)).body).toBe(2);
    expect((await call("DELETE", `${path}/2`)).body).toMatchObject({ error_code: 40406 });
    expect((await call("GET", path)).body).toEqual([1]);
    expect((await call("GET", `${path}?deleted=true`)).body).toEqual([1, 2]);
    expect((await call("GET", `${path}/2`)).body).toMatchObject({ error_code: 40402 });
    expect((await call("GET", `${path}/2?deleted=true`)).body).toMatchObject({ version: 2 });
    expect((await call("POST", "/subjects/parts", { schema: A_B })).status).toBe(404);
    const lookUp = await call("POST", "/subjects/parts?deleted=true", { schema: A_B });
    expect(lookUp.body).toMatchObject({ version: 2 });
    expect((await call("DELETE", `${path}/2?permanent=true`)).body).toBe(2);
    expect((await call("GET", `${path}?deleted=true`)).body).toEqual([1]);
    await call("DELETE", `${path}/1`);
    expect((await call("GET", "/subjects")).body).not.toContain("parts");
    expect((await call("GET", "/subjects?deleted=true")).body).toContain("parts");
    await call("DELETE", `${path}/1?permanent=true`);
    expect((await call("GET", "/subjects?deleted=true")).body).not.toContain("parts");
  });

  it("tells where an id is in use, and its schema alone", async () => {
    const schema = record([{ name: "where", type: "int" }]);
    const { body } = await register("where-1", schema);
    await register("where-2", schema);
    const path = `/schemas/ids/${(body as { id: number }).id}`;
    expect((await call("GET", `${path}/subjects`)).body).toEqual(["where-1", "where-2"]);
    expect((await call("GET", `${path}/schema`)).body).toEqual(JSON.parse(schema));
    await call("DELETE", "/subjects/where-1");
    expect((await call("GET", `${path}/versions`)).body).toEqual([
      { subject: "where-2", version: 1 },
    ]);
    expect((await call("GET", `${path}/versions?deleted=true`)).body).toHaveLength(2);
    expect((await call("GET", "/subjects/where-2/versions/1/referencedby")).body).toEqual([]);
  });

  it("has a level for all, in whatever case it is written", async () => {
    const other = await createRegistryServer();
    const config = async (method: string, body?: string) => {
      const response = await fetch(`${other.url}/config`, {
        method,
        ...(body === undefined ? {} : { body }),
        headers: { "content-type": "application/json; charset=utf-8" },
      });
      return (await response.json()) as unknown;
    };
    expect(await config("PUT", '{"compatibility":"full"}')).toEqual({ compatibility: "FULL" });
    expect(await config("GET")).toEqual({ compatibilityLevel: "FULL" });
    const subject = await fetch(`${other.url}/config/any?defaultToGlobal=true`);
    expect(await subject.json()).toEqual({ compatibilityLevel: "FULL" });
    await config("DELETE");
    expect(await config("GET")).toEqual({ compatibilityLevel: "BACKWARD" });
    await other.close();
  });

  it("refuses a body over its limit and goes on", async () => {
    const small = await createRegistryServer({ maxBodyBytes: 1000 });
    const response = await fetch(`${small.url}/subjects/x/versions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "x".repeat(5000),
    });
    expect(response.status).toBe(413);
    expect((await fetch(`${small.url}/subjects`)).status).toBe(200);
    await small.close();
  });

  it("answers a long path like any other", async () => {
    expect((await fetch(`${server.url}/subjects/${"a".repeat(10_000)}/versions`)).status).toBe(404);
    expect((await call("GET", "/subjects")).status).toBe(200);
  });

  it("serves the package that applications use", async () => {
    const registry = new SchemaRegistry({ host: server.url });
    const schema = { type: "AVRO" as never, schema: A };
    const { id } = await registry.register(schema, { subject: "package-value" });
    expect(await registry.getLatestSchemaId("package-value")).toBe(id);
    expect(await registry.getRegistryIdBySchema("package-value", schema)).toBe(id);
    const bytes = await registry.encode(id, { a: 7 });
    expect(await registry.decode(bytes)).toEqual({ a: 7 });
    await expect(
      registry.register({ type: "AVRO" as never, schema: A_C }, { subject: "package-value" }),
    ).rejects.toThrow(/incompatible with an earlier schema/);
  });
});
