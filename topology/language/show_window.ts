/**
 * Windows in words.
 *
 * @module
 */

import { showDuration } from "./duration.ts";
import type { WindowPlan } from "./plan.ts";

/** `tumbling 1s`, `hopping 1m every 5s, offset 1s`, `session 30m`: all but when it closes. */
export function showWindow(window: WindowPlan): string {
  switch (window.kind) {
    case "none":
      return "no window";
    case "same":
      return `same (${showWindow(window.of)})`;
    case "sliding":
      return `sliding ${showDuration(window.differenceMs)}`;
    case "session":
      return `session ${showDuration(window.gapMs)}`;
    case "calendar":
      return `calendar ${window.unit} in ${window.zone}`;
    case "hopping": {
      const { sizeMs, advanceMs, offsetMs } = window;
      const shape =
        sizeMs === advanceMs
          ? `tumbling ${showDuration(sizeMs)}`
          : `hopping ${showDuration(sizeMs)} every ${showDuration(advanceMs)}`;
      return offsetMs === 0 ? shape : `${shape}, offset ${showDuration(offsetMs)}`;
    }
  }
}
