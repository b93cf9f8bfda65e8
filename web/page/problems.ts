/**
 * Faults of the definition, shown while its last good version keeps running.
 *
 * @module
 */

import type { PageDiagnostic } from "../protocol.ts";
import { element } from "./dom.ts";
import type { Wording } from "./texts.ts";

export function showProblems(
  target: HTMLElement,
  list: readonly PageDiagnostic[],
  wording: Wording,
): void {
  target.hidden = list.length === 0;
  const errors = list.filter(({ severity }) => severity === "error").length;
  const n = wording.number(errors > 0 ? errors : list.length);
  target.dataset["severity"] = errors > 0 ? "error" : "warning";
  const headline = errors > 0 ? wording.say("problems", { n }) : wording.say("warnings", { n });
  const items = list.map((diagnostic) => element("li", {}, describe(diagnostic)));
  target.replaceChildren(
    element("p", { class: "problems-headline" }, [headline]),
    element("ol", { class: "problems-list" }, items),
  );
}

function describe(diagnostic: PageDiagnostic): Node[] {
  const { file, line, column, code, message, hint, frame } = diagnostic;
  const parts: Node[] = [
    element("p", { class: "problem-place" }, [
      element("code", {}, [`${file}:${line}:${column}`]),
      " ",
      element("span", { class: "problem-code" }, [code]),
    ]),
    element("p", { class: "problem-message" }, [message]),
  ];
  if (frame !== undefined) {
    parts.push(element("pre", { class: "problem-frame", tabindex: "0" }, [frame]));
  }
  if (hint !== undefined) parts.push(element("p", { class: "problem-hint" }, [hint]));
  return parts;
}
