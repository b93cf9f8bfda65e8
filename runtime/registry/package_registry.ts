/**
 * @kafkajs/confluent-schema-registry, held by its handles: it makes the requests, we keep what it hides.
 *
 * - Of a schema it hands out avsc's reading, without logical types and enum defaults: the text is taken
 *   from the answer on its way through.
 * - It waits for ever for an answer that does not come, and a connection that is cut in the middle of
 *   one leaves it, and everyone who asks for that id after, waiting.
 * - A refused connection has status 400, like a request that a registry refuses.
 * - Its caches know no bound: they are emptied after each use, ours stands before them.
 *
 * @module
 */

import type { SchemaRegistry } from "@kafkajs/confluent-schema-registry";
import { MillraceError } from "../fault/mod.ts";
import { type Endpoint, failure, NO_SUCH_PATH, unreachable } from "./rest.ts";

/** A schema as the registry keeps it. */
export interface Found {
  readonly schema: string;
  /** Absent for Avro. */
  readonly schemaType?: string;
}

/** Given in full each time: the package keeps what one instance leaves out for all others. */
const RETRY = {
  maxRetryTimeInSecs: 1,
  initialRetryTimeInSecs: 0.1,
  factor: 0.2,
  multiplier: 2,
  retries: 2,
};

interface Answer extends Found {
  readonly references?: readonly unknown[];
}

/** The part of mappersmith's requests and responses that is used here. */
interface Request {
  enhance(extras: { timeout: number }): Request;
}
interface Response {
  request(): { url(): string };
  data(): unknown;
}

export class PackageRegistry {
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  /** Ids that are being looked up, with the answer when it has passed. */
  readonly #answers = new Map<number, Answer | undefined>();
  #registry: Promise<SchemaRegistry> | undefined;

  constructor(endpoint: Endpoint, timeoutMs: number) {
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * One look-up of an id at a time.
   *
   * @returns undefined when the registry says that it has no such schema
   * @throws {MillraceError} REGISTRY_UNREACHABLE, REGISTRY_REFUSED
   */
  async lookUp(id: number): Promise<Found | undefined> {
    const what = `look up schema ${id}`;
    this.#answers.set(id, undefined);
    let compiled: unknown;
    let answer: Answer | undefined;
    try {
      compiled = await this.#within(what, (registry) => registry.getSchema(id));
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      const refusal = refusalOf(error);
      if (refusal?.status === 404 && refusal.byRegistry) return undefined;
      if (refusal !== undefined) throw this.#fault(what, refusal);
      // The package has no reading of it: another kind of schema, or one that avsc does not take.
    } finally {
      answer = this.#answers.get(id);
      this.#answers.delete(id);
    }
    if (typeof answer?.schema !== "string") {
      throw unreachable(this.#endpoint.base, what, new Error("what answers is no registry"));
    }
    if ((answer.references?.length ?? 0) === 0 || compiled === undefined) return answer;
    // Only the package's reading has what the schema refers to in it.
    const type = compiled as { schema(options: object): unknown };
    return { schema: JSON.stringify(type.schema({ exportAttrs: true })) };
  }

  /**
   * @param level the subject's own, on which the package insists; undefined when it has none, which
   *   stays so: the package would give it one
   * @returns undefined when the package does not take the schema; nothing was sent then
   * @throws {MillraceError} REGISTRY_UNREACHABLE, REGISTRY_REFUSED
   */
  async register(
    subject: string,
    schema: string,
    level: string | undefined,
  ): Promise<number | undefined> {
    const what = `register the schema of ${subject}`;
    try {
      const { id } = await this.#within(what, (registry) =>
        registry.register(
          { type: "AVRO" as never, schema },
          { subject, compatibility: level as never },
        ),
      );
      return id;
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw this.#fault(what, refusal);
      if (error instanceof Error && error.name.endsWith("CompatibilityError")) {
        // Somebody changed the level a moment ago.
        throw unreachable(this.#endpoint.base, what, error);
      }
      return undefined;
    }
  }

  async #within<T>(what: string, ask: (registry: SchemaRegistry) => Promise<T>): Promise<T> {
    const registry = await this.#package();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Its next look-up of the same id would wait for this one.
        this.#registry = undefined;
        const late = new Error(`no answer within ${this.#timeoutMs} ms`);
        reject(unreachable(this.#endpoint.base, what, late));
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([ask(registry), timeout]);
    } finally {
      clearTimeout(timer);
      registry.cache.clear();
    }
  }

  /** Loaded when first needed: it brings parsers of formats that are not ours. */
  #package(): Promise<SchemaRegistry> {
    this.#registry ??= import("@kafkajs/confluent-schema-registry").then(({ SchemaRegistry }) => {
      const { base, auth } = this.#endpoint;
      return new SchemaRegistry({
        host: base,
        retry: RETRY,
        middlewares: [() => this.#middleware() as never],
        ...(auth === undefined ? {} : { auth: { ...auth } }),
      });
    });
    return this.#registry;
  }

  #middleware() {
    return {
      prepareRequest: async (next: () => Promise<Request>) =>
        (await next()).enhance({ timeout: this.#timeoutMs }),
      response: async (next: () => Promise<Response>) => {
        const response = await next();
        const id = Number(/\/schemas\/ids\/(\d+)$/.exec(response.request().url())?.[1]);
        if (this.#answers.has(id)) this.#answers.set(id, (response.data() ?? {}) as Answer);
        return response;
      },
    };
  }

  #fault(what: string, { status, byRegistry, error }: Refusal): MillraceError {
    const { base } = this.#endpoint;
    if (status === 400 && !byRegistry) return unreachable(base, what, error);
    return failure(base, what, status, error);
  }
}

interface Refusal {
  readonly status: number;
  /** A registry gives its reason; what the package makes of a lost connection has none. */
  readonly byRegistry: boolean;
  readonly error: Error;
}

/** Undefined for what is no answer with an error's status. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const { status } = error;
  if (typeof status !== "number") return undefined;
  const { message } = error;
  // The package's words where the body has no `message`; an object all the same is some registry's.
  const made =
    message.includes(` - Error, status ${status}`) && !message.includes("[object Object]");
  return { status, byRegistry: !made && !message.endsWith(NO_SUCH_PATH), error };
}
