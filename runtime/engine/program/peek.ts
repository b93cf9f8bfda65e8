/**
 * Source text of a peek. What it shows is read and evaluated when it is due, in a draft of its own: a
 * record that is not shown costs one comparison.
 *
 * @module
 */

import type { PeekNode } from "../../../topology/language/mod.ts";
import { Draft, expressionSource, objectSource, type Scope } from "./scope.ts";
import { stagesSource, type Unit } from "./stages.ts";

export function peekSource(unit: Unit, node: PeekNode, i: number, scope: Scope): string {
  if (unit.rows === "gone") return stagesSource(unit, node.next, scope);
  const draft = new Draft(`p${i}_`);
  const shown =
    node.value === undefined
      ? `{ ${wholeSource(draft, scope)} }`
      : `{ shown: ${expressionSource(draft, scope, node.value)} }`;
  const read = scope.value.kind === "original" ? unit.read(draft) : "";
  const locals = draft.fields.map(({ local }) => local);
  return [
    `if (t.nowMs >= s${i}.nextPeekMs) {`,
    `s${i}.nextPeekMs = t.nowMs + ${node.everyMs};`,
    `try { ${locals.length > 0 ? `let ${locals.join(", ")};` : ""} ${read}`,
    `t.peek(s${i}, ${scope.topic}, ${scope.partition}, ${scope.offset}, ${scope.at}, ${shown}); }`,
    `catch (x) { t.peek(s${i}, ${scope.topic}, ${scope.partition}, ${scope.offset}, ${scope.at}, { error: x }); }`,
    "}",
    `n${i}.passed++; n${i}.emitted++;`,
    stagesSource(unit, node.next, scope),
  ].join("\n");
}

function wholeSource(draft: Draft, scope: Scope): string {
  const value = scope.value.kind === "original" ? draft.field([]) : objectSource(scope.value);
  const key = scope.key.kind === "local" ? scope.key.local : scope.key.decoded;
  const window =
    scope.window === undefined ? "" : `, window: [${scope.window.start}, ${scope.window.end}]`;
  return `shown: { key: ${key}${window}, value: ${value} }`;
}
