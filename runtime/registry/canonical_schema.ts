/**
 * One text for all spellings of a schema, by which the registry tells whether it has it already.
 *
 * What does not count: white space, the order of attributes, `{"type": "int"}` for `"int"`, and where a
 * name has its namespace from (`{"name": "a.B"}`, `{"name": "B", "namespace": "a"}`, the type around).
 * What does: `doc`, defaults, aliases, attributes that Avro does not define. (Avro's own "Parsing
 * Canonical Form" strips those, and would give readers another one's defaults.)
 *
 * @module
 */

/** @param schema JSON that `parseAvroSchema` takes @throws {RangeError} for one nested without end */
export function canonicalSchema(schema: unknown): string {
  return JSON.stringify(new Canonical().type(schema, ""));
}

const PRIMITIVES = new Set("null boolean int long float double bytes string".split(" "));

type Attributes = Readonly<Record<string, unknown>>;

class Canonical {
  readonly #defined = new Set<string>();

  type(json: unknown, namespace: string): unknown {
    if (typeof json === "string") return this.#reference(json, namespace);
    if (Array.isArray(json)) return json.map((branch) => this.type(branch, namespace));
    const attributes = json as Attributes;
    const { type } = attributes;
    switch (type) {
      case "record":
      case "enum":
      case "fixed":
        return this.#named(attributes, namespace);
      case "array":
        return sorted({ ...attributes, items: this.type(attributes["items"], namespace) });
      case "map":
        return sorted({ ...attributes, values: this.type(attributes["values"], namespace) });
      default: {
        const inner = this.type(type, namespace);
        return Object.keys(attributes).length === 1
          ? inner
          : sorted({ ...attributes, type: inner });
      }
    }
  }

  /** As the parser resolves it: primitives, then the namespace around. */
  #reference(name: string, namespace: string): string {
    if (PRIMITIVES.has(name)) return name;
    const full = qualified(name, namespace);
    return this.#defined.has(full) ? full : name;
  }

  #named({ namespace: own, ...attributes }: Attributes, outer: string): unknown {
    const name = qualified(attributes["name"] as string, typeof own === "string" ? own : outer);
    const namespace = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    this.#defined.add(name);
    const { aliases, fields } = attributes;
    return sorted({
      ...attributes,
      name,
      ...(Array.isArray(aliases)
        ? { aliases: aliases.map((alias: string) => qualified(alias, namespace)) }
        : {}),
      ...(attributes["type"] === "record"
        ? {
            fields: (fields as Attributes[]).map((field) =>
              sorted({ ...field, type: this.type(field["type"], namespace) }),
            ),
          }
        : {}),
    });
  }
}

function qualified(name: string, namespace: string): string {
  return name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
}

/** The same attributes in one order, at any depth. */
function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted);
  if (json === null || typeof json !== "object") return json;
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, sorted(value)]),
  );
}
