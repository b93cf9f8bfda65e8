/**
 * Watermark of a task behind a repartition topic: what it heard from each upstream task.
 *
 * @module
 */

import type { Claim, Marker } from "./marker.ts";

/** A claim of idleness is void when its partition's newest marker is stamped this much later. */
export const CLAIM_VOID_MS = 3000;

interface Heard {
  claim: Claim;
  wallMs: number;
}

/** Markers of one input partition, the latest of each upstream task. */
export class UpstreamClocks {
  #tasks = 0;
  readonly #heard = new Map<number, Heard>();
  #newestMs = Number.NEGATIVE_INFINITY;
  #heardAtMs = Number.NEGATIVE_INFINITY;

  /**
   * @param atMs our wall clock when the marker was read
   */
  hear(marker: Marker, atMs: number): void {
    this.#tasks = marker.tasks;
    this.#heardAtMs = atMs;
    this.#newestMs = Math.max(this.#newestMs, marker.wallMs);
    for (const claim of marker.claims) {
      this.#heard.set(claim.task, { claim, wallMs: marker.wallMs });
    }
  }

  /** True when every upstream task has said that nothing follows. */
  get ended(): boolean {
    if (this.#tasks === 0 || this.#heard.size < this.#tasks) return false;
    for (const { claim } of this.#heard.values()) if (!claim.end) return false;
    return true;
  }

  /** Adds this partition's upstream tasks to a minimum. */
  accumulate(into: WatermarkMinimum, nowMs: number): void {
    if (this.#tasks === 0 || this.#heard.size < this.#tasks) {
      into.unknown();
      return;
    }
    const silent = nowMs - this.#heardAtMs > CLAIM_VOID_MS;
    for (const { claim, wallMs } of this.#heard.values()) {
      const holds = claim.idle && !silent && this.#newestMs - wallMs <= CLAIM_VOID_MS;
      into.add(claim.watermarkMs, holds);
    }
  }
}

/** The minimum over those not idle, the maximum when all are. */
export class WatermarkMinimum {
  #lowest = Number.POSITIVE_INFINITY;
  #highestIdle = Number.NEGATIVE_INFINITY;
  #busy = false;

  unknown(): void {
    this.add(Number.NEGATIVE_INFINITY, false);
  }

  add(watermarkMs: number, idle: boolean): void {
    if (idle) {
      this.#highestIdle = Math.max(this.#highestIdle, watermarkMs);
    } else {
      this.#busy = true;
      this.#lowest = Math.min(this.#lowest, watermarkMs);
    }
  }

  get valueMs(): number {
    return this.#busy ? this.#lowest : this.#highestIdle;
  }
}
