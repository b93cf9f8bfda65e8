/**
 * `millrace run`: a topology against a Kafka and a registry, until told to stop.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { reachExternal, registryOf } from "../external.ts";
import { describeEvent, startInstance } from "../instance.ts";
import { aborted, Closers } from "../lifecycle.ts";
import { EXTERNAL_OPTIONS, PAGE_OPTIONS } from "../options.ts";
import { deleteApplication, internalTopics, writtenTopics } from "../reset.ts";
import { readTopologyWith } from "../subjects.ts";
import { formatTopology, requirePlan } from "../topology_file.ts";

export const run: Command = {
  name: "run",
  summary:
    "Runs a topology against a Kafka and a registry. Start it several times to share the work.",
  arguments: "<file>",
  positionals: { least: 1, most: 1 },
  options: {
    ...EXTERNAL_OPTIONS,
    dashboard: { type: "boolean", help: "serve the page, too" },
    ...PAGE_OPTIONS,
    "session-timeout": {
      type: "string",
      value: "ms",
      help: "after this much silence the others take over",
      default: "10000",
    },
    "state-bytes": {
      type: "string",
      value: "n",
      help: "bytes of state this instance may hold (default 1 GiB)",
    },
    reset: { type: "boolean", help: "delete the application's state, offsets and results first" },
  },
  async run({ positionals, text, flag, number, signal, print, note }) {
    const topology = await readTopologyWith(registryOf(text), positionals[0]!);
    const plan = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    const sessionTimeoutMs = number("session-timeout", 500, 1_800_000);
    const stateBytes = number("state-bytes", 65_536, Number.MAX_SAFE_INTEGER);
    const port = number("port", 0, 65_535);
    const closers = new Closers();
    try {
      const { brokers, schemas } = await reachExternal({ text, signal });
      if (flag("reset")) {
        const topics = [...internalTopics(plan), ...writtenTopics(plan)];
        note(`deleting group ${plan.application} and topics ${topics.join(", ")}`);
        await deleteApplication(brokers, plan.application, topics);
      }
      const instance = await startInstance({
        plan,
        brokers,
        schemas,
        sessionTimeoutMs,
        stateBytes,
        onEvent: (event) => {
          const line = describeEvent(event);
          if (line !== undefined) note(`${plan.application} ${line}`);
        },
      });
      closers.add(() => instance.stop());
      print(`running    ${plan.application}, group ${plan.application} on ${brokers.join(", ")}`);
      if (flag("dashboard")) {
        const { startDashboard } = await import("../dashboard.ts");
        const dashboard = await startDashboard({
          plan,
          brokers,
          schemas,
          host: text("host")!,
          port,
          note,
        });
        closers.add(() => dashboard.close());
        print(`dashboard  ${dashboard.url}`);
      }
      await Promise.race([aborted(signal), instance.done]);
      return 0;
    } finally {
      for (const problem of await closers.close()) note(`while stopping: ${String(problem)}`);
    }
  },
};
