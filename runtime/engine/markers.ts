/**
 * Sends watermark markers: after the data they cover, when something changed and at least every
 * second, one record per repartition partition that speaks for all tasks of the instance.
 *
 * @module
 */

import type { Plan, WriterPlan } from "../../topology/language/mod.ts";
import { encodeHeaders } from "../wire/mod.ts";
import { type Claim, encodeMarker, MARKER_HEADER } from "./marker.ts";
import type { Outputs } from "./outputs.ts";
import type { Task } from "./task.ts";
import type { Layout } from "./topics.ts";

/** Markers are written this often even when nothing changed: silence voids a claim of idleness. */
export const MARKER_INTERVAL_MS = 1000;

const NO_BYTES = new Uint8Array(0);
const HEADERS = encodeHeaders([[MARKER_HEADER, new Uint8Array(0)]]);

/** From the tasks of one subtopology to a repartition topic. */
interface Route {
  readonly writer: WriterPlan;
  readonly topic: string;
  sent: readonly Claim[];
  sentAtMs: number;
}

export class Markers {
  readonly #routes: Route[] = [];
  readonly #layout: Layout;

  constructor(plan: Plan, layout: Layout) {
    this.#layout = layout;
    for (const { inputs } of plan.subtopologies) {
      for (const { from } of inputs) {
        if (from.kind !== "repartition") continue;
        for (const writer of from.writers) {
          this.#routes.push({
            writer,
            topic: from.topic,
            sent: [],
            sentAtMs: Number.NEGATIVE_INFINITY,
          });
        }
      }
    }
  }

  /** Appends the markers that are due behind everything appended so far. */
  append(tasks: Iterable<Task>, outputs: Outputs, wallMs: number): void {
    const all = [...tasks];
    for (const route of this.#routes) {
      const { subtopology: name, id, delayMs } = route.writer;
      const claims = all
        .filter(({ subtopology }) => subtopology.name === name)
        .map((task) => task.claim(delayMs));
      if (claims.length === 0) continue;
      if (wallMs - route.sentAtMs < MARKER_INTERVAL_MS && sameClaims(claims, route.sent)) continue;
      route.sent = claims;
      route.sentAtMs = wallMs;
      const value = encodeMarker({
        wallMs,
        writer: id,
        tasks: this.#layout.tasks.get(name)!,
        claims,
      });
      const partitions = this.#layout.partitions.get(route.topic)!;
      for (let partition = 0; partition < partitions; partition++) {
        outputs
          .to(route.topic, partition)
          .append(wallMs, NO_BYTES, -1, -1, value, 0, value.length, HEADERS, 0, HEADERS.length, 1);
      }
    }
  }

  /** The next markers are due at once: the tasks are others now. */
  reset(): void {
    for (const route of this.#routes) route.sentAtMs = Number.NEGATIVE_INFINITY;
  }
}

function sameClaims(left: readonly Claim[], right: readonly Claim[]): boolean {
  return (
    left.length === right.length &&
    left.every((claim, n) => {
      const other = right[n]!;
      return (
        claim.task === other.task &&
        claim.watermarkMs === other.watermarkMs &&
        claim.idle === other.idle &&
        claim.end === other.end
      );
    })
  );
}
