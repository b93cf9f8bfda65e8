import {
  APIS,
  type ApiKey,
  type ApiName,
  type NameOf,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
} from "../messages/apis.ts";
import { WireError } from "../wire_error.ts";
import { compileStruct, type StructCodec } from "./compile_struct.ts";
import type { ApiTable } from "./field.ts";
import { WireReader } from "./wire_reader.ts";
import { WireWriter } from "./wire_writer.ts";

/**
 *     frame           = size:int32 (request | response)                 the size is the transport's, not read here
 *     request         = apiKey:int16 apiVersion:int16 correlationId:int32 clientId:string16? tags? body
 *     response        = correlationId:int32 tags? body
 *
 * Tags are there in flexible versions, except that the head of an ApiVersions response never has them:
 * the client does not know yet what the broker speaks (KIP-511).
 */

const API_VERSIONS_KEY = 18;

/** What a request's head says besides the API. */
export interface RequestHead {
  readonly correlationId: number;
  readonly clientId: string | null;
}

export interface RequestHeader extends RequestHead {
  readonly apiKey: number;
  readonly apiVersion: number;
}

/** A request that was understood: a union over `apiKey`, which `API` names. */
export type DecodedRequest = {
  [N in ApiName]: RequestHead & {
    readonly apiKey: (typeof APIS)[N]["key"];
    readonly apiVersion: number;
    readonly body: RequestOf<N>;
  };
}[ApiName];

/** A table with its compiled versions, filled as they are first used. */
interface Compiled {
  readonly name: string;
  readonly table: ApiTable;
  readonly requests: (StructCodec | undefined)[];
  readonly responses: (StructCodec | undefined)[];
}

const compiledByKey = new Map<number, Compiled>(
  Object.entries(APIS).map(([name, table]) => [
    table.key,
    { name, table, requests: [], responses: [] },
  ]),
);

function compiledOf(apiKey: number, version: number): Compiled {
  const compiled = compiledByKey.get(apiKey);
  if (compiled === undefined)
    throw new WireError("UNSUPPORTED_API", `No API has key ${apiKey} here`);
  const [min, max] = compiled.table.versions;
  if (version >= min && version <= max && Number.isInteger(version)) return compiled;
  throw new WireError(
    "UNSUPPORTED_VERSION",
    `${compiled.name} version ${version} is not spoken here, ${min} to ${max} are`,
  );
}

function codecOf(apiKey: number, version: number, side: "request" | "response"): StructCodec {
  const compiled = compiledOf(apiKey, version);
  const codecs = side === "request" ? compiled.requests : compiled.responses;
  return (codecs[version] ??= compileStruct(compiled.table[side], {
    version,
    isFlexible: version >= compiled.table.flexibleSince,
    path: `${compiled.name}.${side}`,
  }));
}

/**
 * Versions of an API that can be encoded and decoded, both ends included; undefined for an API that
 * is not spoken here.
 */
export function versionRange(
  apiKey: number,
): { readonly min: number; readonly max: number } | undefined {
  const versions = compiledByKey.get(apiKey)?.table.versions;
  return versions && { min: versions[0], max: versions[1] };
}

/** @throws {WireError} UNSUPPORTED_API, UNSUPPORTED_VERSION */
export function isFlexible(apiKey: number, version: number): boolean {
  return version >= compiledOf(apiKey, version).table.flexibleSince;
}

/**
 * A whole request without the size in front. What the body leaves out gets its default; what the
 * version lacks is ignored.
 *
 * @throws {WireError} UNSUPPORTED_API, UNSUPPORTED_VERSION, UNENCODABLE (names the field)
 */
export function encodeRequest<K extends ApiKey>(
  apiKey: K,
  version: number,
  head: RequestHead,
  body: RequestInput<NameOf<K>>,
): Uint8Array {
  const codec = codecOf(apiKey, version, "request");
  const writer = new WireWriter();
  writer.int16(apiKey);
  writer.int16(version);
  writer.int32(head.correlationId);
  if (head.clientId === null) {
    writer.int16(-1);
  } else {
    const clientId = WireWriter.encode(head.clientId);
    if (clientId.length > 0x7fff)
      throw new WireError("UNENCODABLE", "Client id is over 32,767 bytes");
    writer.int16(clientId.length);
    writer.raw(clientId);
  }
  if (isFlexible(apiKey, version)) writer.uvarint(0);
  codec.write(writer, body);
  return writer.finish();
}

/** @throws {WireError} as `encodeRequest` */
export function encodeRequestBody<K extends ApiKey>(
  apiKey: K,
  version: number,
  body: RequestInput<NameOf<K>>,
): Uint8Array {
  const writer = new WireWriter();
  codecOf(apiKey, version, "request").write(writer, body);
  return writer.finish();
}

/**
 * Reads the head of any request, known or not.
 *
 * @throws {WireError} TRUNCATED, MALFORMED
 */
export function decodeRequestHeader(bytes: Uint8Array): RequestHeader {
  return readHeader(new WireReader(bytes, 0, bytes.length));
}

function readHeader(reader: WireReader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const length = reader.int16();
  if (length < -1)
    throw new WireError("MALFORMED", `Client id has length ${length}`, reader.at - 2);
  return { apiKey, apiVersion, correlationId, clientId: length < 0 ? null : reader.string(length) };
}

/**
 * A whole request without the size in front. Bytes fields are views of `bytes`. Bytes after the body
 * are passed over, as Kafka's broker does.
 *
 * @throws {WireError} UNSUPPORTED_API or UNSUPPORTED_VERSION, or what is wrong with the body; once the
 * head has been read, with `request` set, so that an answer can be addressed
 */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  const reader = new WireReader(bytes, 0, bytes.length);
  const header = readHeader(reader);
  const { apiKey, apiVersion, correlationId, clientId } = header;
  try {
    const codec = codecOf(apiKey, apiVersion, "request");
    if (isFlexible(apiKey, apiVersion)) skipTags(reader);
    // The table that the key leads to is the one that the union's member is derived from.
    return {
      apiKey,
      apiVersion,
      correlationId,
      clientId,
      body: codec.read(reader),
    } as DecodedRequest;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new WireError(error.code, error.reason, error.position, header);
  }
}

/** @throws {WireError} as `encodeRequest` */
export function encodeResponse<K extends ApiKey>(
  apiKey: K,
  version: number,
  correlationId: number,
  body: ResponseInput<NameOf<K>>,
): Uint8Array {
  const codec = codecOf(apiKey, version, "response");
  const writer = new WireWriter();
  writer.int32(correlationId);
  if (isFlexible(apiKey, version) && apiKey !== API_VERSIONS_KEY) writer.uvarint(0);
  codec.write(writer, body);
  return writer.finish();
}

/** A whole response without the size in front. Bytes fields are views of `bytes`. @throws {WireError} */
export function decodeResponse<K extends ApiKey>(
  apiKey: K,
  version: number,
  bytes: Uint8Array,
): { readonly correlationId: number; readonly body: ResponseOf<NameOf<K>> } {
  const codec = codecOf(apiKey, version, "response");
  const reader = new WireReader(bytes, 0, bytes.length);
  const correlationId = reader.int32();
  if (isFlexible(apiKey, version) && apiKey !== API_VERSIONS_KEY) skipTags(reader);
  return { correlationId, body: codec.read(reader) as ResponseOf<NameOf<K>> };
}

/**
 * The body alone, from `from` on: what is left when a transport has taken the correlation id off. In
 * flexible versions the head's tags (one zero byte, unless it is ApiVersions) are the caller's too.
 *
 * @throws {WireError}
 */
export function decodeResponseBody<K extends ApiKey>(
  apiKey: K,
  version: number,
  bytes: Uint8Array,
  from = 0,
): ResponseOf<NameOf<K>> {
  const codec = codecOf(apiKey, version, "response");
  return codec.read(new WireReader(bytes, from, bytes.length)) as ResponseOf<NameOf<K>>;
}

function skipTags(reader: WireReader): void {
  for (let count = reader.uvarint(); count > 0; count--) {
    reader.uvarint();
    reader.take(reader.uvarint());
  }
}
