/** The JSON Schemas, compiled by another's validator. */

import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";
import { jsonSchema, type SchemaRoot } from "../../../../topology/language/mod.ts";

/** Strict: a keyword that ajv does not know, or that cannot apply, is an error of the schema. */
export function compileSchema(root: SchemaRoot): ValidateFunction {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  return ajv.compile(jsonSchema(root));
}

/** Where a validator finds something wrong: `/pipelines/p/1 additionalProperties`. */
export function faultsOf(validate: ValidateFunction, text: string): readonly string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}
