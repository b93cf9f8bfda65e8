/**
 * A dashboard beside an engine, or alone: the page's server, its feed from the sink topics and the
 * ledger of whoever runs the application.
 *
 * @module
 */

import { createEvaluator, type Plan } from "../../topology/language/mod.ts";
import { createDashboard, type Dashboard, isLoopback, startSinkFeed } from "../../web/mod.ts";
import { ledgerRows, type SchemaSource, sumLedgers } from "../engine/mod.ts";
import { accessOf, type ClusterAccess } from "../kafka/mod.ts";
import { followLedger } from "./follow_ledger.ts";
import { onPort } from "./on_port.ts";

const USUAL_PORT = 8080;

export interface DashboardSettings extends ClusterAccess {
  readonly plan: Plan;
  readonly schemas: SchemaSource;
  readonly host: string;
  readonly port: number | undefined;
  readonly note: (line: string) => void;
}

export interface RunningDashboard {
  readonly url: string;
  readonly dashboard: Dashboard;
  /** Draws another plan from now on, from the earliest record of its sinks. */
  show(plan: Plan): Promise<void>;
  close(): Promise<void>;
}

/** @throws {MillraceError} PORT_IN_USE for a fixed port that is taken */
export async function startDashboard(settings: DashboardSettings): Promise<RunningDashboard> {
  const { host, port, note } = settings;
  if (!isLoopback(host)) {
    note(`the page listens on ${host}: everyone who reaches this machine can read the results`);
  }
  const dashboard = await onPort(port, USUAL_PORT, (port) =>
    createDashboard({
      host,
      port,
      dashboard: settings.plan.dashboard,
      epoch: "",
      evaluate: (expression) => {
        const evaluate = createEvaluator(expression);
        return ({ key, value, window }) => evaluate({ key, value, window });
      },
    }),
  );
  const problems = new Set<string>();
  let following = follow(settings.plan);

  function follow(plan: Plan): { close(): Promise<void> } {
    const feed = startSinkFeed({
      plan,
      ...accessOf(settings),
      schemas: settings.schemas,
      dashboard,
      onProblem,
    });
    const stopping = new AbortController();
    const ledger = showLedger(plan, stopping.signal).catch(onProblem);
    return {
      async close() {
        stopping.abort();
        await Promise.all([feed.close(), ledger]);
      },
    };
  }

  async function showLedger(plan: Plan, signal: AbortSignal): Promise<void> {
    const looks = followLedger({ plan, ...accessOf(settings), signal, onProblem });
    for await (const tasks of looks) {
      if (signal.aborted) return;
      dashboard.setLedger(ledgerRows(sumLedgers(tasks.map(({ ledger }) => ledger)), plan));
    }
  }

  function onProblem(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // The same problem comes with every record: said once.
    if (!problems.has(message)) note(`dashboard: ${message}`);
    problems.add(message);
  }

  return {
    url: dashboard.url,
    dashboard,
    async show(plan) {
      await following.close();
      following = follow(plan);
    },
    async close() {
      await following.close();
      await dashboard.close();
    },
  };
}
