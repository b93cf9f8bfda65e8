/**
 * The chromium the browser tests drive, and what it must not do.
 */

import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

export const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Why browser tests are skipped; undefined when they are not. */
export const skipReason = existsSync(CHROMIUM) ? undefined : `no chromium at ${CHROMIUM}`;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Everything a page did that it must not do. */
export interface Misdeeds {
  readonly console: string[];
  readonly foreignRequests: string[];
  readonly policyViolations: string[];
}

/** @param origin the only one the page may talk to */
export async function watchMisdeeds(page: Page, origin: string): Promise<Misdeeds> {
  const misdeeds: Misdeeds = { console: [], foreignRequests: [], policyViolations: [] };
  page.on("pageerror", (error) => misdeeds.console.push(String(error)));
  page.on("console", (message) => {
    // A refused connection while the server is down is what the test is about.
    if (message.type() === "error" && !message.text().includes("WebSocket connection")) {
      misdeeds.console.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const isLocal = url.protocol === "blob:" || url.protocol === "data:";
    if (!isLocal && url.origin !== origin) misdeeds.foreignRequests.push(request.url());
  });
  await page.exposeFunction("reportViolation", (text: string) =>
    misdeeds.policyViolations.push(text),
  );
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const { reportViolation } = window as unknown as { reportViolation(text: string): void };
      reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return misdeeds;
}
