/**
 * `fn:` of a map or flatMap: a function of the module that `functions:` names.
 *
 * @module
 */

import type { Call } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import {
  avroOfType,
  type ExpressionType,
  type Scope,
  UnsupportedTypeError,
} from "../expression/mod.ts";
import type { CallPlan, FunctionReducerPlan } from "../plan.ts";
import { didYouMean } from "../suggest.ts";
import { tooManyPartitions } from "./aggregators/mod.ts";
import type { ExportedValue, Flow, ModuleExports, Planning } from "./context.ts";
import { declaredFormat, typeOfFormat } from "./formats.ts";
import { withoutNull } from "./types.ts";

export interface TypedCall {
  readonly call: CallPlan;
  readonly type: ExpressionType;
}

/** @returns undefined when it is wrong, which has been reported */
export function checkFunction(
  call: Call,
  stage: "map" | "flatMap",
  scope: Scope,
  path: Path,
  flow: Flow,
  planning: Planning,
): TypedCall | undefined {
  const module = findModule([...path, "fn"], planning);
  const returns = typeReturned(call, scope, path, planning);
  if (module === undefined || returns === undefined) return undefined;
  const { type, schema } = returns;
  if ("version" in module && !isCallable(call.fn, module, [...path, "fn"], planning)) {
    return undefined;
  }
  planning.functionPlaces.push({
    fn: call.fn,
    stage,
    key: scope.get("key")!,
    value: scope.get("value")!,
    hasWindow: flow.window !== undefined,
    returns: type,
  });
  const version = "version" in module ? module.version : "";
  const each = stage === "flatMap";
  return { call: { op: "function", fn: call.fn, each, version, result: schema }, type };
}

/**
 * A reducer that the module exports.
 *
 * @param partitions that the records come from, as far as that is known
 * @returns undefined when it is wrong, which has been reported
 */
export function checkFunctionReducer(
  call: Call,
  scope: Scope,
  path: Path,
  flow: Flow,
  partitions: number,
  planning: Planning,
): { readonly aggregator: FunctionReducerPlan; readonly type: ExpressionType } | undefined {
  const at = [...path, "fn"];
  const module = findModule(at, planning);
  if (call.returns === undefined) {
    planning.report.error("MISSING_KEY", path, "what the reducer makes has to be said", {
      hint: "returns: long, or another type of a value",
    });
    return undefined;
  }
  const returns = typeReturned(call, scope, path, planning);
  if (module === undefined || returns === undefined) return undefined;
  if ("version" in module && !isReducer(call.fn, module, at, planning)) return undefined;
  const { type, schema } = returns;
  planning.functionPlaces.push({
    fn: call.fn,
    stage: "reduce",
    key: scope.get("key")!,
    value: scope.get("value")!,
    hasWindow: flow.window !== undefined,
    returns: type,
  });
  const aggregator = { name: "function", fn: call.fn, result: schema } as const;
  if (!("version" in module)) return { aggregator: { ...aggregator, version: "" }, type };
  const { version, exports } = module;
  if (exports.get(call.fn)?.ordered !== true)
    return { aggregator: { ...aggregator, version }, type };
  if (partitions > 1) {
    planning.report.error("BAD_AGGREGATOR", at, tooManyPartitions(partitions));
    return undefined;
  }
  return { aggregator: { ...aggregator, version, ordered: true }, type };
}

function isReducer(
  fn: string,
  { exports }: Extract<ModuleExports, { version: string }>,
  path: Path,
  { report }: Planning,
): boolean {
  const exported = exports.get(fn);
  const hint = `export const ${fn} = { lift: (record) => …, combine: (a, b) => … }`;
  if (exported === undefined) {
    const message = `the module exports no "${fn}"${didYouMean(fn, [...exports.keys()])}`;
    report.error("UNKNOWN_FUNCTION", path, message, { hint });
    return false;
  }
  const missing = ["lift", "combine"].filter((name) => !exported.functions?.includes(name));
  if (missing.length === 0) return true;
  report.error("BAD_FUNCTION", path, `"${fn}" has no function ${missing.join(" and ")}`, { hint });
  return false;
}

/** @returns undefined when there is none, which has been reported; nothing when it was not looked at */
function findModule(
  path: Path,
  { topology, functions, report }: Planning,
): Extract<ModuleExports, { version: string }> | Record<never, never> | undefined {
  const { functions: module } = topology;
  if (module === undefined) {
    report.error("UNKNOWN_FUNCTION", path, "no module of functions is named", {
      hint: "functions: ./functions.ts, at the top",
    });
    return undefined;
  }
  const found = functions?.exports(module);
  // What is wrong with the module itself is told once, where it is named.
  if (found === undefined) return {};
  return "version" in found ? found : undefined;
}

/** What is wrong with the module that `functions:` names. */
export function checkModule({ topology, functions, report }: Planning): void {
  const { functions: module } = topology;
  if (module === undefined) return;
  const found = functions?.exports(module);
  if (found === undefined) return;
  const path = ["functions"];
  if ("missing" in found) report.error("MISSING_FILE", path, `there is no file "${module}"`);
  else if ("fault" in found) report.error("BAD_FUNCTION", path, `${module}: ${found.fault}`);
}

function isCallable(
  fn: string,
  { exports }: Extract<ModuleExports, { version: string }>,
  path: Path,
  { report }: Planning,
): boolean {
  const exported = exports.get(fn);
  if (exported === undefined) {
    const message = `the module exports no "${fn}"${didYouMean(fn, [...exports.keys()])}`;
    report.error("UNKNOWN_FUNCTION", path, message, {
      hint: `export function ${fn}(record) { … }`,
    });
    return false;
  }
  const why = whyNotCallable(exported);
  if (why !== undefined) report.error("BAD_FUNCTION", path, `"${fn}" ${why}`);
  return why === undefined;
}

function whyNotCallable({ type, parameters }: ExportedValue): string | undefined {
  if (type === "async function") return "is async: a function has to answer at once";
  if (type !== "function") return `is a value of type ${type}, not a function`;
  if (parameters > 1) return `takes ${parameters} parameters, and is given one: the record`;
  return undefined;
}

/** @returns undefined when a value of the type cannot be made anew, which has been reported */
function schemaOfType(
  type: ExpressionType,
  path: Path,
  { report }: Planning,
): CallPlan["result"] | undefined {
  if (type.kind === "dyn") return null;
  try {
    return avroOfType(type);
  } catch (error) {
    if (!(error instanceof UnsupportedTypeError)) throw error;
    const message = `the function cannot return what came in: ${error.message}`;
    report.error("NOT_BUILT", path, message, { hint: "returns: { avro: <file>.avsc }" });
    return undefined;
  }
}

function typeReturned(
  { returns }: Call,
  scope: Scope,
  path: Path,
  planning: Planning,
): { readonly type: ExpressionType; readonly schema: CallPlan["result"] } | undefined {
  if (returns === undefined) {
    const type = withoutNull(scope.get("value")!);
    const schema = schemaOfType(type, [...path, "fn"], planning);
    return schema === undefined ? undefined : { type, schema };
  }
  const at = [...path, "returns"];
  if (returns === "avro") {
    planning.report.error("BAD_VALUE", at, "avro alone does not say what the function returns", {
      hint: "returns: { avro: <file>.avsc }",
    });
    return undefined;
  }
  const format = declaredFormat(returns, at, planning);
  if (format === undefined || format === "derived") return undefined;
  const type = typeOfFormat(format);
  if ("schema" in format && format.schema !== undefined) return { type, schema: format.schema };
  return { type, schema: type.kind === "dyn" ? null : avroOfType(type) };
}
