import { type Diagnostic, type Plan, planTopology } from "../../../topology/language/mod.ts";

export const USER_LOG = {
  type: "record",
  name: "UserLog",
  namespace: "double11",
  fields: [
    { name: "user_id", type: "long" },
    { name: "item_id", type: "long", default: 0 },
    { name: "price", type: "double", default: 0 },
    {
      name: "gender",
      type: { type: "enum", name: "Gender", symbols: ["FEMALE", "MALE", "UNKNOWN"] },
    },
    { name: "action", type: { type: "enum", name: "Action", symbols: ["CLICK", "CART", "BUY"] } },
    { name: "note", type: ["null", "string"], default: null },
    { name: "tags", type: { type: "array", items: "string" }, default: [] },
  ],
};

const FILES: ReadonlyMap<string, string> = new Map([
  ["user_log.avsc", JSON.stringify(USER_LOG)],
  ["../schemas/user_log.avsc", JSON.stringify(USER_LOG)],
  ["broken.avsc", `{ "type": "record", "name": "Broken" `],
  [
    "nonsense.avsc",
    `{ "type": "record", "name": "X", "fields": [{ "name": "a", "type": "lnog" }] }`,
  ],
]);

export const files = { read: (path: string) => FILES.get(path) };

export const FILE = "t.yaml";

export function diagnose(text: string): readonly Diagnostic[] {
  return planTopology({ file: FILE, text, files }).diagnostics;
}

/** The plan of a definition that must hold. */
export function planOf(text: string): Plan {
  const { plan, diagnostics } = planTopology({ file: FILE, text, files });
  if (plan === undefined) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

/** A definition with stream `s` (user log), stream `out` and pipeline `p` from `s`. */
export function pipeline(stages: string, rest = ""): string {
  return `topology: t
streams:
  s: { value: { avro: user_log.avsc } }
  out: {}
pipelines:
  p:
    - source: s
${indent(stages, 4)}
${rest}`;
}

/** The same with a windowed count of `s` by gender; `fields` replaces lines of the reduce. */
export function counting(fields: Readonly<Record<string, string>> = {}, rest = ""): string {
  const body = {
    window: "{ tumbling: 1s, grace: 0s }",
    value: "{ n: count() }",
    emit: "final",
    ...fields,
  };
  const lines = Object.entries(body).map(([key, value]) => `    ${key}: ${value}`);
  const stages = `- map: { key: value.gender }
- id: counted
  windowedReduce:
${lines.join("\n")}
- sink: out`;
  return pipeline(stages, rest);
}

function indent(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => " ".repeat(columns) + line)
    .join("\n");
}

/** Takes the marks «…» out of a text and tells where the first pair stood. */
export function unmark(marked: string): {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
} {
  const before = marked.slice(0, marked.indexOf("«")).split("\n");
  const length = marked.indexOf("»") - marked.indexOf("«") - 1;
  const column = before.at(-1)!.length + 1;
  return {
    text: marked.replaceAll(/[«»]/g, ""),
    line: before.length,
    column,
    endColumn: column + length,
  };
}
