import type { Socket } from "node:net";
import type { Cluster } from "./cluster.ts";
import { type ClientConnection, ConnectionEnd } from "./connection.ts";
import { FrameError, FrameReader } from "./frame_reader.ts";

/** A client may send so much ahead; then it is not read from until answers are out. */
const MAX_QUEUED_REQUESTS = 64;
const MAX_QUEUED_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 60_000;

export interface SocketConnectionOptions {
  readonly cluster: Cluster;
  readonly socket: Socket;
  readonly connection: Omit<ClientConnection, "signal">;
  readonly maxRequestBytes: number;
  readonly idleTimeoutMs: number;
  readonly onMalformed: () => void;
}

/**
 * Serves one socket: requests are handled one after the other, so answers come in their order, as from
 * Kafka; the next request is read while one is handled, so that a client that goes away is noticed.
 *
 * Bounds: requests queued (`MAX_QUEUED_…`, and the one that passes the limit), one answer being
 * written, and a silent or stuck client is closed after the idle timeout.
 */
export function serveSocket(options: SocketConnectionOptions): void {
  const { cluster, socket, idleTimeoutMs } = options;
  const gone = new AbortController();
  const connection: ClientConnection = { ...options.connection, signal: gone.signal };
  const frames = new FrameReader(options.maxRequestBytes);
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let isServing = false;
  let isHandling = false;

  async function serve(): Promise<void> {
    if (isServing) return;
    isServing = true;
    try {
      for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) {
        queuedBytes -= frame.length;
        isHandling = true;
        const response = await cluster.handle(connection, frame);
        isHandling = false;
        if (gone.signal.aborted) return;
        if (response !== undefined) await write(socket, response, gone.signal);
        if (socket.isPaused() && mayRead()) socket.resume();
      }
    } catch (error) {
      if (!(error instanceof ConnectionEnd)) cluster.defect(error);
      socket.destroy();
    } finally {
      isServing = false;
    }
  }

  const mayRead = () => queue.length < MAX_QUEUED_REQUESTS && queuedBytes < MAX_QUEUED_BYTES;

  socket.setNoDelay(true);
  // So that a client that vanished while its fetch is parked is noticed.
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setTimeout(idleTimeoutMs);
  // Not by `setTimeout`'s callback, which is called only once.
  socket.on("timeout", () => {
    // A parked fetch or join is silent for as long as it was told to be; its answer is activity again.
    // While reading is paused nobody would notice that the client has gone.
    if (!isHandling || socket.isPaused()) socket.destroy();
  });
  socket.on("error", () => socket.destroy());
  socket.once("close", () => gone.abort());
  socket.on("data", (chunk) => {
    frames.push(chunk as Uint8Array);
    try {
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        queue.push(frame);
        queuedBytes += frame.length;
      }
    } catch (error) {
      if (error instanceof FrameError) options.onMalformed();
      else cluster.defect(error);
      socket.destroy();
      return;
    }
    if (!mayRead()) socket.pause();
    void serve();
  });
}

/** Writes size and response; resolves when the socket can take more, or is closed. */
function write(
  socket: Socket,
  response: Uint8Array,
  signal: AbortSignal,
): Promise<void> | undefined {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setInt32(0, response.length);
  socket.cork();
  socket.write(size);
  const mayContinue = socket.write(response);
  socket.uncork();
  if (mayContinue) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    socket.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
