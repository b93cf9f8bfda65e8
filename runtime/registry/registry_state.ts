/**
 * What a schema registry knows: ids by content, versions by subject, compatibility levels. No I/O.
 *
 * @module
 */

import { AvroSchemaError, type AvroType, parseAvroSchema } from "../../topology/language/mod.ts";
import { incompatibilities, LEVELS, type Level } from "./compatibility.ts";

/** An answer with Confluent's error code and words, which clients show to their users. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number;
  readonly errorCode: number;

  constructor(status: number, errorCode: number, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export interface Version {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  /** JSON text, canonical in white space only. */
  readonly schema: string;
}

interface StoredVersion {
  readonly id: number;
  readonly version: number;
  deleted: boolean;
}

interface Subject {
  readonly versions: StoredVersion[];
  level?: Level;
}

/** @default 10,000 schemas; more are refused with 42201 */
const MAX_SCHEMAS = 10_000;
const MAX_SUBJECT_LENGTH = 255;

const subjectNotFound = (subject: string) =>
  new RegistryError(404, 40401, `Subject '${subject}' not found.`);
const versionNotFound = (version: number) =>
  new RegistryError(404, 40402, `Version ${version} not found.`);

export class RegistryState {
  readonly #ids = new Map<string, number>();
  readonly #schemas: { readonly text: string; readonly type: AvroType }[] = [];
  readonly #subjects = new Map<string, Subject>();
  #level: Level = "BACKWARD";

  /** Registers a schema, or finds it where it is registered. @returns its id, the same in all subjects */
  register(subject: string, text: unknown): number {
    checkSubject(subject);
    const { type, canonical } = parse(text);
    const known = this.#subjects.get(subject);
    const id = this.#ids.get(canonical);
    const living = known?.versions.filter(({ deleted }) => !deleted) ?? [];
    if (id !== undefined && living.some((version) => version.id === id)) return id;
    const problems = this.#against(subject, living, type);
    if (problems.length > 0) {
      throw new RegistryError(
        409,
        409,
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${problems.join("; ")}]`,
      );
    }
    const assigned = id ?? this.#store(canonical, type);
    const target = known ?? { versions: [] };
    this.#subjects.set(subject, target);
    const version = 1 + Math.max(0, ...target.versions.map((stored) => stored.version));
    target.versions.push({ id: assigned, version, deleted: false });
    return assigned;
  }

  /** Finds a schema in a subject. */
  lookUp(subject: string, text: unknown): Version {
    const versions = this.#living(subject);
    const id = this.#ids.get(parse(text).canonical);
    const found = versions.find((version) => version.id === id);
    if (found === undefined) throw new RegistryError(404, 40403, "Schema not found");
    return this.#describe(subject, found);
  }

  byId(id: number): string {
    const schema = this.#schemas[id - 1];
    if (schema === undefined) throw new RegistryError(404, 40403, "Schema not found");
    return schema.text;
  }

  versionsOfId(id: number): { subject: string; version: number }[] {
    this.byId(id);
    return [...this.#subjects].flatMap(([subject, { versions }]) =>
      versions
        .filter((version) => version.id === id && !version.deleted)
        .map(({ version }) => ({ subject, version })),
    );
  }

  subjects(): string[] {
    return [...this.#subjects]
      .filter(([, { versions }]) => versions.some(({ deleted }) => !deleted))
      .map(([subject]) => subject)
      .sort();
  }

  versions(subject: string): number[] {
    return this.#living(subject).map(({ version }) => version);
  }

  /** @param version a number, `latest` or `-1` */
  version(subject: string, version: string): Version {
    const versions = this.#living(subject);
    const wanted = parseVersion(version);
    const found =
      wanted === "latest" ? versions.at(-1) : versions.find((stored) => stored.version === wanted);
    if (found === undefined) throw versionNotFound(Number(version));
    return this.#describe(subject, found);
  }

  /** Hides all versions; with `permanent`, after that, forgets the subject. */
  deleteSubject(subject: string, permanent: boolean): number[] {
    const stored = this.#subjects.get(subject);
    if (stored === undefined || stored.versions.length === 0) throw subjectNotFound(subject);
    const living = stored.versions.filter(({ deleted }) => !deleted);
    if (permanent) {
      if (living.length > 0) {
        throw new RegistryError(
          404,
          40405,
          `Subject '${subject}' was not deleted first before being permanently deleted`,
        );
      }
      this.#subjects.delete(subject);
      return stored.versions.map(({ version }) => version);
    }
    if (living.length === 0) {
      throw new RegistryError(
        404,
        40404,
        `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`,
      );
    }
    for (const version of living) version.deleted = true;
    return living.map(({ version }) => version);
  }

  /** What a schema would break. */
  check(subject: string, version: string, text: unknown): string[] {
    const { type } = parse(text);
    const { version: number } = this.version(subject, version);
    const against = this.#living(subject).filter((stored) => stored.version === number);
    return this.#against(subject, against, type);
  }

  /** @param subject undefined for the global level @throws 40408 when the subject has none of its own */
  level(subject?: string): Level {
    if (subject === undefined) return this.#level;
    const level = this.#subjects.get(subject)?.level;
    if (level === undefined) {
      throw new RegistryError(
        404,
        40408,
        `Subject '${subject}' does not have subject-level compatibility configured`,
      );
    }
    return level;
  }

  setLevel(level: unknown, subject?: string): Level {
    const known = LEVELS.find((name) => name === level);
    if (known === undefined) {
      throw new RegistryError(
        422,
        42203,
        `Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive`,
      );
    }
    if (subject === undefined) {
      this.#level = known;
      return known;
    }
    checkSubject(subject);
    const stored = this.#subjects.get(subject) ?? { versions: [] };
    stored.level = known;
    this.#subjects.set(subject, stored);
    return known;
  }

  /** The subject goes by the global level again. @returns the level it had */
  unsetLevel(subject: string): Level {
    const level = this.level(subject);
    const stored = this.#subjects.get(subject)!;
    delete stored.level;
    if (stored.versions.length === 0) this.#subjects.delete(subject);
    return level;
  }

  #against(subject: string, versions: readonly StoredVersion[], type: AvroType): string[] {
    const level = this.#subjects.get(subject)?.level ?? this.#level;
    const earlier = versions.map(({ id }) => this.#schemas[id - 1]!.type);
    return incompatibilities(level, type, earlier);
  }

  #living(subject: string): readonly StoredVersion[] {
    const versions = this.#subjects.get(subject)?.versions.filter(({ deleted }) => !deleted) ?? [];
    if (versions.length === 0) throw subjectNotFound(subject);
    return versions;
  }

  #describe(subject: string, { id, version }: StoredVersion): Version {
    return { subject, id, version, schema: this.byId(id) };
  }

  #store(text: string, type: AvroType): number {
    if (this.#schemas.length >= MAX_SCHEMAS) {
      throw new RegistryError(422, 42201, `This registry holds ${MAX_SCHEMAS} schemas and no more`);
    }
    const id = this.#schemas.push({ text, type });
    this.#ids.set(text, id);
    return id;
  }
}

function checkSubject(subject: string): void {
  if (subject === "" || subject.length > MAX_SUBJECT_LENGTH) {
    throw new RegistryError(422, 42208, `A subject has 1 to ${MAX_SUBJECT_LENGTH} characters`);
  }
}

function parseVersion(version: string): number | "latest" {
  if (version === "latest" || version === "-1") return "latest";
  const number = Number(version);
  if (!/^\d+$/.test(version) || number < 1 || number > 2 ** 31 - 1) {
    throw new RegistryError(
      422,
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    );
  }
  return number;
}

/** Schemas are one by content: white space and the order of attributes do not count, `doc` does. */
function parse(text: unknown): { type: AvroType; canonical: string } {
  if (typeof text !== "string" || text === "") {
    throw new RegistryError(422, 42201, "Invalid schema: there is none");
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The name of a primitive may come without quotes.
    json = text.trim();
  }
  try {
    return { type: parseAvroSchema(json), canonical: JSON.stringify(sorted(simplified(json))) };
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw new RegistryError(422, 42201, `Invalid schema: ${error.message}`);
  }
}

/** `{"type":"int"}` is `"int"`. */
function simplified(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(simplified);
  if (json === null || typeof json !== "object") return json;
  const entries = Object.entries(json);
  if (entries.length === 1 && entries[0]![0] === "type") return simplified(entries[0]![1]);
  const nested = new Set(["type", "items", "values", "fields"]);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, nested.has(name) ? simplified(value) : value]),
  );
}

const ORDER = [
  "type",
  "name",
  "namespace",
  "doc",
  "aliases",
  "fields",
  "symbols",
  "items",
  "values",
  "size",
  "logicalType",
  "default",
];

/** The same attributes in one order, so that texts of one content are equal. */
function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted);
  if (json === null || typeof json !== "object") return json;
  const rank = (name: string): number => {
    const at = ORDER.indexOf(name);
    return at < 0 ? ORDER.length : at;
  };
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map(([name, value]) => [name, name === "default" ? value : sorted(value)]),
  );
}
