/**
 * Schema registry, client side: @kafkajs/confluent-schema-registry registers and looks up; around it
 * stand a cache per id, a cache of ids that are of no use, and the line between "there is no such
 * schema" and "nobody answered".
 *
 * @module
 */

import { type AvroType, formatAvroSchema, parseAvroSchema } from "../../topology/language/mod.ts";
import type { Clock, SchemaSource } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import { type Found, PackageRegistry } from "./package_registry.ts";
import { type Auth, type Endpoint, parseEndpoint, request } from "./rest.ts";

export interface RegistryClientOptions {
  /** Base URL, `http://host:port`; credentials in it are used as `auth`. */
  readonly url: string;
  readonly auth?: Auth;
  /** How long an id that the registry does not know is not asked for again, ms. @default 30,000 */
  readonly negativeTtlMs?: number;
  /** Schemas kept by id; ids never change their schema. The oldest go first. @default 2,000 */
  readonly maxSchemas?: number;
  /** How long a look-up or a registration may take, ms. @default 10,000 */
  readonly timeoutMs?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface RegistryClient extends SchemaSource {
  /** The newest version of a subject; undefined when there is none. @throws transient */
  latest(subject: string): Promise<{ readonly id: number; readonly schema: AvroType } | undefined>;
  /**
   * Text of a subject's Avro schema; undefined when there is no such version.
   * @throws {MillraceError} UNDECODABLE for a schema that is not Avro; transient
   */
  schemaText(subject: string, version: number | "latest"): Promise<string | undefined>;
  /** Deletes a subject for good; one that does not exist is no error. @throws transient */
  deleteSubject(subject: string): Promise<void>;
}

const DEFAULTS = { negativeTtlMs: 30_000, maxSchemas: 2000, timeoutMs: 10_000 };

/** @throws {MillraceError} INVALID_OPTION for what is no URL */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  return new CachingClient(options);
}

/** An id without a schema of ours: `fault` when it has one that is not Avro, or none that we read. */
interface Useless {
  readonly sinceMs: number;
  readonly fault: MillraceError | undefined;
}

class CachingClient implements RegistryClient {
  readonly #options: RegistryClientOptions & typeof DEFAULTS;
  readonly #endpoint: Endpoint;
  readonly #package: PackageRegistry;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #schemas = new Map<number, AvroType>();
  readonly #useless = new Map<number, Useless>();
  readonly #asked = new Map<number, Promise<AvroType | undefined>>();

  constructor(options: RegistryClientOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#clock = options.clock ?? { monotonic: () => performance.now() };
    this.#endpoint = parseEndpoint(options.url, options.auth);
    this.#package = new PackageRegistry(this.#endpoint, this.#options.timeoutMs);
  }

  async byId(id: number): Promise<AvroType | undefined> {
    const known = this.#schemas.get(id);
    if (known !== undefined) return known;
    const useless = this.#useless.get(id);
    if (useless !== undefined) {
      if (this.#clock.monotonic() - useless.sinceMs < this.#options.negativeTtlMs) {
        if (useless.fault !== undefined) throw useless.fault;
        return undefined;
      }
      this.#useless.delete(id);
    }
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      asked = this.#ask(id).finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return await asked;
  }

  async register(subject: string, schema: AvroType): Promise<number> {
    const text = JSON.stringify(formatAvroSchema(schema));
    const id =
      (await this.#package.register(subject, text, await this.#level(subject))) ??
      (await this.#post(subject, text));
    this.#remember(id, schema);
    return id;
  }

  async latest(subject: string) {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const found = (await this.#request("GET", path)) as (Found & { id: number }) | undefined;
    return found === undefined ? undefined : { id: found.id, schema: parse(found, found.id) };
  }

  async schemaText(subject: string, version: number | "latest"): Promise<string | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    const found = (await this.#request("GET", path)) as (Found & { id: number }) | undefined;
    if (found !== undefined) checkIsAvro(found, found.id);
    return found?.schema;
  }

  async deleteSubject(subject: string): Promise<void> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    await this.#request("DELETE", path);
    await this.#request("DELETE", `${path}?permanent=true`);
  }

  async #ask(id: number): Promise<AvroType | undefined> {
    const found = await this.#package.lookUp(id);
    if (found === undefined) {
      this.#markUseless(id, undefined);
      return undefined;
    }
    try {
      const schema = parse(found, id);
      this.#remember(id, schema);
      return schema;
    } catch (error) {
      if (error instanceof MillraceError) this.#markUseless(id, error);
      throw error;
    }
  }

  #remember(id: number, schema: AvroType): void {
    this.#useless.delete(id);
    this.#schemas.set(id, schema);
    trim(this.#schemas, this.#options.maxSchemas);
  }

  #markUseless(id: number, fault: MillraceError | undefined): void {
    this.#useless.set(id, { sinceMs: this.#clock.monotonic(), fault });
    trim(this.#useless, this.#options.maxSchemas);
  }

  /** The subject's own level; undefined when it goes by the registry's. */
  async #level(subject: string): Promise<string | undefined> {
    const config = await this.#request("GET", `/config/${encodeURIComponent(subject)}`);
    return (
      config as { compatibilityLevel?: string } | undefined
    )?.compatibilityLevel?.toUpperCase();
  }

  /** For what the package does not take: types without a name, defaults that avsc refuses. */
  async #post(subject: string, schema: string): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = (await this.#request("POST", path, { schema })) as { id: number } | undefined;
    if (typeof answer?.id === "number") return answer.id;
    throw new MillraceError(
      "REGISTRY_REFUSED",
      `Cannot register the schema of ${subject} at ${this.#endpoint.base}: it answers without an id`,
    );
  }

  #request(method: string, path: string, body?: unknown): Promise<unknown> {
    return request(this.#endpoint, this.#options.timeoutMs, method, path, body);
  }
}

/** @throws {MillraceError} UNDECODABLE */
function checkIsAvro({ schemaType = "AVRO" }: Found, id: number): void {
  if (schemaType === "AVRO") return;
  throw new MillraceError("UNDECODABLE", `Cannot use schema ${id}: it is ${schemaType}, not Avro`);
}

/** @throws {MillraceError} UNDECODABLE */
function parse(found: Found, id: number): AvroType {
  checkIsAvro(found, id);
  try {
    return parseAvroSchema(JSON.parse(found.schema));
  } catch (cause) {
    throw new MillraceError("UNDECODABLE", `Cannot use schema ${id}: ${String(cause)}`, { cause });
  }
}

function trim(map: Map<number, unknown>, most: number): void {
  while (map.size > most) map.delete(map.keys().next().value!);
}
