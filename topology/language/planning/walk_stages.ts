/**
 * All stages of a pipeline, those inside its branches included.
 *
 * @module
 */

import type { Stage } from "../definition.ts";
import type { Path } from "../document/mod.ts";

export interface WrittenStage {
  readonly stage: Stage;
  readonly path: Path;
}

/** In the order of the file; a stage is followed by those of its branches. Wrong ones are left out. */
export function* walkStages(
  stages: readonly (Stage | undefined)[],
  path: Path,
): Generator<WrittenStage> {
  for (const [index, stage] of stages.entries()) {
    if (stage === undefined) continue;
    const at = [...path, index];
    yield { stage, path: at };
    for (const [n, branch] of (stage.branch ?? []).entries()) {
      // A branch that is wrong is a hole, too.
      if (branch !== undefined)
        yield* walkStages(branch.stages ?? [], [...at, "branch", n, "stages"]);
    }
  }
}
