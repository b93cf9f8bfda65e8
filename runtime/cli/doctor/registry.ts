/**
 * The registry, its clock, and the subjects that the definition writes.
 *
 * @module
 */

import type { AvroType, Format, Plan } from "../../../topology/language/mod.ts";
import type { RegistryInspector } from "../../registry/mod.ts";
import { type Finding, failed, failure, ok, warning } from "./finding.ts";

/** A `Date` header tells whole seconds. */
const CLOCK_TOLERANCE_MS = 2_000;

export async function checkRegistry(
  inspector: RegistryInspector,
  url: string,
  plan: Plan | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    const { roundTripMs, level, clockAheadMs } = await inspector.state();
    const compatibility = level === undefined ? "" : `, compatibility ${level}`;
    findings.push(
      ok("registry", `${url}: answers in ${roundTripMs.toFixed(0)} ms${compatibility}`),
    );
    findings.push(checkClock(clockAheadMs));
    for (const [subject, schema] of plan === undefined ? [] : subjectsOf(plan)) {
      findings.push(await checkSubject(inspector, subject, schema));
    }
  } catch (error) {
    findings.push(failed("registry", error, "is it running, and is the URL right?"));
  }
  return findings;
}

/**
 * The registry stands for the cluster's clock: a broker tells its own only to those who write. Clocks
 * matter where a silent partition goes on by the wall clock (`idle`) and where `maxFuture` judges.
 */
export function checkClock(aheadMs: number | undefined): Finding {
  if (aheadMs === undefined) return warning("clock", "the registry does not tell the time");
  const seconds = Math.abs(aheadMs / 1000).toFixed(0);
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) {
    return ok("clock", "that of the registry agrees with this one, to the second");
  }
  const message = `this clock is ${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} the registry's`;
  return warning("clock", message, "keep both machines on NTP: idle and maxFuture go by the clock");
}

async function checkSubject(
  inspector: RegistryInspector,
  subject: string,
  schema: AvroType,
): Promise<Finding> {
  const { exists, level, compatible } = await inspector.subject(subject, schema);
  if (!exists) return ok("subject", `${subject}: not there yet, the first record registers it`);
  if (compatible === false) {
    const message = `${subject}: what the definition writes is not ${level ?? ""} compatible with the newest version`;
    const hint = "give the stream another topic, or the subject another compatibility";
    return failure("subject", message.replace("  ", " "), hint);
  }
  return ok("subject", `${subject}: ${level ?? "registered"}, takes what the definition writes`);
}

/** Subjects that the engine registers schemas under. */
function subjectsOf(plan: Plan): readonly (readonly [string, AvroType])[] {
  return Object.values(plan.streams).flatMap(({ written, topic, key, value }) => {
    if (!written) return [];
    const keySchema = key.window === undefined ? schemaOf(key.format) : undefined;
    const valueSchema = schemaOf(value);
    return [
      ...(keySchema === undefined ? [] : [[`${topic}-key`, keySchema] as const]),
      ...(valueSchema === undefined ? [] : [[`${topic}-value`, valueSchema] as const]),
    ];
  });
}

function schemaOf(format: Format): AvroType | undefined {
  return format.kind === "avro" ? format.schema : undefined;
}
