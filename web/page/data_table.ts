/**
 * The same points as numbers: for screen readers, and for whoever wants to read them.
 *
 * @module
 */

import { element, setText } from "./dom.ts";
import type { SeriesTable } from "./table.ts";
import type { Wording } from "./texts.ts";

/** Newest rows listed. */
const MAX_ROWS = 200;

export class DataTable {
  readonly root: HTMLDetailsElement;
  readonly #summary = element("summary");
  readonly #table = element("table", { class: "data-table" });

  /** @param onOpen called when the reader opens it: a closed table is not kept up to date */
  constructor(id: string, isOpen: boolean, onOpen: () => void) {
    const scroll = element("div", { class: "data-scroll" }, [this.#table]);
    this.root = element("details", { class: "data", id, open: isOpen }, [this.#summary, scroll]);
    this.root.addEventListener("toggle", onOpen);
  }

  /** Newest first. */
  show(title: string, labels: readonly string[], data: SeriesTable, wording: Wording): void {
    setText(this.#summary, wording.say("table"));
    if (!this.root.open) return;
    const rows = data.starts.map((start, i) => {
      const cells = data.columns.map((column) => {
        const value = column[i];
        return element("td", {}, [value == null ? wording.say("noValue") : wording.number(value)]);
      });
      const time = `${wording.day(start)} ${wording.time(start)}`;
      return element("tr", {}, [element("th", { scope: "row" }, [time]), ...cells]);
    });
    const heads = [wording.say("time"), ...labels];
    this.#table.replaceChildren(
      element("caption", { class: "visually-hidden" }, [title]),
      element("thead", {}, [
        element(
          "tr",
          {},
          heads.map((head) => element("th", { scope: "col" }, [head])),
        ),
      ]),
      element("tbody", {}, rows.reverse().slice(0, MAX_ROWS)),
    );
  }
}
