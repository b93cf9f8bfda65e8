/**
 * The language of the message tables: a message is an object of fields in wire order, a field says its
 * type, the versions that have it, from which version it may be null, its tag and its default.
 *
 * ```ts
 * topics: nullable("1+", array({ name: string(), partitions: arrayOf(int32()) })),
 * sessionId: int32("7+"),
 * clusterId: tagged(0, nullable("12+", string("12+"))),
 * ```
 *
 * Names and versions are those of Kafka's protocol guide (https://kafka.apache.org/protocol). The types
 * of messages are derived from the tables, so that table and type cannot disagree.
 *
 * @module
 */

export type FieldType =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "string"
  | "bytes"
  | "uuid"
  | "array"
  | "struct";

/** `"3+"` or `"3-7"`. */
export type Versions = `${number}+` | `${number}-${number}`;

/** One field; `Out` is what decoding gives, `In` what encoding takes. */
export interface Field<Out, In = Out> {
  readonly type: FieldType;
  readonly since: number;
  readonly until: number;
  /** First version in which null is allowed; Infinity: none. */
  readonly nullableSince: number;
  /** -1: an ordinary field. */
  readonly tag: number;
  /** Stands for what is missing, on either side. A struct's follows from its fields. */
  readonly default: unknown;
  /** Of an array. */
  readonly item?: Field<unknown, unknown>;
  /** Of a struct. */
  readonly fields?: Fields;
  /** Never there: they only carry the types. */
  readonly $out?: Out;
  readonly $in?: In;
}

/** A message or struct: fields in wire order. */
export type Fields = { readonly [name: string]: Field<unknown, unknown> };

type OutOf<F> = F extends Field<infer Out, unknown> ? Out : never;
type InOf<F> = F extends { readonly $in?: infer In } ? In : never;

/** A decoded struct: every field is there, those that the version lacks with their default. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: OutOf<F[K]> };
/** A struct to encode: what is left out gets its default, what the version lacks is ignored. */
export type Encodable<F extends Fields> = { readonly [K in keyof F]?: InOf<F[K]> };

export const NO_BYTES = new Uint8Array(0);
export const ZERO_UUID = "0".repeat(32);
const NO_ITEMS: readonly never[] = Object.freeze([]);

function field<T>(type: FieldType, versions: Versions, defaultValue: T): Field<T> {
  const [, since, range, until] = /^(\d+)(\+|-(\d+))$/.exec(versions) ?? [];
  if (range === undefined) throw new TypeError(`Not a version range: ${versions}`);
  return {
    type,
    since: Number(since),
    until: until === undefined ? Number.POSITIVE_INFINITY : Number(until),
    nullableSince: Number.POSITIVE_INFINITY,
    tag: -1,
    default: defaultValue,
  };
}

export function bool(versions: Versions = "0+", defaultValue = false): Field<boolean> {
  return field("bool", versions, defaultValue);
}

export function int8(versions: Versions = "0+", defaultValue = 0): Field<number> {
  return field("int8", versions, defaultValue);
}

export function int16(versions: Versions = "0+", defaultValue = 0): Field<number> {
  return field("int16", versions, defaultValue);
}

export function int32(versions: Versions = "0+", defaultValue = 0): Field<number> {
  return field("int32", versions, defaultValue);
}

/** As a number: beyond ±(2^53 - 1) neither side works, with UNSAFE_INT64. */
export function int64(versions: Versions = "0+", defaultValue = 0): Field<number> {
  return field("int64", versions, defaultValue);
}

export function string(versions: Versions = "0+", defaultValue = ""): Field<string> {
  return field("string", versions, defaultValue);
}

/** Also for what the guide calls `records`. Decoded as a view of the message, not a copy. */
export function bytes(versions: Versions = "0+"): Field<Uint8Array> {
  return field("bytes", versions, NO_BYTES);
}

/** 32 hexadecimal digits; encoding takes dashes too. */
export function uuid(versions: Versions = "0+"): Field<string> {
  return field("uuid", versions, ZERO_UUID);
}

export function struct<F extends Fields>(
  fields: F,
  versions: Versions = "0+",
): Field<Decoded<F>, Encodable<F>> {
  return { ...field<unknown>("struct", versions, {}), fields } as Field<Decoded<F>, Encodable<F>>;
}

export function arrayOf<Out, In>(
  item: Field<Out, In>,
  versions: Versions = "0+",
): Field<readonly Out[], readonly In[]> {
  return { ...field<readonly never[]>("array", versions, NO_ITEMS), item } as Field<
    readonly Out[],
    readonly In[]
  >;
}

/** An array of structs. */
export function array<F extends Fields>(
  fields: F,
  versions: Versions = "0+",
): Field<readonly Decoded<F>[], readonly Encodable<F>[]> {
  return arrayOf(struct(fields), versions);
}

/**
 * Allows null from a version on; it is then the default too, unless told. In versions that cannot say
 * null, null is written as the empty value, so that one answer serves all versions.
 */
export function nullable<Out, In>(
  versions: `${number}+`,
  of: Field<Out, In>,
  defaultValue: Out | null = null,
): Field<Out | null, In | null> {
  return { ...of, nullableSince: Number.parseInt(versions, 10), default: defaultValue } as Field<
    Out | null,
    In | null
  >;
}

/** Moves a field to the tagged section at the end of its struct. */
export function tagged<Out, In>(tag: number, of: Field<Out, In>): Field<Out, In> {
  return { ...of, tag };
}

/** Both directions of one API. */
export interface ApiTable<
  Key extends number = number,
  Request extends Fields = Fields,
  Response extends Fields = Fields,
> {
  readonly key: Key;
  /** First and last version that is spoken here. */
  readonly versions: readonly [min: number, max: number];
  /** First version with compact lengths and tagged fields. */
  readonly flexibleSince: number;
  readonly request: Request;
  readonly response: Response;
}

export function defineApi<
  const Key extends number,
  Request extends Fields,
  Response extends Fields,
>(table: ApiTable<Key, Request, Response>): ApiTable<Key, Request, Response> {
  return table;
}
