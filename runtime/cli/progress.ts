/**
 * Progress of long work: rate, share and time left, on one line of a terminal that is written over.
 * Where stderr is no terminal nothing is shown, and on stdout never.
 *
 * @module
 */

const REDRAW_MS = 200;
/** Back to the first column, and what stands there is gone. */
export const CLEAR_LINE = "\r\u001b[2K";

export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** What is done: `reading`, `feeding`. */
  readonly doing: string;
  /** @default stderr */
  readonly terminal?: Terminal;
  /** Milliseconds that only go up. @default performance.now */
  readonly monotonic?: () => number;
}

export class Progress {
  readonly #doing: string;
  readonly #terminal: Terminal | undefined;
  readonly #monotonic: () => number;
  readonly #startedMs: number;
  #drawnMs: number;

  constructor({ doing, terminal = process.stderr, monotonic }: ProgressOptions) {
    this.#doing = doing;
    this.#terminal = terminal.isTTY === true ? terminal : undefined;
    this.#monotonic = monotonic ?? (() => performance.now());
    this.#startedMs = this.#monotonic();
    this.#drawnMs = this.#startedMs;
  }

  /**
   * @param records done so far
   * @param share of the work, 0 to 1; absent where nobody knows the end
   */
  update(records: number, share?: number): void {
    if (this.#terminal === undefined) return;
    const nowMs = this.#monotonic();
    if (nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    const line = formatProgress(this.#doing, records, (nowMs - this.#startedMs) / 1000, share);
    this.#terminal.write(CLEAR_LINE + line);
  }

  /** Leaves the line empty for what comes next. */
  end(): void {
    this.#terminal?.write(CLEAR_LINE);
  }
}

/** `feeding  12,000 records  4,000/s  25 %  9 s left` */
export function formatProgress(
  doing: string,
  records: number,
  seconds: number,
  share: number | undefined,
): string {
  const number = (n: number) => Math.round(n).toLocaleString("en-US");
  const parts = [doing, `${number(records)} records`];
  if (seconds > 0) parts.push(`${number(records / seconds)}/s`);
  if (share !== undefined && share > 0) {
    const done = Math.min(1, share);
    parts.push(`${Math.floor(done * 100)} %`, `${duration((seconds / done) * (1 - done))} left`);
  }
  return parts.join("  ");
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
