/**
 * `millrace new`: a definition with its schema and tests, to begin with.
 *
 * @module
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { jsonSchema, type SchemaRoot } from "../../../topology/language/mod.ts";
import { type Command, UsageError } from "../command.ts";
import { TEMPLATES, type Template } from "../templates/mod.ts";
import { DiagnosticsError } from "../topology_file.ts";

const NAMES = Object.keys(TEMPLATES);

export const create: Command = {
  name: "new",
  summary: `Writes a definition, an Avro schema and tests that pass. Templates: ${NAMES.map(
    (name) => `${name} (${TEMPLATES[name]!.summary})`,
  ).join("; ")}.`,
  arguments: "<name, or folder/name>",
  positionals: { least: 1, most: 1 },
  options: {
    template: {
      type: "string",
      value: NAMES.join("|"),
      help: "what to begin with",
      default: "count",
    },
    ts: { type: "boolean", help: "the definition in TypeScript" },
  },
  async run({ positionals, text, flag, print }) {
    const path = positionals[0]!;
    const name = basename(path);
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new UsageError(
        `"${name}" is no name: it begins with a-z and goes on with a-z, 0-9 and _`,
      );
    }
    const wanted = text("template")!;
    const template = Object.hasOwn(TEMPLATES, wanted) ? TEMPLATES[wanted] : undefined;
    if (template === undefined) {
      throw new UsageError(`--template takes one of ${NAMES.join(", ")}, got "${wanted}"`);
    }
    const folder = dirname(path);
    const definition = `${name}.${flag("ts") ? "ts" : "yaml"}`;
    const files = filesOf(template, name, definition);
    write(folder, files);
    writeSchemas(folder, flag("ts"));
    const shown = join(folder, definition);
    print(`wrote ${[...files.keys()].map((file) => join(folder, file)).join(", ")}`);
    print(`next: millrace check ${shown}, millrace test ${shown}, millrace dev ${shown}`);
    return 0;
  },
};

function filesOf(template: Template, name: string, definition: string): Map<string, string> {
  const yaml = template.definition.replaceAll("%", name);
  const tests = `${schemaLine("test")}definition: ${definition}\n${template.tests}`;
  return new Map([
    [definition, definition.endsWith(".ts") ? inTypeScript(yaml) : schemaLine("topology") + yaml],
    [`${name}.avsc`, `${JSON.stringify(template.schema, null, 2)}\n`],
    [`${name}.test.yaml`, tests],
  ]);
}

function schemaLine(name: "topology" | "test"): string {
  return `# yaml-language-server: $schema=./${name}.schema.json\n`;
}

function inTypeScript(yaml: string): string {
  const object = JSON.stringify(parse(yaml), null, 2).replace(/^( *)"([A-Za-z_]\w*)":/gm, "$1$2:");
  return `import { defineTopology } from "millrace";\n\nexport default defineTopology(${object});\n`;
}

/** All of them, or none: what is there already stays as it is. */
function write(folder: string, files: ReadonlyMap<string, string>): void {
  const there = [...files.keys()]
    .map((file) => join(folder, file))
    .filter((file) => existsSync(file));
  if (there.length > 0) {
    throw new DiagnosticsError(
      `millrace new: ${there.join(", ")} is there already; nothing was written`,
    );
  }
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of files) {
      writeFileSync(join(folder, file), content, { flag: "wx" });
    }
  } catch (error) {
    throw new DiagnosticsError(`millrace new: cannot write: ${(error as Error).message}`);
  }
}

/** What editors check the files with; one of another version's making is left alone. */
function writeSchemas(folder: string, isTypeScript: boolean): void {
  const roots: readonly (readonly [string, SchemaRoot])[] = [
    ...(isTypeScript ? [] : [["topology.schema.json", "Topology"] as const]),
    ["test.schema.json", "TestFile"],
  ];
  for (const [file, root] of roots) {
    const path = join(folder, file);
    if (!existsSync(path)) writeFileSync(path, `${JSON.stringify(jsonSchema(root), null, 2)}\n`);
  }
}
