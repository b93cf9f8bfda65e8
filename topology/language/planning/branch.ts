/**
 * branch: the first one whose condition holds takes the record.
 *
 * @module
 */

import type { StageBodies } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { narrowScope } from "../expression/mod.ts";
import type { BranchPlan, Node } from "../plan.ts";
import { attach, type Flow, type Planning } from "./context.ts";
import { checkCondition } from "./expressions.ts";
import { nodeOf, planStages, type StageSite } from "./pipelines.ts";

export function planBranch(
  branches: StageBodies["branch"],
  path: Path,
  site: StageSite,
  above: Flow,
  planning: Planning,
): void {
  const { report } = planning;
  const planned: BranchPlan[] = [];
  attach(above, { kind: "branch", ...nodeOf(site), branches: planned }, []);
  for (const [index, branch] of branches.entries()) {
    // A hole, which has been reported.
    if (branch === undefined) continue;
    const at = [...path, index];
    const next: Node[] = [];
    let flow: Flow | undefined = { ...above, ends: [next] };
    if (branch.when === undefined) {
      planned.push({ next });
      if (index < branches.length - 1) {
        const message = "no record gets here: the branch before takes all the rest";
        report.error("UNREACHABLE", [...path, index + 1], message, {
          hint: "give that one a when",
        });
      }
    } else {
      const when = checkCondition(branch.when, above.scope, [...at, "when"], report, above);
      if (when === undefined) flow = undefined;
      else {
        planned.push({ when, next });
        flow = { ...flow, scope: narrowScope(above.scope, when) };
      }
    }
    const list = {
      pipeline: site.pipeline,
      path: [...at, "stages"],
      place: `${site.place}.${index}`,
      from: 0,
    };
    planStages(branch.stages, list, flow, planning);
  }
}
