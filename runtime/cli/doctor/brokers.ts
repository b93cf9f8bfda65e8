/**
 * The way to the brokers: each bootstrap address, then each address that the cluster itself names. A
 * client that bootstraps and then hangs has met the second kind.
 *
 * @module
 */

import { lookup } from "node:dns/promises";
import type { KafkaInspector } from "../../kafka/mod.ts";
import { type Finding, failed, failure, ok } from "./finding.ts";

/** @returns what was found; `reached` when the rest of the cluster can be looked at */
export async function checkBrokers(
  inspector: KafkaInspector,
  bootstrap: readonly string[],
): Promise<{ readonly findings: readonly Finding[]; readonly reached: boolean }> {
  const probed = await Promise.all(bootstrap.map((address) => probe(inspector, address)));
  const findings = [...probed];
  if (probed.every(({ level }) => level === "failure")) return { findings, reached: false };
  try {
    const { nodes, clusterId } = await inspector.cluster();
    findings.push(
      ok(
        "broker",
        `cluster ${clusterId ?? "without an id"} has ${nodes.length} node${nodes.length === 1 ? "" : "s"}`,
      ),
    );
    const others = nodes.filter(({ address }) => !bootstrap.includes(address));
    findings.push(
      ...(await Promise.all(
        others.map(({ id, address }) => probe(inspector, address, advertisedBy(id))),
      )),
    );
    return { findings, reached: true };
  } catch (error) {
    return { findings: [...findings, failed("broker", error)], reached: false };
  }
}

interface Advertised {
  readonly prefix: string;
  readonly hint: string;
}

function advertisedBy(id: number): Advertised {
  return {
    prefix: `node ${id} advertises `,
    hint: `the broker tells clients to come to this address: set advertised.listeners of node ${id} to one that can be reached from here`,
  };
}

async function probe(
  inspector: KafkaInspector,
  address: string,
  advertised?: Advertised,
): Promise<Finding> {
  const where = `${advertised?.prefix ?? ""}${address}`;
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  let resolved: string;
  try {
    resolved = (await lookup(host)).address;
  } catch {
    const hint = advertised?.hint ?? "check the spelling, or the name service of this machine";
    return {
      ...failure("broker", `${where}: there is no host of that name`, hint),
      unreachable: true,
    };
  }
  const shown = resolved === host ? where : `${where} (${resolved})`;
  try {
    const { connectMs, roundTripMs, missingApis } = await inspector.probe(address);
    if (missingApis.length === 0) {
      const times = `connected in ${connectMs.toFixed(0)} ms, answers in ${roundTripMs.toFixed(1)} ms`;
      return ok("broker", `${shown}: ${times}, speaks every API that is needed`);
    }
    const message = `${shown}: does not speak ${missingApis.join(", ")}`;
    return failure("broker", message, "Kafka 2.4 and newer do");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = advertised?.hint ?? "is it running, and are host, port and security right?";
    return { ...failed("broker", error, hint), message: `${shown}: ${reason}` };
  }
}
