/**
 * What a pipeline puts on a stream: derived, or checked against what the stream declares.
 *
 * @module
 */

import type { AvroType } from "../avro.ts";
import type { Duration, KeyType, ValueType } from "../definition.ts";
import type { Path } from "../document/mod.ts";
import { avroOfType, type ExpressionType } from "../expression/mod.ts";
import { sameAvroType } from "../format_avro_schema.ts";
import type { Format, WindowExtent, WindowKeyFormat } from "../plan.ts";
import { sameExtent, showExtent } from "../window_extent.ts";
import type { Planning, RecordWindow, Side, StreamDraft, StreamShape } from "./context.ts";
import {
  declaredFormat,
  derivedFormat,
  isWindowed,
  typeOfFormat,
  windowKeySchema,
} from "./formats.ts";
import { pascalCase } from "./names.ts";
import { durationMs } from "./streams.ts";
import { sameType, showType, whyNotAssignable, withoutNull } from "./types.ts";

export interface Written {
  readonly key: Side;
  readonly value: Side;
  readonly window?: RecordWindow;
}

/** Sets or checks the shape of a stream. @returns undefined when it does not fit (reported) */
export function writeTo(
  draft: StreamDraft,
  written: Written,
  path: Path,
  planning: Planning,
): StreamShape | undefined {
  if (draft.broken) return undefined;
  const { declared } = draft;
  const windowed = isWindowed(declared.key);
  if (windowed && written.window === undefined) {
    const message = `"${draft.name}" has windowed keys, but there is no window stage above`;
    planning.report.error("TYPE_MISMATCH", path, message);
    return undefined;
  }
  const size = isWindowed(declared.key) ? declared.key.size : undefined;
  const made = written.window?.extent;
  if (size !== undefined && made !== undefined && !sameExtent(declaredExtent(size), made)) {
    const shown = showExtent(made);
    const message = `the windows of "${draft.name}" are of ${size}, those written to it of ${shown}`;
    planning.report.error("TYPE_MISMATCH", path, message, {
      hint:
        made.kind === "calendar" ? "leave size out" : `size: ${shown}, or none: it is known here`,
    });
    return undefined;
  }
  const base: KeyType | undefined = isWindowed(declared.key) ? declared.key.window : declared.key;
  const key = formatOf("key", base as ValueType | undefined, written.key, draft, path, planning);
  const value = formatOf("value", declared.value, written.value, draft, path, planning);
  if (key === undefined || value === undefined) {
    draft.broken = true;
    return undefined;
  }
  // A plain declared key: the window is left off.
  const window = windowed || declared.key === undefined ? written.window : undefined;
  const as = (isWindowed(declared.key) && declared.key.as) || "binary";
  const windowKey = window && planWindowKey(as, key, window.extent, draft, planning);
  if (window !== undefined && windowKey === undefined) {
    draft.broken = true;
    return undefined;
  }
  const shape: StreamShape = {
    key: { format: key, ...(windowKey !== undefined && { window: windowKey }) },
    keyType: typeRead(key, withoutNull(written.key.type)),
    value,
    valueType: valueTypeOf(value, written.value, draft),
    ...(written.window !== undefined && { window: written.window }),
  };
  const earlier = draft.shape;
  if (earlier === undefined) draft.shape = shape;
  else if (!agree(earlier, shape)) {
    const message = `another pipeline writes other keys or values to "${draft.name}"`;
    planning.report.error("TYPE_MISMATCH", path, message);
    return undefined;
  }
  return shape;
}

/** Of windows that a stream declares: of one size, or sessions. */
export function declaredExtent(size: Duration | "session"): WindowExtent {
  return size === "session" ? { kind: "session" } : { kind: "fixed", sizeMs: durationMs(size, 0) };
}

/** @returns undefined when such a key cannot stand in a record (reported) */
export function planWindowKey(
  as: "binary" | "record",
  key: Format,
  extent: WindowExtent,
  draft: StreamDraft,
  planning: Planning,
): WindowKeyFormat | undefined {
  if (as === "binary") return { as, extent };
  const name = `${planning.application}.${pascalCase(draft.name)}WindowKey`;
  const schema = windowKeySchema(key, name);
  if (schema !== undefined) return { as, extent, schema };
  const message = `a key of ${key.kind} cannot stand in a record`;
  planning.report.error("TYPE_MISMATCH", [...draft.path, "key"], message, {
    hint: "as: binary",
  });
  return undefined;
}

function agree(a: StreamShape, b: StreamShape): boolean {
  return (
    a.key.format.kind === b.key.format.kind &&
    sameExtent(a.key.window?.extent, b.key.window?.extent) &&
    a.key.window?.as === b.key.window?.as &&
    a.value.kind === b.value.kind &&
    sameType(a.keyType, b.keyType) &&
    sameType(a.valueType, b.valueType)
  );
}

function formatOf(
  side: "key" | "value",
  type: ValueType | undefined,
  from: Side,
  draft: StreamDraft,
  path: Path,
  planning: Planning,
): Format | undefined {
  const at = [...draft.path, side];
  const name = `${planning.application}.${pascalCase(draft.name)}${side === "key" ? "Key" : ""}`;
  const made = side === "key" ? withoutNull(from.type) : withoutTombstones(from);
  const declared = type && declaredFormat(type, at, planning);
  if (type !== undefined && declared === undefined) return undefined;
  if (made.kind === "null") return onlyTombstones(declared, draft, path, planning);
  if (declared === undefined || declared === "derived") {
    const format = from.unchanged ?? derivedFormat(made, name);
    if (declared === undefined && format !== undefined) return format;
    if (format !== undefined && made.kind !== "dyn") return asAvro(format, made);
    const message = `"${draft.name}" cannot hold ${showType(made)} as its ${side}`;
    planning.report.error("TYPE_MISMATCH", path, message);
    return undefined;
  }
  const target = typeOfFormat(declared);
  const why = whyNotAssignable(made, target, `the ${side}`);
  if (why === undefined) return declared;
  planning.report.error("TYPE_MISMATCH", path, `"${draft.name}" does not fit: ${why}`);
  return undefined;
}

/** Null is null in every format; which one it is has to be known all the same. */
function onlyTombstones(
  declared: Format | "derived" | undefined,
  draft: StreamDraft,
  path: Path,
  planning: Planning,
): Format | undefined {
  if (typeof declared === "object") return declared;
  if (draft.shape !== undefined) return draft.shape.value;
  const message = `nothing but tombstones goes to "${draft.name}": what its values are must be said`;
  planning.report.error("TYPE_MISMATCH", path, message, {
    hint: `streams: { ${draft.name}: { value: bytes } }`,
  });
  return undefined;
}

function valueTypeOf(value: Format, written: Side, draft: StreamDraft): ExpressionType {
  const type = withoutTombstones(written);
  if (type.kind === "null") return draft.shape?.valueType ?? typeOfFormat(value);
  return typeRead(value, type);
}

function withoutTombstones({ type, tombstones }: Side): ExpressionType {
  return tombstones ? withoutNull(type) : type;
}

function asAvro(format: Format, type: ExpressionType): Format {
  return format.kind === "avro" ? format : { kind: "avro", schema: avroOfType(type) };
}

/** Schema of what a format holds; undefined for what needs none. */
function schemaOf(format: Format): AvroType | undefined {
  return "schema" in format ? format.schema : undefined;
}

/** What readers of the format know of the type: nothing more than the format says. */
function typeRead(format: Format, written: ExpressionType): ExpressionType {
  const held = typeOfFormat(format);
  return held.kind === "dyn" ? held : written;
}

/** True when bytes of one are bytes of the other. */
export function sameFormat(a: Format, b: Format): boolean {
  if (a.kind !== b.kind) return false;
  const [left, right] = [schemaOf(a), schemaOf(b)];
  return left === undefined || right === undefined ? left === right : sameAvroType(left, right);
}
