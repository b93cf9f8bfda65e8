import { type Plan, planTopology } from "../../topology/language/mod.ts";
import type { Topology } from "../../topology/mod.ts";

/** A definition that does not run. */
export interface Unplanned {
  readonly plan: undefined;
  /** Whether it needs what the language has and the engine has not got yet. */
  readonly notBuilt: boolean;
  readonly messages: readonly string[];
}

export function planOf(name: string, topology: Topology): { readonly plan: Plan } | Unplanned {
  const { plan, diagnostics } = planTopology({
    file: name,
    files: { read: () => undefined },
    object: topology,
  });
  if (plan !== undefined) return { plan };
  const missing = diagnostics.filter(({ code }) => code === "NOT_BUILT");
  const notBuilt = missing.length > 0;
  const messages = notBuilt
    ? missing.map(({ message }) => message)
    : diagnostics.map(({ code, path, message }) => `${path} ${code} ${message}`);
  return { plan: undefined, notBuilt, messages };
}
