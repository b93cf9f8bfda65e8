/**
 * The application's consumer group.
 *
 * @module
 */

import type { KafkaInspector } from "../../kafka/mod.ts";
import { type Finding, failed, failure, ok } from "./finding.ts";

export async function checkGroup(inspector: KafkaInspector, group: string): Promise<Finding> {
  try {
    const { state, members, error, allowed } = await inspector.group(group);
    if (error !== undefined) return refused(group, error);
    if (allowed !== undefined && !allowed.has("read")) {
      return failure(
        "group",
        `${group}: this user may not read`,
        `grant it READ on group ${group}`,
      );
    }
    if (state === "Dead") return ok("group", `${group}: has never run here`);
    if (members.length === 0) return ok("group", `${group}: nobody runs it now`);
    const hosts = members.map(({ host }) => host.replace(/^\//, "")).join(", ");
    return ok("group", `${group}: ${state}, run by ${members.length} on ${hosts}`);
  } catch (error) {
    return failed("group", error, `grant this user READ on group ${group}`);
  }
}

function refused(group: string, error: string): Finding {
  return failure("group", `${group}: ${error}`, `grant this user READ on group ${group}`);
}
