/**
 * Schema registry, client side: @kafkajs/confluent-schema-registry registers and looks up; around it
 * stand a cache per id, a cache of ids that do not exist, and the line between "there is no such
 * schema" and "nobody answered" (that package reports a refused connection as status 400).
 *
 * @module
 */

import type { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { type AvroType, formatAvroSchema, parseAvroSchema } from "../../topology/language/mod.ts";
import type { Clock, SchemaSource } from "../engine/mod.ts";
import { MillraceError } from "../fault/mod.ts";

export interface RegistryClientOptions {
  /** Base URL, `http://host:port`. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string };
  /** How long an id that the registry does not know is not asked for again, ms. @default 30,000 */
  readonly negativeTtlMs?: number;
  /** Schemas kept by id; ids never change their schema. The oldest go first. @default 2,000 */
  readonly maxSchemas?: number;
  /** How long one request may take, ms. @default 10,000 */
  readonly timeoutMs?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface RegistryClient extends SchemaSource {
  /** The newest version of a subject; undefined when there is none. @throws transient */
  latest(subject: string): Promise<{ readonly id: number; readonly schema: AvroType } | undefined>;
  /** Deletes a subject for good; one that does not exist is no error. @throws transient */
  deleteSubject(subject: string): Promise<void>;
}

const DEFAULTS = { negativeTtlMs: 30_000, maxSchemas: 2000, timeoutMs: 10_000 };
/** Given in full each time: the package keeps what one instance leaves out for all others. */
const RETRY = {
  maxRetryTimeInSecs: 1,
  initialRetryTimeInSecs: 0.1,
  factor: 0.2,
  multiplier: 2,
  retries: 2,
};
const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

/** @throws {MillraceError} INVALID_OPTION for what is no URL */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  return new CachingClient(options);
}

class CachingClient implements RegistryClient {
  readonly #options: RegistryClientOptions & typeof DEFAULTS;
  readonly #base: string;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #schemas = new Map<number, AvroType>();
  /** When ids were found not to exist, ms. */
  readonly #unknown = new Map<number, number>();
  readonly #asked = new Map<number, Promise<AvroType | undefined>>();
  #registry: Promise<SchemaRegistry> | undefined;

  constructor(options: RegistryClientOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#clock = options.clock ?? { monotonic: () => performance.now() };
    let url: URL;
    try {
      url = new URL(options.url);
    } catch (cause) {
      throw new MillraceError("INVALID_OPTION", `Cannot use registry URL "${options.url}"`, {
        cause,
      });
    }
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new MillraceError(
        "INVALID_OPTION",
        `Cannot use registry URL "${options.url}": it must begin with http:// or https://`,
      );
    }
    this.#base = url.href.replace(/\/+$/, "");
  }

  async byId(id: number): Promise<AvroType | undefined> {
    const known = this.#schemas.get(id);
    if (known !== undefined) return known;
    const missingSince = this.#unknown.get(id);
    if (missingSince !== undefined) {
      if (this.#clock.monotonic() - missingSince < this.#options.negativeTtlMs) return undefined;
      this.#unknown.delete(id);
    }
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      asked = this.#ask(id).finally(() => this.#asked.delete(id));
      this.#asked.set(id, asked);
    }
    return await asked;
  }

  async register(subject: string, schema: AvroType): Promise<number> {
    const registry = await this.#package();
    // The package insists on a level, and refuses the subject when it has another one.
    const level = await this.#level(subject);
    try {
      const { id } = await registry.register(
        { type: "AVRO" as never, schema: JSON.stringify(formatAvroSchema(schema)) },
        { subject, compatibility: level as never },
      );
      this.#remember(id, schema);
      return id;
    } catch (error) {
      throw this.#fault(error, `register the schema of ${subject}`);
    }
  }

  async latest(subject: string) {
    const response = await this.#fetch(
      "GET",
      `/subjects/${encodeURIComponent(subject)}/versions/latest`,
    );
    if (response.status === 404) return undefined;
    const { id, schema } = response.body as { id: number; schema: string };
    return { id, schema: parse(schema, id) };
  }

  async deleteSubject(subject: string): Promise<void> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    await this.#fetch("DELETE", path);
    await this.#fetch("DELETE", `${path}?permanent=true`);
  }

  async #ask(id: number): Promise<AvroType | undefined> {
    const registry = await this.#package();
    try {
      const found = (await registry.getSchema(id)) as unknown as {
        schema(options: object): unknown;
      };
      const text = JSON.stringify(found.schema({ exportAttrs: true }));
      const schema = parse(text, id);
      this.#remember(id, schema);
      return schema;
    } catch (error) {
      if (statusOf(error) === 404) {
        this.#unknown.set(id, this.#clock.monotonic());
        trim(this.#unknown, this.#options.maxSchemas);
        return undefined;
      }
      throw this.#fault(error, `look up schema ${id}`);
    }
  }

  #remember(id: number, schema: AvroType): void {
    this.#unknown.delete(id);
    this.#schemas.set(id, schema);
    trim(this.#schemas, this.#options.maxSchemas);
  }

  async #level(subject: string): Promise<string> {
    const { status, body } = await this.#fetch("GET", `/config/${encodeURIComponent(subject)}`);
    const level = (body as { compatibilityLevel?: string }).compatibilityLevel;
    return status === 404 || level === undefined ? "BACKWARD" : level.toUpperCase();
  }

  /** Loaded when first needed: it brings parsers of formats that are not ours. */
  #package(): Promise<SchemaRegistry> {
    this.#registry ??= import("@kafkajs/confluent-schema-registry").then(({ SchemaRegistry }) => {
      const { auth } = this.#options;
      return new SchemaRegistry({
        host: this.#base,
        retry: RETRY,
        ...(auth === undefined ? {} : { auth: { ...auth } }),
      });
    });
    return this.#registry;
  }

  async #fetch(method: string, path: string): Promise<{ status: number; body: unknown }> {
    const { auth, timeoutMs } = this.#options;
    let response: Response;
    try {
      response = await fetch(`${this.#base}${path}`, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: CONTENT_TYPE,
          ...(auth === undefined
            ? {}
            : { authorization: `Basic ${btoa(`${auth.username}:${auth.password}`)}` }),
        },
      });
    } catch (cause) {
      throw this.#unreachable(`${method} ${path}`, cause);
    }
    const body: unknown = await response.json().catch(() => ({}));
    if (response.ok || response.status === 404) return { status: response.status, body };
    if (response.status >= 500 || response.status === 429) {
      throw this.#unreachable(`${method} ${path}`, new Error(`status ${response.status}`));
    }
    const { message } = body as { message?: string };
    throw new MillraceError(
      "REGISTRY_REFUSED",
      `Cannot ${method} ${path} at ${this.#base}: ${message ?? `status ${response.status}`}`,
    );
  }

  /** 400 is what the package makes of a refused connection; a registry itself answers 4xx with a reason. */
  #fault(error: unknown, what: string): MillraceError {
    const status = statusOf(error);
    const message = error instanceof Error ? error.message : String(error);
    const refused = status !== undefined && status > 400 && status < 500 && status !== 429;
    if (!refused && status !== undefined) return this.#unreachable(what, error);
    return new MillraceError("REGISTRY_REFUSED", `Cannot ${what} at ${this.#base}: ${message}`, {
      cause: error,
    });
  }

  #unreachable(what: string, cause: unknown): MillraceError {
    const reason = cause instanceof Error ? (cause.cause ?? cause) : cause;
    const text = reason instanceof Error ? reason.message : String(reason);
    return new MillraceError(
      "REGISTRY_UNREACHABLE",
      `Cannot ${what}: the schema registry at ${this.#base} does not answer (${text})`,
      { cause },
    );
  }
}

function parse(text: string, id: number): AvroType {
  try {
    return parseAvroSchema(JSON.parse(text));
  } catch (cause) {
    throw new MillraceError("UNDECODABLE", `Cannot use schema ${id}: ${String(cause)}`, { cause });
  }
}

function statusOf(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" ? status : undefined;
}

function trim(map: Map<number, unknown>, most: number): void {
  while (map.size > most) map.delete(map.keys().next().value!);
}
