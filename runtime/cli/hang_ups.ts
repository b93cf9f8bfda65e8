/**
 * SIGHUP, which by custom tells a long-running process to read its file again.
 *
 * @module
 */

/** Takes SIGHUP, which would otherwise end the process, from its making until `close`. */
export class HangUps {
  #handle: (() => Promise<void>) | undefined;
  #running: Promise<void> | undefined;
  #pending = false;
  readonly #listener = (): void => {
    this.#pending = true;
    this.#run();
  };

  constructor() {
    process.on("SIGHUP", this.#listener);
  }

  /**
   * Handles signals, one that came before included: never two at a time, and once more when some
   * came meanwhile.
   *
   * @param handle must not reject
   */
  serve(handle: () => Promise<void>): void {
    this.#handle = handle;
    this.#run();
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    process.off("SIGHUP", this.#listener);
    this.#pending = false;
    await this.#running;
  }

  #run(): void {
    const handle = this.#handle;
    if (handle === undefined || !this.#pending || this.#running !== undefined) return;
    this.#pending = false;
    this.#running = handle().finally(() => {
      this.#running = undefined;
      this.#run();
    });
  }
}
