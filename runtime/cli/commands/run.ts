/**
 * `millrace run`: a topology against a Kafka and a registry, until told to stop.
 *
 * @module
 */

import {
  formatStageChange,
  type Plan,
  type PlanComparison,
} from "../../../topology/language/mod.ts";
import { SnapshotFolder } from "../../disk/mod.ts";
import { MillraceError } from "../../fault/mod.ts";
import type { Command } from "../command.ts";
import type { RunningDashboard } from "../dashboard.ts";
import { describeEvent } from "../describe_event.ts";
import { createTelling, engineEvent } from "../events.ts";
import { reachExternal, registryOf } from "../external.ts";
import { HangUps } from "../hang_ups.ts";
import { aborted, Closers } from "../lifecycle.ts";
import { EXTERNAL_OPTIONS, PAGE_OPTIONS } from "../options.ts";
import { describeLoss, PlanSession } from "../plan_session.ts";
import { formatTopology, readTopology, requirePlan, type TopologyFile } from "../topology_file.ts";

export const run: Command = {
  name: "run",
  summary:
    "Runs a topology against a Kafka and a registry. Start it several times to share the work; SIGHUP reads the file again.",
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
    "state-dir": {
      type: "string",
      value: "folder",
      help: "keeps snapshots of the state there, for a fast restart",
    },
    "snapshot-interval": {
      type: "string",
      value: "ms",
      help: "how often, where something has changed",
      default: "60000",
    },
    json: { type: "boolean", help: "events as JSON lines: { event, … }" },
    reset: { type: "boolean", help: "delete the application's state, offsets and results first" },
  },
  async run({ positionals, text, credentials, flag, number, signal, print, note }) {
    const file = positionals[0]!;
    const read = () => readTopology(file, registryOf({ text, credentials }));
    const topology = await read();
    const plan = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    const sessionTimeoutMs = number("session-timeout", 500, 1_800_000);
    const stateBytes = number("state-bytes", 65_536, Number.MAX_SAFE_INTEGER);
    const port = number("port", 0, 65_535);
    const snapshotIntervalMs = number("snapshot-interval", 1000, 86_400_000);
    const stateDir = text("state-dir");
    const { application } = plan;
    const { tell } = createTelling(flag("json"), print);
    const closers = new Closers();
    const hangUps = new HangUps();
    try {
      const external = await reachExternal({ text, credentials, signal });
      const folder =
        stateDir === undefined ? undefined : await SnapshotFolder.open(stateDir, application);
      if (folder !== undefined) closers.add(() => folder.close());
      const session = new PlanSession({
        ...external,
        snapshots: folder,
        snapshotIntervalMs,
        sessionTimeoutMs,
        stateBytes,
        onEvent: (event) => {
          if (flag("json")) tell(engineEvent(event));
          const line = describeEvent(event);
          if (line !== undefined) note(`${application} ${line}`);
        },
      });
      closers.add(() => session.close());
      if (flag("reset")) {
        await session.reset(plan, (topics) => {
          note(`deleting group ${application} and topics ${topics.join(", ")}`);
        });
      } else {
        await requireFit(plan, session, note);
      }
      await session.start({ plan, functions: topology.functions });
      tell(
        { event: "running", application, brokers: external.brokers },
        `running    ${application}, group ${application} on ${external.brokers.join(", ")}`,
      );
      let dashboard: RunningDashboard | undefined;
      if (flag("dashboard")) {
        const { startDashboard } = await import("../dashboard.ts");
        const host = text("host")!;
        dashboard = await startDashboard({ plan, ...external, host, port, note });
        closers.add(() => dashboard!.close());
        tell({ event: "dashboard", url: dashboard.url }, `dashboard  ${dashboard.url}`);
      }
      hangUps.serve(async () => {
        const outcome = await reload(file, read, session, dashboard, note);
        note(outcome.message);
        if (flag("json")) tell({ event: "reload", ...outcome });
      });
      await Promise.race([aborted(signal), session.failed]);
    } finally {
      await hangUps.close();
      for (const problem of await closers.close()) note(`while stopping: ${String(problem)}`);
    }
    tell({ event: "stopped" });
    return 0;
  },
};

/**
 * Says what has changed since the application last ran.
 * @throws {MillraceError} STATE_MISMATCH naming each stage whose state would be lost, and why
 */
async function requireFit(
  plan: Plan,
  session: PlanSession,
  note: (line: string) => void,
): Promise<void> {
  const comparison = await session.compare(plan);
  const loss = describeLoss(comparison);
  if (loss !== undefined) {
    throw new MillraceError(
      "STATE_MISMATCH",
      `Cannot run ${plan.application} on what its last run left; --reset starts over without it:\n${loss}`,
    );
  }
  const changes = changedStages(comparison);
  if (comparison.ranBefore && changes.length > 0) {
    note([`${plan.application} changed since it last ran`, ...changes].join("\n"));
  }
}

function changedStages({ stages }: PlanComparison): readonly string[] {
  return stages.filter((change) => change.class !== "unchanged").flatMap(formatStageChange);
}

/** Reads the file again: it takes over when no state is lost, else what runs goes on. */
async function reload(
  file: string,
  read: () => Promise<TopologyFile>,
  session: PlanSession,
  dashboard: RunningDashboard | undefined,
  note: (line: string) => void,
): Promise<{ readonly taken: boolean; readonly message: string }> {
  const refused = (why: string) => ({ taken: false, message: `${file} not taken over${why}` });
  try {
    const topology = await read();
    const plan = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    const before = session.plan?.application;
    if (plan.application !== before) {
      return refused(`: it is ${plan.application} now, and ${before} goes on`);
    }
    const comparison = await session.compare(plan);
    const loss = describeLoss(comparison);
    if (loss !== undefined) {
      return refused(`, what runs goes on; state would be lost:\n${loss}`);
    }
    const changes = changedStages(comparison);
    if (changes.length > 0) await session.swap({ plan, functions: topology.functions });
    await dashboard?.show(plan);
    const what = changes.length > 0 ? "state kept" : "no stage has changed";
    return { taken: true, message: [`${file} taken over, ${what}`, ...changes].join("\n") };
  } catch (error) {
    return refused(`: ${error instanceof Error ? error.message : String(error)}`);
  }
}
