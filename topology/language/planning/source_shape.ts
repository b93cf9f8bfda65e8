/**
 * What is on a stream that only others write: the formats that its declaration names.
 *
 * @module
 */

import type { ValueType } from "../definition.ts";
import type { Path, Report } from "../document/mod.ts";
import type { Format, KeyFormat } from "../plan.ts";
import type { Planning, StreamDraft, StreamShape } from "./context.ts";
import { declaredFormat, isWindowed, typeOfFormat, type WindowedKey } from "./formats.ts";
import { declaredExtent, planWindowKey } from "./write.ts";

/** What is on a stream that only others write. @returns undefined when that cannot be known */
export function sourceShape(draft: StreamDraft, planning: Planning): StreamShape | undefined {
  if (draft.shape !== undefined || draft.broken) return draft.shape;
  const { report } = planning;
  const { declared, path } = draft;
  const { key: keyType = "bytes" } = declared;
  // Set again below; whatever goes wrong in between is reported once, not once per reader.
  draft.broken = true;
  if (declared.value === undefined) {
    // Misplaced or misspelt, which has been reported.
    if (report.failedInside(path)) return undefined;
    const message = `nothing here writes "${draft.name}", so its "value" must be said`;
    const hint = "value: { avro: <file> }, avro, json, string, int, long, double, boolean or bytes";
    report.error("MISSING_KEY", path, message, { on: "key", hint });
    return undefined;
  }
  const value = readFormat(declared.value, draft, "value", planning);
  const key = isWindowed(keyType)
    ? readWindowedKey(keyType, draft, planning)
    : plainKey(readFormat(keyType, draft, "key", planning));
  if (key === undefined || value === undefined) return undefined;
  draft.broken = false;
  draft.shape = {
    key,
    keyType: typeOfFormat(key.format),
    value,
    valueType: typeOfFormat(value),
    ...(key.window !== undefined && { window: { extent: key.window.extent } }),
  };
  return draft.shape;
}

function readFormat(
  type: ValueType,
  { path, topic }: StreamDraft,
  side: "key" | "value",
  planning: Planning,
): Format | undefined {
  // Read, so it is not derived.
  const format = declaredFormat(type, [...path, side], planning, `${topic}-${side}`);
  return format as Format | undefined;
}

function plainKey(format: Format | undefined): KeyFormat | undefined {
  return format && { format };
}

/** @returns undefined when the windowed key of a stream that is only read is wrong (reported) */
function readWindowedKey(
  { window: base, as = "binary", size }: WindowedKey,
  draft: StreamDraft,
  planning: Planning,
): KeyFormat | undefined {
  const { report } = planning;
  const at = [...draft.path, "key"];
  // A size that is none has been reported.
  if (size === undefined && !report.failedInside(at)) {
    const message = `nothing here writes "${draft.name}", so the size of its windows must be said`;
    report.error("MISSING_KEY", at, message, {
      on: "key",
      hint: "size: 1s or size: session beside window: the bytes of a key do not tell where its window ends",
    });
  }
  const read = readFormat(base, draft, "key", planning);
  // The registry has the schema of the whole record under the key's subject.
  const isWhole = as === "record" && base === "avro";
  const format = isWhole ? read && baseOfWindowKey(read, at, report) : read;
  if (size === undefined || format === undefined) return undefined;
  const window = planWindowKey(as, format, declaredExtent(size), draft, planning);
  return window && { format, window };
}

/** Of the record that a window key is: the field `key`. */
function baseOfWindowKey(whole: Format, path: Path, report: Report): Format | undefined {
  const schema = whole.kind === "avro" ? whole.schema : undefined;
  const key =
    schema?.kind === "record" ? schema.fields.find(({ name }) => name === "key") : undefined;
  if (key !== undefined) return { kind: "avro", schema: key.type };
  const message = "its schema in the registry is no record with the field key";
  report.error("BAD_SCHEMA", path, message, { on: "key", hint: "as: binary" });
  return undefined;
}
