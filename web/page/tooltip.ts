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

const DISTANCE_PX = 14;

export class Tooltip {
  readonly root = element("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });

  hide(): void {
    this.root.hidden = true;
  }

  /** @param leftPx cursor, from the left edge of `over` @param widthPx width of `over` */
  show(time: string, lines: readonly TooltipLine[], leftPx: number, widthPx: number): void {
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
    const own = this.root.offsetWidth;
    // On the emptier side; it stays inside even where both are too narrow.
    const beside = leftPx < widthPx / 2 ? leftPx + DISTANCE_PX : leftPx - DISTANCE_PX - own;
    const left = Math.max(0, Math.min(beside, widthPx - own));
    this.root.style.transform = `translate(${left}px, 8px)`;
  }
}
