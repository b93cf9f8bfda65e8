/**
 * `millrace doctor`: what stands between this machine and a topology that runs. Reads, never writes.
 *
 * @module
 */

import { createKafkaInspector, type KafkaInspector } from "../../kafka/mod.ts";
import { createRegistryInspector } from "../../registry/mod.ts";
import type { Command, CommandContext } from "../command.ts";
import { checkBrokers } from "../doctor/brokers.ts";
import { exitCodeOf, type Finding, failed, failure, formatFinding } from "../doctor/finding.ts";
import { checkGroup } from "../doctor/group.ts";
import { checkLocal } from "../doctor/local.ts";
import { checkRegistry } from "../doctor/registry.ts";
import { checkTopics } from "../doctor/topics.ts";
import { accessFrom, registryOf } from "../external.ts";
import { EXTERNAL_OPTIONS } from "../options.ts";
import type { TopologyFile } from "../topology_file.ts";
import { formatTopology, readTopology } from "../topology_file.ts";

/** A diagnosis does not wait for what may come up. */
const RETRY_MS = 3_000;

export const doctor: Command = {
  name: "doctor",
  summary:
    "Checks brokers, topics, permissions, registry, clock and this machine. Changes nothing. Exits with 0: all well, 1: something is wrong, 3: something does not answer.",
  arguments: "[file]",
  positionals: { least: 0, most: 1 },
  options: {
    ...EXTERNAL_OPTIONS,
    json: {
      type: "boolean",
      help: "one JSON document: { ok, findings: [{ check, level, message, hint? }] }",
    },
  },
  async run({ positionals, text, credentials, flag, print, note }) {
    const [file] = positionals;
    const { brokers } = accessFrom({ text, credentials });
    const url = text("registry")!;
    const { registry: auth } = credentials;
    const registry = createRegistryInspector({ url, ...(auth !== undefined && { auth }) });
    const inspector = createKafkaInspector({
      ...accessFrom({ text, credentials }),
      retryTimeoutMs: RETRY_MS,
    });
    const findings: Finding[] = [...checkLocal()];
    try {
      const { topology, findings: read } = await readDefinition(file, { text, credentials });
      findings.push(...read);
      const plan = topology?.plan;
      if (topology !== undefined && topology.diagnostics.length > 0) note(formatTopology(topology));
      findings.push(...(await checkCluster(inspector, brokers, plan)));
      findings.push(...(await checkRegistry(registry, withoutCredentials(url), plan)));
    } finally {
      await inspector.close();
    }
    const code = exitCodeOf(findings);
    if (flag("json")) {
      const shown = findings.map(({ unreachable: _, ...finding }) => finding);
      print(JSON.stringify({ ok: code === 0, findings: shown }));
    } else {
      for (const finding of findings) print(formatFinding(finding));
    }
    return code;
  },
};

async function checkCluster(
  inspector: KafkaInspector,
  brokers: readonly string[],
  plan: TopologyFile["plan"],
): Promise<readonly Finding[]> {
  const { findings, reached } = await checkBrokers(inspector, brokers);
  if (!reached || plan === undefined) return findings;
  try {
    const { nodes } = await inspector.cluster();
    const topics = await checkTopics(inspector, plan, nodes.length);
    return [...findings, ...topics, await checkGroup(inspector, plan.application)];
  } catch (error) {
    return [...findings, failed("topic", error)];
  }
}

/** A registry that is away is a finding of its own, not the end of the diagnosis. */
async function readDefinition(
  file: string | undefined,
  context: Pick<CommandContext, "text" | "credentials">,
): Promise<{ readonly topology?: TopologyFile; readonly findings: readonly Finding[] }> {
  if (file === undefined) return { findings: [] };
  try {
    const topology = await readTopology(file, registryOf(context));
    if (topology.plan !== undefined) return { topology, findings: [] };
    const errors = topology.diagnostics.filter(({ severity }) => severity === "error").length;
    const message = `${file}: ${errors} errors, so its topics are not looked at`;
    return { topology, findings: [failure("file", message, `millrace check ${file}`)] };
  } catch (error) {
    return { findings: [failed("file", error)] };
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//");
}
