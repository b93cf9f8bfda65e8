/**
 * The legend: one button per curve, which shows or hides it.
 *
 * @module
 */

import { element } from "./dom.ts";
import type { Wording } from "./texts.ts";
import { SERIES_COLOURS } from "./theme.ts";

export class Legend {
  readonly root = element("div", { class: "legend", role: "group" });
  readonly #onToggle: (index: number, isShown: boolean) => void;
  readonly #hidden = new Set<string>();

  constructor(onToggle: (index: number, isShown: boolean) => void) {
    this.#onToggle = onToggle;
  }

  isShown(series: string): boolean {
    return !this.#hidden.has(series);
  }

  show(series: readonly string[], labels: readonly string[], wording: Wording): void {
    this.root.setAttribute("aria-label", wording.say("legend"));
    const buttons = series.map((name, i) => this.#button(name, labels[i] ?? name, i));
    // Rebuilding would take the focus away from a button that has it.
    const active = document.activeElement;
    const focused = this.root.contains(active) ? active?.getAttribute("data-series") : undefined;
    this.root.replaceChildren(...buttons);
    buttons.find((button) => button.dataset["series"] === focused)?.focus();
  }

  #button(series: string, label: string, index: number): HTMLButtonElement {
    const button = element(
      "button",
      {
        type: "button",
        class: `legend-item series-${(index % SERIES_COLOURS) + 1}`,
        "aria-pressed": String(this.isShown(series)),
        "data-series": series,
      },
      [element("span", { class: "swatch" }), label],
    );
    button.addEventListener("click", () => {
      const isShown = this.#hidden.delete(series);
      if (!isShown) this.#hidden.add(series);
      button.setAttribute("aria-pressed", String(isShown));
      this.#onToggle(index, isShown);
    });
    return button;
  }
}
