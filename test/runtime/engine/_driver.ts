import { TestDriver, type TestDriverOptions } from "../../../runtime/testing/mod.ts";
import { type ExportedValue, type Plan, planTopology } from "../../../topology/language/mod.ts";

export const SHOP_LOG = {
  type: "record",
  name: "ShopLog",
  fields: [
    { name: "id", type: "long", default: 0 },
    {
      name: "who",
      type: { type: "enum", name: "Who", symbols: ["A", "B", "C"] },
      default: "A",
    },
    { name: "n", type: "long", default: 0 },
    { name: "price", type: "double", default: 0 },
    { name: "note", type: ["null", "string"], default: null },
    { name: "placed_at", type: "long", default: 0 },
  ],
};

export interface Defined {
  /** What the module of functions exports, where that matters. */
  readonly exports?: ReadonlyMap<string, ExportedValue>;
  /** Lines at the top. */
  readonly head?: string;
  /** Lines of the source stream `s` beside its value. */
  readonly source?: string;
  /** Stages between source and sink, as YAML list items without indentation. */
  readonly stages: string;
  readonly value?: string;
  /** Further streams. */
  readonly streams?: string;
  /** Further pipelines. */
  readonly pipelines?: string;
}

/** A plan of one pipeline `p` from stream `s` to stream `out`. */
export function define({
  exports,
  head,
  source,
  stages,
  value,
  streams,
  pipelines,
}: Defined): Plan {
  const text = `topology: t
${head ?? ""}streams:
  s: { value: ${value ?? "{ avro: s.avsc }"}${source === undefined ? "" : `, ${source}`} }
  out: {}
${indent(streams ?? "", 2)}
pipelines:
  p:
    - source: s
${indent(stages, 4)}
    - sink: out
${indent(pipelines ?? "", 2)}
`;
  const files = { read: () => JSON.stringify(SHOP_LOG) };
  const functions = exports && { exports: () => ({ version: "1", exports }) };
  const { plan, diagnostics } = planTopology({
    file: "t.yaml",
    text,
    files,
    ...(functions && { functions }),
  });
  if (plan === undefined) throw new Error(`${JSON.stringify(diagnostics, null, 1)}\n${text}`);
  return plan;
}

function indent(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(columns) + line))
    .join("\n");
}

/** Lines of a `windowedReduce` named `counted`. */
export function reduce(fields: Readonly<Record<string, string>> = {}, id = "counted"): string {
  const body = {
    window: "{ tumbling: 1s, grace: 0s }",
    value: "{ n: count() }",
    emit: "final",
    ...fields,
  };
  return [
    `- id: ${id}`,
    "  windowedReduce:",
    ...Object.entries(body).map(([name, value]) => `    ${name}: ${value}`),
  ].join("\n");
}

/** Runs `body` on a driver that is closed afterwards. */
export async function drive(
  options: TestDriverOptions,
  body: (driver: TestDriver) => Promise<void>,
): Promise<void> {
  const driver = await TestDriver.open(options);
  try {
    await body(driver);
  } finally {
    await driver.close();
  }
}

/** What a test compares of results: `<key> <window start> <value>`. */
export async function results(driver: TestDriver, stream = "out"): Promise<string[]> {
  return (await driver.written(stream)).map(
    ({ key, window, value }) =>
      `${String(key)}${window === undefined ? "" : ` ${window[0]}`} ${JSON.stringify(value)}`,
  );
}
