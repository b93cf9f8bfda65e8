/**
 * Light and dark: the system's choice unless the reader made one. Colours live in style.css; the
 * canvas asks for them here.
 *
 * @module
 */

import { recall, remember } from "./memory.ts";

export type Theme = "system" | "light" | "dark";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };

export interface Palette {
  readonly paper: string;
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly hairline: string;
  /** Series colours in order; the first two are told apart by every common kind of colour vision. */
  readonly series: readonly string[];
}

export const SERIES_COLOURS = 6;

export function currentTheme(): Theme {
  const chosen = recall("theme");
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function switchTheme(): Theme {
  const theme = NEXT[currentTheme()];
  remember("theme", theme === "system" ? undefined : theme);
  applyTheme(theme);
  return theme;
}

/** Calls back when the system changes sides. */
export function watchSystemTheme(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}

/** The colours in force, resolved to what a canvas understands. */
export function readPalette(): Palette {
  const probe = document.createElement("i");
  document.body.append(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    paper: resolve("paper"),
    surface: resolve("surface"),
    ink: resolve("ink"),
    muted: resolve("muted"),
    hairline: resolve("hairline"),
    series: Array.from({ length: SERIES_COLOURS }, (_, i) => resolve(`series-${i + 1}`)),
  };
  probe.remove();
  return palette;
}
