/**
 * `millrace dev`: broker, registry, feed, engine and dashboard in one process, over real sockets on
 * 127.0.0.1, following the definition file.
 *
 * @module
 */

import { existsSync } from "node:fs";
import type { Plan } from "../../../topology/language/mod.ts";
import { createRegistryClient, type RegistryClient } from "../../registry/mod.ts";
import { type Command, type CommandContext, UsageError } from "../command.ts";
import { type RunningDashboard, startDashboard } from "../dashboard.ts";
import { describeEvent } from "../describe_event.ts";
import { startEmbedded } from "../embedded.ts";
import { createTelling, engineEvent, type Telling } from "../events.ts";
import { aborted, Closers } from "../lifecycle.ts";
import { DEFAULT_TOPOLOGY, PAGE_OPTIONS } from "../options.ts";
import { describeLoss, PlanSession, type Runnable } from "../plan_session.ts";
import { takesUserLog } from "../record_file.ts";
import { formatTopology, readTopology, requirePlan, type TopologyFile } from "../topology_file.ts";
import { feedUserLog, rowsOf } from "../user_log_feed.ts";
import { watchFiles } from "../watch_files.ts";
import { sourceStreams } from "../words.ts";

const SAMPLE = new URL("../../../data/user_log_sample.csv", import.meta.url);

/** A newcomer's laptop may sleep: nobody else waits for this group. */
const SESSION_TIMEOUT_MS = 30_000;

export const dev: Command = {
  name: "dev",
  summary: "Runs everything embedded, in one process, and follows the file while you edit it.",
  arguments: "[file]",
  positionals: { least: 0, most: 1 },
  options: {
    port: PAGE_OPTIONS.port,
    "broker-port": {
      type: "string",
      value: "n",
      help: "broker port (default 9092, or a free one)",
    },
    "registry-port": {
      type: "string",
      value: "n",
      help: "registry port (default 8081, or a free one)",
    },
    host: { type: "string", value: "address", help: "address of all three", default: "127.0.0.1" },
    rate: { type: "string", value: "n|max", help: "records fed a second", default: "10" },
    file: { type: "string", value: "csv", help: "user log to feed instead of the sample" },
    once: { type: "boolean", help: "stop feeding where the file ends" },
    json: { type: "boolean", help: "events as JSON lines: { event, … }" },
    "no-feed": { type: "boolean", help: "feed nothing" },
  },
  async run(context) {
    const { positionals, text, number, flag, signal, print, note } = context;
    const file = positionals[0] ?? DEFAULT_TOPOLOGY;
    const sinceMs = Date.now();
    const topology = await readTopology(file);
    const plan = requirePlan(topology);
    if (topology.diagnostics.length > 0) note(formatTopology(topology));
    await writeTypes(topology);
    const feedFile = text("file");
    if (feedFile !== undefined && !existsSync(feedFile)) {
      throw new UsageError(`there is no file ${feedFile}`);
    }
    const rate = text("rate") === "max" ? ("max" as const) : number("rate", 1, 10_000_000)!;
    const host = text("host")!;
    const { tell } = createTelling(flag("json"), print);
    const closers = new Closers();
    try {
      const embedded = await startEmbedded({
        host,
        brokerPort: number("broker-port", 0, 65_535),
        registryPort: number("registry-port", 0, 65_535),
      });
      closers.add(() => embedded.close());
      const brokers = [embedded.broker];
      const schemas = createRegistryClient({ url: embedded.registry });
      const session = new PlanSession({
        brokers,
        schemas,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        onEvent: (event) => {
          if (flag("json")) tell(engineEvent(event));
          const line = event.kind === "assigned" ? undefined : describeEvent(event);
          if (line !== undefined) note(`${session.plan?.application ?? plan.application} ${line}`);
        },
      });
      closers.add(() => session.close());
      await session.start({ plan, functions: topology.functions });
      const dashboard = await startDashboard({
        plan,
        brokers,
        schemas,
        host,
        port: number("port", 0, 65_535),
        note,
      });
      closers.add(() => dashboard.close());
      tell(
        { event: "serving", broker: embedded.broker, registry: embedded.registry },
        `broker     ${embedded.broker}   (embedded, in memory: for development only)`,
        `registry   ${embedded.registry}`,
      );
      tell({ event: "dashboard", url: dashboard.url }, `dashboard  ${dashboard.url}`);
      const [source] = sourceStreams(plan).filter(takesUserLog);
      if (source !== undefined && !flag("no-feed")) {
        const feeding = new AbortController();
        const fed = feedUserLog({
          stream: source,
          brokers,
          schemas,
          rows: rowsOf(
            feedFile ?? decodeURIComponent(SAMPLE.pathname),
            !flag("once"),
            undefined,
            (line, message) => note(`${feedFile}:${line} ${message}`),
          ),
          rate,
          signal: AbortSignal.any([signal, feeding.signal]),
        }).catch((error: unknown) => {
          if (!signal.aborted) note(`feed: ${String(error)}`);
        });
        closers.add(async () => {
          feeding.abort();
          await fed;
        });
        tell(
          { event: "feeding", topic: source.topic, rate },
          `feeding    ${rate} records a second to ${source.topic}`,
        );
      }
      if (flag("json")) tell({ event: "running", application: plan.application, brokers });
      else printHints(context, file, plan, embedded);
      const following = {
        session,
        schemas,
        dashboard,
        tell: flag("json") ? tell : () => undefined,
      };
      const watcher = watchFiles(
        topology.files,
        () => followEdit(file, following, note, (files) => watcher.watch(files)),
        sinceMs,
      );
      closers.add(async () => watcher.close());
      await Promise.race([aborted(signal), session.failed]);
    } finally {
      for (const problem of await closers.close()) note(`while stopping: ${String(problem)}`);
    }
    tell({ event: "stopped" });
    return 0;
  },
};

function printHints(
  { print }: CommandContext,
  file: string,
  plan: Plan,
  embedded: { readonly broker: string; readonly registry: string },
): void {
  const sink = Object.values(plan.streams).find(
    ({ written, key }) => written && key.window !== undefined,
  );
  if (sink !== undefined) {
    const where = [
      embedded.broker === "127.0.0.1:9092" ? "" : ` --brokers ${embedded.broker}`,
      embedded.registry === "http://127.0.0.1:8081" ? "" : ` --registry ${embedded.registry}`,
      file === DEFAULT_TOPOLOGY ? "" : ` --topology ${file}`,
    ].join("");
    print(`look       npx millrace tail ${sink.name}${where}`);
  }
  print(`edit       ${file}; the page follows`);
  print("stop       Ctrl-C");
}

/** For the editor that the functions are written in. */
async function writeTypes({ file, functionModule }: TopologyFile): Promise<void> {
  if (functionModule === undefined) return;
  const { writeFunctionTypes } = await import("../function_types.ts");
  writeFunctionTypes(file, functionModule);
}

interface Following {
  readonly session: PlanSession;
  readonly schemas: RegistryClient;
  readonly dashboard: RunningDashboard;
  readonly tell: Telling["tell"];
}

/** A saved file: its faults are shown, or it takes over. */
async function followEdit(
  file: string,
  { session, schemas, dashboard, tell }: Following,
  note: (line: string) => void,
  watch: (files: readonly string[]) => void,
): Promise<void> {
  let topology: TopologyFile;
  try {
    topology = await readTopology(file);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
    return;
  }
  watch(topology.files);
  await writeTypes(topology);
  const { plan, functions, diagnostics } = topology;
  dashboard.dashboard.setDiagnostics(
    diagnostics.map((diagnostic) => ({
      ...diagnostic,
      frame: formatTopology({ ...topology, diagnostics: [diagnostic] }),
    })),
  );
  if (diagnostics.length > 0) note(formatTopology(topology));
  if (plan === undefined) {
    refuse(`${file} has errors; the last good version goes on`);
    return;
  }
  if (JSON.stringify(plan) === JSON.stringify(session.plan)) return;
  try {
    const message = `${file} changed: ${await takeOver({ plan, functions }, session, schemas)}`;
    note(message);
    tell({ event: "reload", taken: true, message });
    await dashboard.show(plan);
  } catch (error) {
    refuse(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }

  function refuse(message: string): void {
    note(message);
    tell({ event: "reload", taken: false, message });
  }
}

/**
 * Swaps where state can be kept. Where it cannot, all that the application has made is deleted, and
 * it starts over from the earliest record: the log is in memory, and here to be played with.
 *
 * @returns what has become of it, for people
 */
async function takeOver(
  after: Runnable,
  session: PlanSession,
  schemas: RegistryClient,
): Promise<string> {
  const { plan } = after;
  const comparison = await session.compare(plan);
  const { application } = session.plan ?? plan;
  const isSame = application === plan.application;
  const loss = isSame ? describeLoss(comparison) : `it is ${plan.application} now`;
  if (loss === undefined) {
    if (comparison.verdict !== "unchanged") await session.swap(after);
    return "swapped, state kept";
  }
  for (const topic of await session.reset(plan)) {
    await schemas.deleteSubject(`${topic}-key`);
    await schemas.deleteSubject(`${topic}-value`);
  }
  await session.start(after);
  return `started over, from the earliest record\n${loss}`;
}
