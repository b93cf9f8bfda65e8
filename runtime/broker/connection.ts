/** A client's connection as the state machine sees it; a simulator makes its own. */
export interface ClientConnection {
  /** Unique among the connections of a broker. */
  readonly id: number;
  /** The client's address, for descriptions of group members. */
  readonly clientHost: string;
  /** Where clients on this connection should connect to. */
  readonly advertised: { readonly host: string; readonly port: number };
  /** Aborted when the client is gone: whoever waits on its behalf stops. */
  readonly signal: AbortSignal;
}

/** Says that a connection must be closed, unanswered. */
export class ConnectionEnd extends Error {
  override readonly name = "ConnectionEnd";
  /** A client that cannot be understood, as against one that is meant to connect anew. */
  readonly isMalformed: boolean;

  constructor(reason: string, isMalformed = false) {
    super(reason);
    this.isMalformed = isMalformed;
  }
}
