/**
 * The box beside the cursor: time and the values of that window.
 *
 * @module
 */

import { element } from "./dom.ts";

export interface TooltipLine {
  readonly label: string;
  readonly value: string;
  /** Colour index of the series. */
  readonly colour: number;
}

/** Place on the plot, CSS pixels from its top left. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Area {
  readonly width: number;
  readonly height: number;
}

const DISTANCE_PX = 14;
const MARGIN_PX = 8;

export class Tooltip {
  readonly root = element("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });

  hide(): void {
    this.root.hidden = true;
  }

  /**
   * @param anchorPx x of the window on the plot
   * @param points drawn points the box should not cover
   */
  show(
    time: string,
    lines: readonly TooltipLine[],
    anchorPx: number,
    plot: Area,
    points: readonly Spot[],
  ): void {
    this.root.replaceChildren(
      element("p", { class: "tooltip-time" }, [time]),
      ...lines.map(({ label, value, colour }) =>
        element("p", { class: `tooltip-line series-${colour + 1}` }, [
          element("span", { class: "swatch" }),
          element("span", { class: "tooltip-label" }, [label]),
          element("span", { class: "tooltip-value" }, [value]),
        ]),
      ),
    );
    this.root.hidden = false;
    const box = { width: this.root.offsetWidth, height: this.root.offsetHeight };
    const { x, y } = placeBeside(anchorPx, box, plot, points);
    this.root.style.transform = `translate(${x}px, ${y}px)`;
  }
}

/**
 * The corner beside the anchor where the box hides the fewest points: right or left, top or bottom.
 * It stays inside the plot even where neither side has room.
 */
export function placeBeside(
  anchorPx: number,
  box: Area,
  plot: Area,
  points: readonly Spot[],
): Spot {
  const right = anchorPx + DISTANCE_PX;
  const left = anchorPx - DISTANCE_PX - box.width;
  const bottom = Math.max(MARGIN_PX, plot.height - box.height - MARGIN_PX);
  const inside = (x: number) => Math.max(0, Math.min(x, plot.width - box.width));
  const sides = [right, left].filter((x) => x === inside(x));
  let best: Spot = { x: inside(right), y: MARGIN_PX };
  let fewest = Number.POSITIVE_INFINITY;
  for (const y of [MARGIN_PX, bottom]) {
    for (const x of sides) {
      const hidden = points.filter(
        (p) => p.x > x && p.x < x + box.width && p.y > y && p.y < y + box.height,
      ).length;
      if (hidden < fewest) {
        fewest = hidden;
        best = { x, y };
      }
    }
  }
  return best;
}
