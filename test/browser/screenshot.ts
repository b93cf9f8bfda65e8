/**
 * Pictures of a running dashboard: light, dark, phone.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./_browser.ts";

const SHOTS = [
  {
    name: "light",
    language: "zh-CN",
    colorScheme: "light",
    width: 1200,
    height: 860,
    mobile: false,
  },
  { name: "dark", language: "en-GB", colorScheme: "dark", width: 1200, height: 860, mobile: false },
  { name: "phone", language: "zh-CN", colorScheme: "light", width: 390, height: 844, mobile: true },
] as const;

/**
 * Takes `<dir>/light.png` (Chinese), `dark.png` (English) and `phone.png` (Chinese, 390 px wide) of
 * the dashboard at `url`, each once its first chart has `minWindows` windows.
 *
 * @returns paths of the files
 */
export async function takeScreenshots(
  url: string,
  dir: string,
  { minWindows = 10, timeoutMs = 60_000 } = {},
): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const browser = await launch();
  try {
    const files: string[] = [];
    for (const { name, language, colorScheme, width, height, mobile } of SHOTS) {
      const context = await browser.newContext({
        locale: language,
        timezoneId: "Asia/Shanghai",
        colorScheme,
        viewport: { width, height },
        deviceScaleFactor: 2,
        isMobile: mobile,
        hasTouch: mobile,
      });
      const page = await context.newPage();
      await page.goto(url);
      await page.locator('#state[data-state="connected"]').waitFor();
      await page.waitForFunction(
        (wanted) =>
          Number(document.querySelector<HTMLElement>(".canvas")?.dataset["windows"]) >= wanted,
        minWindows,
        { timeout: timeoutMs },
      );
      if (!mobile) {
        const box = await page.locator(".u-over").first().boundingBox();
        if (box !== null) await page.mouse.move(box.x + box.width * 0.62, box.y + box.height / 2);
      }
      // Fonts and the frame that draws the newest point.
      await page.evaluate(() =>
        document.fonts.ready.then(() => new Promise(requestAnimationFrame)),
      );
      const file = join(dir, `${name}.png`);
      await page.screenshot({ path: file, fullPage: mobile });
      files.push(file);
      await context.close();
    }
    return files;
  } finally {
    await browser.close();
  }
}
