/**
 * Choices remembered in this browser.
 *
 * @module
 */

/** @returns undefined when nothing is stored or storage is refused (private mode) */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`millrace.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Stores a choice, or forgets it; without storage the choice lasts as long as the page. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`millrace.${name}`);
    else localStorage.setItem(`millrace.${name}`, value);
  } catch {
    // Storage is refused: the choice holds until the page is left, which is all that was promised.
  }
}
