/**
 * A dashboard beside an engine, or alone: the page's server and its feed from the sink topics.
 *
 * @module
 */

import { createEvaluator, type Plan } from "../../topology/language/mod.ts";
import {
  createDashboard,
  type Dashboard,
  isLoopback,
  type SinkFeed,
  startSinkFeed,
} from "../../web/mod.ts";
import type { SchemaSource } from "../engine/mod.ts";
import { accessOf, type ClusterAccess } from "../kafka/mod.ts";
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
  let feed: SinkFeed = follow(settings.plan);

  function follow(plan: Plan): SinkFeed {
    return startSinkFeed({
      plan,
      ...accessOf(settings),
      schemas: settings.schemas,
      dashboard,
      onProblem: (error) => {
        const message = error instanceof Error ? error.message : String(error);
        // The same problem comes with every record: said once.
        if (!problems.has(message)) note(`dashboard: ${message}`);
        problems.add(message);
      },
    });
  }

  return {
    url: dashboard.url,
    dashboard,
    async show(plan) {
      await feed.close();
      feed = follow(plan);
    },
    async close() {
      await feed.close();
      await dashboard.close();
    },
  };
}
