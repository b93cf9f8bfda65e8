/**
 * What became of every record, by source and stage: a quiet table below the charts.
 *
 * @module
 */

import type { LedgerRow } from "../protocol.ts";
import { element, setText } from "./dom.ts";
import type { Word, Wording } from "./texts.ts";

interface Column {
  readonly title: Word;
  readonly hint: Word;
  /** Undefined: the stage has no such class. */
  readonly count: (row: LedgerRow) => number | undefined;
  /** Stands out where it is not zero. */
  readonly isLoss?: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: "ledgerIn", hint: "ledgerInHint", count: (row) => row.in },
  { title: "ledgerAccepted", hint: "ledgerAcceptedHint", count: (row) => row.accepted },
  { title: "ledgerFiltered", hint: "ledgerFilteredHint", count: (row) => row.filtered },
  {
    title: "ledgerLateAtSource",
    hint: "ledgerLateAtSourceHint",
    count: (row) => row.lateAtSource,
    isLoss: true,
  },
  {
    title: "ledgerLateAtOperator",
    hint: "ledgerLateAtOperatorHint",
    count: (row) => row.lateAtOperator,
    isLoss: true,
  },
  { title: "ledgerDead", hint: "ledgerDeadHint", count: (row) => row.dead, isLoss: true },
  { title: "ledgerOut", hint: "ledgerOutHint", count: (row) => row.out },
];

export class LedgerTable {
  readonly #root: HTMLElement;
  readonly #title = element("h2", { class: "ledger-title", id: "ledger-title" });
  readonly #hint = element("p", { class: "ledger-hint" });
  readonly #table = element("table", { class: "data-table" });
  /** Cells of what the table shows now; another layout is built anew. */
  #cells: HTMLTableCellElement[][] = [];
  #layout = "";

  constructor(root: HTMLElement) {
    this.#root = root;
    const scroll = element("div", { class: "ledger-scroll", tabindex: "0" }, [this.#table]);
    root.append(element("header", {}, [this.#title, this.#hint]), scroll);
  }

  /** Shows nothing at all while there is nothing to show. */
  show(rows: readonly LedgerRow[], wording: Wording): void {
    this.#root.hidden = rows.length === 0;
    const layout = [wording.language, ...rows.map(({ name, step }) => `${step} ${name}`)].join();
    if (layout !== this.#layout) this.#build(rows, wording);
    this.#layout = layout;
    rows.forEach((row, n) => {
      COLUMNS.forEach(({ count, isLoss }, column) => {
        const cell = this.#cells[n]![column]!;
        const value = count(row);
        setText(cell, value === undefined ? "" : wording.number(value));
        cell.classList.toggle("is-zero", value === 0);
        cell.classList.toggle("is-loss", isLoss === true && value !== undefined && value > 0);
      });
    });
  }

  #build(rows: readonly LedgerRow[], wording: Wording): void {
    setText(this.#title, wording.say("ledger"));
    setText(this.#hint, wording.say("ledgerHint"));
    const head = ({ title, hint }: Pick<Column, "title" | "hint">) =>
      element("th", { scope: "col" }, [
        element("abbr", { title: wording.say(hint) }, [wording.say(title)]),
      ]);
    const heads = [{ title: "ledgerStage", hint: "ledgerStageHint" } as const, ...COLUMNS].map(
      head,
    );
    this.#cells = rows.map(() => COLUMNS.map(() => element("td")));
    const body = rows.map(({ name, step }, n) =>
      element("tr", {}, [
        element("th", { scope: "row" }, [
          name,
          " ",
          element("span", { class: "ledger-step" }, [step]),
        ]),
        ...this.#cells[n]!,
      ]),
    );
    this.#table.replaceChildren(
      element("thead", {}, [element("tr", {}, heads)]),
      element("tbody", {}, body),
    );
  }
}
