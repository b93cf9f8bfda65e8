import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTopology } from "../../../runtime/cli/topology_file.ts";
import { createRegistryClient, createRegistryServer } from "../../../runtime/registry/mod.ts";
import { parseAvroSchema } from "../../../topology/language/mod.ts";

let folder: string;
let registry: Awaited<ReturnType<typeof createRegistryServer>>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-subjects-"));
  registry = await createRegistryServer();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await registry.close();
});

const record = (...fields: object[]) => parseAvroSchema({ type: "record", name: "O", fields });
const A = { name: "a", type: "long" };
const B = { name: "b", type: "string", default: "" };

function definition(source: string, filter: string): string {
  const file = join(folder, "t.yaml");
  writeFileSync(
    file,
    `topology: t\nstreams:\n  s: ${source}\n  out: {}\npipelines:\n  p:\n    - source: s\n    - filter: ${filter}\n    - sink: out\n`,
  );
  return file;
}

test("subjects that a definition names are fetched: the newest, a pinned one, keys and values", async () => {
  const client = createRegistryClient({ url: registry.url });
  await client.register("s-value", record(A));
  await client.register("s-value", record(A, B));
  await client.register("names/of keys", record(B));
  const read = async (source: string, filter: string) =>
    (await readTopology(definition(source, filter), client)).diagnostics.map(
      ({ code, message }) => `${code} ${message}`,
    );
  const keys = "key: { subject: names/of keys }";
  expect(await read(`{ ${keys}, value: avro }`, "value.b == key.b")).toEqual([]);
  expect(await read("{ value: { subject: s-value, version: 1 } }", "value.a > 0")).toEqual([]);
  expect(await read("{ value: { subject: s-value, version: 1 } }", "value.b == ''")).toEqual([
    expect.stringContaining('UNKNOWN_FIELD s has no field "b"'),
  ]);
  expect(await read("{ value: { subject: s-value, version: 3 } }", "value.a > 0")).toEqual([
    'MISSING_SUBJECT the registry has no version 3 of subject "s-value"',
  ]);
  expect(await read("{ value: { subject: nothing } }", "value.a > 0")).toEqual([
    'MISSING_SUBJECT the registry has no subject "nothing"',
  ]);
});

test("a registry that does not answer is asked only when a subject is named", async () => {
  const client = createRegistryClient({ url: "http://127.0.0.1:1" });
  const plain = await readTopology(definition("{ value: string }", "value != ''"), client);
  expect(plain.diagnostics).toEqual([]);
  await expect(
    readTopology(definition("{ value: avro }", "value.a > 0"), client),
  ).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
});
