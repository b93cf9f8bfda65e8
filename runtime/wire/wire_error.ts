/** What a caller may react to; everything else is in the message. */
export type WireErrorCode =
  /** The input ends before the value it announces. */
  | "TRUNCATED"
  /** The input cannot have been written by a correct peer. */
  | "MALFORMED"
  /** A record batch whose CRC-32C does not match its bytes. */
  | "CORRUPT"
  /** A batch that is not format version 2, as brokers before 0.11 wrote. */
  | "UNSUPPORTED_MAGIC"
  | "UNSUPPORTED_COMPRESSION"
  | "UNSUPPORTED_API"
  | "UNSUPPORTED_VERSION"
  /** A 64-bit integer beyond ±(2^53 - 1), which a number cannot hold exactly. */
  | "UNSAFE_INT64"
  /** Larger than a stated bound: inflated records, a batch being built. */
  | "TOO_LARGE"
  /** The value handed in does not fit the field it is for. */
  | "UNENCODABLE";

/** The head of a request, as far as it could be read. */
export interface RequestIdentity {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

/** The one error of this folder: bytes that cannot be read, or a value that cannot be written. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: WireErrorCode;
  /** The message without the position. */
  readonly reason: string;
  /** Index into the bytes at hand where reading stopped; -1 when nothing was being read. */
  readonly position: number;
  /** The request in question, so that a server can still answer it: error 35 wants a correlation id. */
  readonly request: RequestIdentity | undefined;

  constructor(code: WireErrorCode, reason: string, position = -1, request?: RequestIdentity) {
    super(position < 0 ? reason : `${reason} (at byte ${position})`);
    this.code = code;
    this.reason = reason;
    this.position = position;
    this.request = request;
  }
}
