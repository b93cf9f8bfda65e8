/**
 * What a schema registry refuses, in Confluent's codes and words: clients show them to their users,
 * and some tell cases apart by them.
 *
 * @module
 */

export class RegistryError extends Error {
  override readonly name = "RegistryError";
  /** Of HTTP. */
  readonly status: number;
  readonly errorCode: number;

  constructor(status: number, errorCode: number, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }
}

export const subjectNotFound = (subject: string): RegistryError =>
  new RegistryError(404, 40401, `Subject '${subject}' not found.`);

export const versionNotFound = (version: number | string): RegistryError =>
  new RegistryError(404, 40402, `Version ${version} not found.`);

export const schemaNotFound = (): RegistryError =>
  new RegistryError(404, 40403, "Schema not found");

export const subjectSoftDeleted = (subject: string): RegistryError =>
  new RegistryError(
    404,
    40404,
    `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`,
  );

export const subjectNotSoftDeleted = (subject: string): RegistryError =>
  new RegistryError(
    404,
    40405,
    `Subject '${subject}' was not deleted first before being permanently deleted`,
  );

export const versionSoftDeleted = (subject: string, version: number): RegistryError =>
  new RegistryError(
    404,
    40406,
    `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
  );

export const versionNotSoftDeleted = (subject: string, version: number): RegistryError =>
  new RegistryError(
    404,
    40407,
    `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
  );

export const noLevel = (subject: string): RegistryError =>
  new RegistryError(
    404,
    40408,
    `Subject '${subject}' does not have subject-level compatibility configured`,
  );

export const noMode = (subject: string): RegistryError =>
  new RegistryError(404, 40409, `Subject '${subject}' does not have subject-level mode configured`);

export const incompatible = (subject: string, problems: readonly string[]): RegistryError =>
  new RegistryError(
    409,
    409,
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${problems.join("; ")}]`,
  );

export const invalidSchema = (reason: string): RegistryError =>
  new RegistryError(422, 42201, `Invalid schema: ${reason}`);

export const invalidVersion = (version: string): RegistryError =>
  new RegistryError(
    422,
    42202,
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );

export const invalidLevel = (): RegistryError =>
  new RegistryError(
    422,
    42203,
    "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive",
  );

export const invalidSubject = (reason: string): RegistryError =>
  new RegistryError(422, 42208, reason);

/** A bound of this registry: a real one would go on. */
export const full = (what: string): RegistryError =>
  new RegistryError(422, 42201, `This registry holds ${what} and no more`);
