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

/** Tasks of one subtopology that writes the partition. */
interface Writer {
  /** 0 until one of them was heard. */
  tasks: number;
  /** By task. */
  readonly heard: Map<number, Heard>;
}

/** Markers of one input partition, the latest of each upstream task. */
export class UpstreamClocks {
  readonly #writers: ReadonlyMap<number, Writer>;
  #newestMs = Number.NEGATIVE_INFINITY;
  #heardAtMs = Number.NEGATIVE_INFINITY;

  /** @param writers ids of the subtopologies whose markers come here */
  constructor(writers: readonly number[]) {
    this.#writers = new Map(writers.map((id) => [id, { tasks: 0, heard: new Map() }]));
  }

  /**
   * @param atMs our wall clock when the marker was read
   */
  hear(marker: Marker, atMs: number): void {
    const writer = this.#writers.get(marker.writer);
    // One that an earlier plan had.
    if (writer === undefined) return;
    writer.tasks = marker.tasks;
    this.#heardAtMs = atMs;
    this.#newestMs = Math.max(this.#newestMs, marker.wallMs);
    for (const claim of marker.claims) {
      writer.heard.set(claim.task, { claim, wallMs: marker.wallMs });
    }
  }

  /** True when every upstream task has said that nothing follows. */
  get ended(): boolean {
    for (const writer of this.#writers.values()) {
      if (!isComplete(writer)) return false;
      for (const { claim } of writer.heard.values()) if (!claim.end) return false;
    }
    return this.#writers.size > 0;
  }

  /** Adds this partition's upstream tasks to a minimum. */
  accumulate(into: WatermarkMinimum, nowMs: number): void {
    const silent = nowMs - this.#heardAtMs > CLAIM_VOID_MS;
    for (const writer of this.#writers.values()) {
      if (!isComplete(writer)) {
        into.unknown();
        continue;
      }
      for (const { claim, wallMs } of writer.heard.values()) {
        const holds = claim.idle && !silent && this.#newestMs - wallMs <= CLAIM_VOID_MS;
        into.add(claim.watermarkMs, holds);
      }
    }
  }
}

function isComplete({ tasks, heard }: Writer): boolean {
  return tasks > 0 && heard.size >= tasks;
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
