/**
 * A dashboard in a process of its own, to be killed. Reads sink records from standard input, one JSON
 * text a line; `live` says that the past has been read. Prints its URL.
 */

import { createInterface } from "node:readline";
import { createDashboard } from "../../web/mod.ts";
import { evaluatePaths, SHOPPERS } from "../web/_fixtures.ts";

const dashboard = await createDashboard({
  dashboard: SHOPPERS,
  epoch: "epoch-1",
  evaluate: evaluatePaths,
  port: Number(process.argv[2] ?? 0),
  limits: { flushMs: 20, heartbeatMs: 500 },
});
console.log(dashboard.url);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "live") dashboard.setStatus({ feed: "live" });
  else dashboard.push(JSON.parse(line));
}
