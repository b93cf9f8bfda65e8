/**
 * `millrace dashboard`: the page alone, beside instances that run elsewhere.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { startDashboard } from "../dashboard.ts";
import { reachExternal, registryOf } from "../external.ts";
import { aborted } from "../lifecycle.ts";
import { EXTERNAL_OPTIONS, PAGE_OPTIONS } from "../options.ts";
import { readTopology, requirePlan } from "../topology_file.ts";

export const dashboard: Command = {
  name: "dashboard",
  summary: "Serves the page of a topology that runs elsewhere, from its result topics.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    ...EXTERNAL_OPTIONS,
    ...PAGE_OPTIONS,
  },
  async run({ positionals, text, number, signal, print, note }) {
    const plan = requirePlan(await readTopology(positionals[0]!, registryOf(text)));
    const host = text("host")!;
    const port = number("port", 0, 65_535);
    const external = await reachExternal({ text, signal });
    const running = await startDashboard({ plan, ...external, host, port, note });
    try {
      print(`dashboard  ${running.url}`);
      print("stop       Ctrl-C");
      await aborted(signal);
    } finally {
      await running.close();
    }
    return 0;
  },
};
