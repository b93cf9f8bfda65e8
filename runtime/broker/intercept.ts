import type { ApiKey, DecodedRequest, NameOf, RequestInput, ResponseInput } from "../wire/mod.ts";
import type { ClientConnection } from "./connection.ts";

/** A request on its way to its handler: narrow on `apiKey` to know the body. */
export type InterceptedRequest = DecodedRequest & {
  readonly connection: ClientConnection;
  /** How many requests of this API came before it, on all connections. */
  readonly seenBefore: number;
};

/**
 * What happens to one request. Whatever is left out goes its normal way, so `{}` changes nothing. In
 * the order in which it takes effect:
 */
export interface Intervention<K extends ApiKey = ApiKey> {
  /** Waits so long, ms, before the request is looked at. Later requests of the connection wait too. */
  readonly delayMs?: number;
  /** `drop`: not handled, never answered. `cut`: not handled, the connection ends. Else: handled instead. */
  readonly request?: "drop" | "cut" | RequestInput<NameOf<K>>;
  /** `drop`: handled, never answered. `cut`: handled, then the connection ends. Else: sent instead of the answer. */
  readonly response?: "drop" | "cut" | ResponseInput<NameOf<K>>;
  /** With a `response` body: answers without handling the request. @default false */
  readonly skipHandler?: boolean;
  /** Waits so long, ms, between handling and answering. */
  readonly delayResponseMs?: number;
}

/** Called for every request that could be read; undefined lets it pass. */
export type Intercept = (
  request: InterceptedRequest,
) => Intervention | undefined | Promise<Intervention | undefined>;
