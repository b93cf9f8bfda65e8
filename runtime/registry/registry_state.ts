/**
 * What a schema registry knows: ids by content, versions by subject, compatibility levels. No I/O, and
 * no call waits for anything: each is one step.
 *
 *     a version:  registered → softly deleted → permanently deleted
 *
 * A softly deleted version is out of sight unless asked for with `deleted`, but keeps its number. An id
 * is for ever, whatever becomes of its versions: there may be records that carry it.
 *
 * @module
 */

import { AvroSchemaError, type AvroType, parseAvroSchema } from "../../topology/language/mod.ts";
import { canonicalSchema } from "./canonical_schema.ts";
import { incompatibilities, LEVELS, type Level } from "./compatibility.ts";
import * as errors from "./registry_error.ts";

export interface Version {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  /** JSON text as it was first registered under the id. */
  readonly schema: string;
}

interface StoredVersion {
  readonly id: number;
  readonly version: number;
  deleted: boolean;
}

interface Subject {
  /** In the order of their numbers. */
  versions: StoredVersion[];
  level?: Level;
}

/** More are refused with 42201. */
export const BOUNDS = {
  schemas: 10_000,
  /** Characters of all schemas. */
  schemaText: 64 * 1024 * 1024,
  subjects: 10_000,
  /** Of one subject, softly deleted ones too. */
  versions: 1000,
  /** Characters of a subject's name. */
  subjectLength: 255,
};

const DEFAULT_LEVEL: Level = "BACKWARD";

export class RegistryState {
  readonly #ids = new Map<string, number>();
  readonly #schemas: { readonly text: string; readonly type: AvroType }[] = [];
  #schemaText = 0;
  readonly #subjects = new Map<string, Subject>();
  #level: Level = DEFAULT_LEVEL;

  /** Registers a schema, or finds it where it is registered. @returns its id, the same in all subjects */
  register(name: string, text: unknown): number {
    checkName(name);
    const schema = parse(text);
    const subject = this.#subjects.get(name) ?? { versions: [] };
    const living = subject.versions.filter(({ deleted }) => !deleted);
    const known = this.#ids.get(schema.canonical);
    if (known !== undefined && living.some(({ id }) => id === known)) return known;
    const problems = this.#against(name, living, schema.type);
    if (problems.length > 0) throw errors.incompatible(name, problems);
    if (subject.versions.length >= BOUNDS.versions) {
      throw errors.full(`${BOUNDS.versions} versions of a subject`);
    }
    this.#checkRoom(name);
    const id = known ?? this.#store(schema);
    this.#subjects.set(name, subject);
    const version = 1 + (subject.versions.at(-1)?.version ?? 0);
    subject.versions.push({ id, version, deleted: false });
    return id;
  }

  /** Finds a schema in a subject. */
  lookUp(name: string, text: unknown, deleted: boolean): Version {
    const { canonical } = parse(text);
    const versions = this.#versions(name, deleted);
    const id = this.#ids.get(canonical);
    const found = versions.findLast((version) => version.id === id);
    if (found === undefined) throw errors.schemaNotFound();
    return this.#describe(name, found);
  }

  /** Text of a schema. */
  byId(id: number): string {
    const schema = this.#schemas[id - 1];
    if (schema === undefined) throw errors.schemaNotFound();
    return schema.text;
  }

  versionsOfId(id: number, deleted: boolean): { subject: string; version: number }[] {
    this.byId(id);
    return [...this.#subjects].flatMap(([subject, { versions }]) =>
      versions
        .filter((version) => version.id === id && (deleted || !version.deleted))
        .map(({ version }) => ({ subject, version })),
    );
  }

  subjects(deleted: boolean): string[] {
    return [...this.#subjects]
      .filter(([, { versions }]) => versions.some((version) => deleted || !version.deleted))
      .map(([name]) => name)
      .sort();
  }

  versions(name: string, deleted: boolean): number[] {
    return this.#versions(name, deleted).map(({ version }) => version);
  }

  /** @param version a number, `latest` or `-1` */
  version(name: string, version: string, deleted: boolean): Version {
    return this.#describe(name, this.#find(name, version, deleted));
  }

  /** Deletes softly what lives; with `permanent`, what was softly deleted. @returns version numbers */
  deleteSubject(name: string, permanent: boolean): number[] {
    const all = this.#versions(name, true);
    const living = all.filter(({ deleted }) => !deleted);
    if (permanent) {
      if (living.length > 0) throw errors.subjectNotSoftDeleted(name);
      this.#subjects.delete(name);
      return all.map(({ version }) => version);
    }
    if (living.length === 0) throw errors.subjectSoftDeleted(name);
    for (const version of living) version.deleted = true;
    return living.map(({ version }) => version);
  }

  /** As `deleteSubject`, one version. @returns its number */
  deleteVersion(name: string, version: string, permanent: boolean): number {
    const stored = this.#find(name, version, true);
    if (!permanent) {
      if (stored.deleted) throw errors.versionSoftDeleted(name, stored.version);
      stored.deleted = true;
      return stored.version;
    }
    if (!stored.deleted) throw errors.versionNotSoftDeleted(name, stored.version);
    const subject = this.#subjects.get(name)!;
    subject.versions = subject.versions.filter((other) => other !== stored);
    this.#dropIfEmpty(name, subject);
    return stored.version;
  }

  /** What a schema would break if it followed a version. */
  check(name: string, version: string, text: unknown): string[] {
    const { type } = parse(text);
    return this.#against(name, [this.#find(name, version, false)], type);
  }

  /** @param name undefined for the level of all who have none of their own */
  level(name?: string): Level {
    if (name === undefined) return this.#level;
    const level = this.#subjects.get(name)?.level;
    if (level === undefined) throw errors.noLevel(name);
    return level;
  }

  setLevel(level: unknown, name?: string): Level {
    const known = LEVELS.find((word) => typeof level === "string" && word === level.toUpperCase());
    if (known === undefined) throw errors.invalidLevel();
    if (name === undefined) {
      this.#level = known;
      return known;
    }
    checkName(name);
    const subject = this.#subjects.get(name) ?? { versions: [] };
    this.#checkRoom(name);
    this.#subjects.set(name, subject);
    subject.level = known;
    return known;
  }

  /** Back to what holds without it. @returns the level it was */
  unsetLevel(name?: string): Level {
    const level = this.level(name);
    if (name === undefined) {
      this.#level = DEFAULT_LEVEL;
      return level;
    }
    const subject = this.#subjects.get(name)!;
    delete subject.level;
    this.#dropIfEmpty(name, subject);
    return level;
  }

  #against(name: string, versions: readonly StoredVersion[], type: AvroType): string[] {
    const level = this.#subjects.get(name)?.level ?? this.#level;
    const earlier = versions.map(({ id }) => this.#schemas[id - 1]!.type);
    return incompatibilities(level, type, earlier);
  }

  #versions(name: string, deleted: boolean): readonly StoredVersion[] {
    const all = this.#subjects.get(name)?.versions ?? [];
    const versions = deleted ? all : all.filter((version) => !version.deleted);
    if (versions.length === 0) throw errors.subjectNotFound(name);
    return versions;
  }

  #find(name: string, version: string, deleted: boolean): StoredVersion {
    const wanted = parseVersion(version);
    const versions = this.#versions(name, deleted);
    const found =
      wanted === "latest"
        ? (versions.findLast((stored) => !stored.deleted) ?? versions.at(-1))
        : versions.find((stored) => stored.version === wanted);
    if (found === undefined) throw errors.versionNotFound(wanted);
    return found;
  }

  #describe(subject: string, { id, version }: StoredVersion): Version {
    return { subject, id, version, schema: this.byId(id) };
  }

  #checkRoom(name: string): void {
    if (!this.#subjects.has(name) && this.#subjects.size >= BOUNDS.subjects) {
      throw errors.full(`${BOUNDS.subjects} subjects`);
    }
  }

  #dropIfEmpty(name: string, { versions, level }: Subject): void {
    if (versions.length === 0 && level === undefined) this.#subjects.delete(name);
  }

  #store({ canonical, text, type }: Parsed): number {
    if (this.#schemas.length >= BOUNDS.schemas) throw errors.full(`${BOUNDS.schemas} schemas`);
    if (this.#schemaText + text.length > BOUNDS.schemaText) {
      throw errors.full(`${BOUNDS.schemaText} characters of schemas`);
    }
    this.#schemaText += text.length;
    const id = this.#schemas.push({ text, type });
    this.#ids.set(canonical, id);
    return id;
  }
}

function checkName(subject: string): void {
  if (subject === "" || subject.length > BOUNDS.subjectLength) {
    throw errors.invalidSubject(`A subject has 1 to ${BOUNDS.subjectLength} characters`);
  }
}

function parseVersion(version: string): number | "latest" {
  if (version === "latest" || version === "-1") return "latest";
  const number = Number(version);
  if (!/^\d+$/.test(version) || number < 1 || number > 2 ** 31 - 1) {
    throw errors.invalidVersion(version);
  }
  return number;
}

interface Parsed {
  readonly type: AvroType;
  readonly text: string;
  readonly canonical: string;
}

function parse(given: unknown): Parsed {
  if (typeof given !== "string" || given.trim() === "") throw errors.invalidSchema("there is none");
  let text = given.trim();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The name of a primitive may come without quotes.
    json = text;
    text = JSON.stringify(text);
    return read(json, text);
  }
  // A text within a text is not looked into.
  if (typeof json === "string" && !/^\w/.test(json))
    throw errors.invalidSchema(`${text} is no type`);
  return read(json, text);
}

function read(json: unknown, text: string): Parsed {
  try {
    return { type: parseAvroSchema(json), text, canonical: canonicalSchema(json) };
  } catch (error) {
    if (error instanceof AvroSchemaError) throw errors.invalidSchema(error.message);
    // Attributes that Avro does not define may be nested as deep as they like.
    if (error instanceof RangeError) throw errors.invalidSchema("it is nested too deeply");
    throw error;
  }
}
