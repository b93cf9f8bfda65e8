/**
 * Pause, language, colours.
 *
 * @module
 */

import { element, icon } from "./dom.ts";
import type { Wording } from "./texts.ts";
import { currentTheme } from "./theme.ts";

export interface ToolbarActions {
  readonly togglePause: () => void;
  readonly switchLanguage: () => void;
  readonly switchTheme: () => void;
}

const PAUSE_ICON = "M5.5 3.5v9M10.5 3.5v9";
const RESUME_ICON = "M5 3.2v9.6L12.5 8z";
const LANGUAGE_ICON =
  "M2 8h12M8 2a9 9 0 0 1 0 12M8 2a9 9 0 0 0 0 12M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z";
const THEME_ICON = "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 1 1 0 11";
const THEME_WORDS = { system: "themeSystem", light: "themeLight", dark: "themeDark" } as const;

export class Toolbar {
  readonly #pause = button("pause");
  readonly #language = button("language");
  readonly #theme = button("theme");
  #shown = "";

  constructor(root: HTMLElement, actions: ToolbarActions) {
    this.#pause.addEventListener("click", actions.togglePause);
    this.#language.addEventListener("click", actions.switchLanguage);
    this.#theme.addEventListener("click", actions.switchTheme);
    root.replaceChildren(this.#pause, this.#language, this.#theme);
  }

  show(wording: Wording, isPaused: boolean, newWindows: number): void {
    const theme = currentTheme();
    const shown = [wording.language, isPaused, newWindows, theme].join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#pause.classList.toggle("is-primary", isPaused);
    const label = element("span", {}, [wording.say(isPaused ? "resume" : "pause")]);
    this.#pause.replaceChildren(icon(isPaused ? RESUME_ICON : PAUSE_ICON), label);
    if (isPaused && newWindows > 0) {
      const n = wording.say("newWindows", { n: wording.number(newWindows) });
      this.#pause.append(element("span", { class: "badge" }, [n]));
    }
    this.#language.title = wording.say("languageHint");
    this.#language.replaceChildren(
      icon(LANGUAGE_ICON),
      element("span", {}, [wording.say("language")]),
    );
    const name = wording.say(THEME_WORDS[theme]);
    this.#theme.title = wording.say("themeHint", { theme: name });
    this.#theme.replaceChildren(icon(THEME_ICON), element("span", {}, [name]));
  }
}

function button(action: string): HTMLButtonElement {
  return element("button", { type: "button", class: "button", "data-action": action });
}
