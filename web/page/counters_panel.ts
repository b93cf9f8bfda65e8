/**
 * The big live numbers.
 *
 * @module
 */

import type { CounterDescription, CounterValue } from "../protocol.ts";
import { element, setText } from "./dom.ts";
import { labelOf, type Wording } from "./texts.ts";

interface Card {
  readonly root: HTMLElement;
  readonly label: HTMLElement;
  readonly newest: HTMLElement;
  readonly total: HTMLElement;
}

export class CountersPanel {
  readonly root = element("div", { class: "counter-group" });
  readonly #counter: CounterDescription;
  /** Colour index of a series, undefined when no chart draws it. */
  readonly #colourOf: (series: string) => number | undefined;
  readonly #cards = new Map<string, Card>();

  constructor(counter: CounterDescription, colourOf: (series: string) => number | undefined) {
    this.#counter = counter;
    this.#colourOf = colourOf;
  }

  show(values: Readonly<Record<string, CounterValue>>, wording: Wording): void {
    const rank = (series: string) => this.#colourOf(series) ?? Number.POSITIVE_INFINITY;
    const labelled = Object.keys(this.#counter.labels).filter(
      (s) => this.#colourOf(s) !== undefined,
    );
    const names = [
      ...new Set([...labelled, ...(this.#counter.only ?? []), ...Object.keys(values)]),
    ];
    names.sort((a, b) => (rank(a) === rank(b) ? a.localeCompare(b) : rank(a) - rank(b)));
    const order = names.map((series) => this.#cardOf(series).root);
    if (order.some((root, i) => this.root.children[i] !== root))
      this.root.replaceChildren(...order);
    for (const series of names) this.#fill(this.#cardOf(series), series, values[series], wording);
  }

  #fill(card: Card, series: string, value: CounterValue | undefined, wording: Wording): void {
    setText(card.label, labelOf(this.#counter.labels, series, wording.language));
    setText(
      card.newest,
      value === undefined ? wording.say("noValue") : wording.number(value.newest),
    );
    const total = value === undefined ? 0 : value.total;
    setText(card.total, wording.say("total", { n: wording.number(total) }));
    card.root.dataset["series"] = series;
    card.root.classList.toggle("is-empty", value === undefined);
    if (value !== undefined) card.newest.title = wording.time(value.window[0]);
  }

  #cardOf(series: string): Card {
    const known = this.#cards.get(series);
    if (known !== undefined) return known;
    const colour = this.#colourOf(series);
    const label = element("h2", { class: "counter-label" });
    const newest = element("p", { class: "counter-newest" });
    const total = element("p", { class: "counter-total" });
    const root = element(
      "article",
      {
        class: colour === undefined ? "counter counter-minor" : `counter series-${colour + 1}`,
      },
      [label, newest, total],
    );
    const card = { root, label, newest, total };
    this.#cards.set(series, card);
    return card;
  }
}
