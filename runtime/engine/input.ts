/**
 * Run-time object of one input of one task: a source partition or a repartition partition.
 *
 * @module
 */

import type {
  AvroType,
  ErrorPolicy,
  Format,
  InputPlan,
  Plan,
  WindowKeyFormat,
} from "../../topology/language/mod.ts";
import { MillraceError } from "../fault/mod.ts";
import {
  createDecoder,
  createFormat,
  createWindowKeyDecoder,
  type Decoder,
  FRAME_BYTES,
  readFrame,
} from "../serde/mod.ts";
import type { RecordCursor } from "../wire/mod.ts";
import { CarriedKey } from "./carried_key.ts";
import { Identity } from "./identity.ts";
import { type SourceCounts, sourceCounts, type TaskLedger } from "./ledger.ts";
import { sourceLedgerName } from "./ledger_names.ts";
import type { InputProgram } from "./program/mod.ts";
import type { RecordBytes } from "./rows.ts";
import { Seen } from "./seen.ts";
import { SourceClock, type SourceTime } from "./source_clock.ts";
import { topicNumbers, writersTopics } from "./topic_numbers.ts";
import { UpstreamClocks } from "./watermark.ts";
import { WindowedKey } from "./windowed_key.ts";

/** Decodes a key, null for a null one. */
type DecodeKey = (bytes: Uint8Array, start: number, end: number) => unknown;

/** Stands for a schema id where values have none. */
export const NO_SCHEMA = -1;
/** Stands for the schema id of a value that should have one and has no frame, or an impossible one. */
export const UNFRAMED = -2;

/** Writer schemas of keys that one input keeps decoders of. */
const MAX_KEY_SCHEMAS = 256;

export interface InputOptions {
  readonly plan: Plan;
  readonly input: InputPlan;
  readonly partition: number;
  readonly ledger: TaskLedger;
  readonly nowMs: number;
  readonly restored: SourceTime | undefined;
  /** It will end: until then more is to come, so that it never is idle. */
  readonly bounded: boolean;
}

export class Input {
  readonly isSource: boolean;
  /** The stream's name, or the repartition topic. */
  readonly name: string;
  readonly topic: string;
  readonly partition: number;
  readonly onError: ErrorPolicy;
  readonly maxFutureMs: number | null;
  /** Event time is an expression over the value. */
  readonly timed: boolean;
  readonly counts: SourceCounts;
  /** Clock of a source partition. */
  readonly clock: SourceClock;
  /** Repartition topic: what the current record carries, what was seen, and what was heard. */
  readonly identity = new Identity();
  readonly seen = new Seen();
  /** The key that the current record had before the last one, where that travels. */
  readonly #carriedKey: CarriedKey | undefined;
  /** Headers of Millrace's own, which stand first. */
  readonly internalHeaders: number = 0;
  /** Of the current record. */
  internalHeaderBytes = 0;
  readonly upstream: UpstreamClocks;
  /** By writer schema id. */
  readonly programs = new Map<number, InputProgram>();
  /** The same for rows of a table that are taken back. */
  readonly gonePrograms = new Map<number, InputProgram>();
  /** Event time of a record that is a row now, or deletes one; NaN as long as it is neither. */
  rowTimeMs = Number.NaN;
  /** Latest event time that is taken for valid, ms; set before each batch. */
  latestMs = Number.POSITIVE_INFINITY;
  /** Offset of the next record. */
  position = 0;
  /** A bounded input ends here. */
  endOffset = Number.POSITIVE_INFINITY;
  readonly decodeKey: DecodeKey;
  /** Of a source whose keys are windowed. */
  readonly windowedKey: WindowedKey | undefined;
  readonly #decodeCarriedKey: DecodeKey | undefined;
  readonly decodeValue: (bytes: Uint8Array, start: number, end: number) => unknown;
  /** Avro values that were made by a stage travel without a registry id. */
  readonly unframed: boolean;
  readonly #framed: boolean;
  /** Format of keys that have a registry id before them. */
  readonly #framedKey: (Format & { readonly kind: "avro" }) | undefined;
  readonly #createKeyDecoder: (writer: AvroType, reader: AvroType, root: string) => Decoder;
  /** By writer schema id; each throws what is wrong with its keys. */
  readonly #keyDecoders = new Map<number, DecodeKey>();
  /** By writer: the topics of its inputs. */
  readonly #writersTopics: ReadonlyMap<number, readonly string[]>;
  /** By writer, the numbers of those topics among all of them, in order of their names. */
  readonly #writersTopicNumbers: ReadonlyMap<number, readonly number[]>;

  constructor({ plan, input, partition, ledger, nowMs, restored, bounded }: InputOptions) {
    const { from } = input;
    this.partition = partition;
    let key: Format;
    let value: Format;
    let window: WindowKeyFormat | undefined;
    if (from.kind === "stream") {
      const stream = plan.streams[from.stream]!;
      this.isSource = true;
      this.name = stream.name;
      this.topic = stream.topic;
      this.onError = stream.onError;
      this.maxFutureMs = stream.maxFutureMs;
      this.timed = stream.eventTime !== undefined;
      this.counts = ledger.counts(sourceLedgerName(plan, input), sourceCounts);
      this.clock = new SourceClock(bounded ? null : stream.idleMs, nowMs, restored);
      window = stream.key.window;
      key = window?.as === "record" ? { kind: "avro", schema: window.schema } : stream.key.format;
      value = stream.value;
      this.#framed = value.kind === "avro";
      this.#writersTopics = new Map();
      this.#writersTopicNumbers = new Map();
      this.upstream = new UpstreamClocks([]);
    } else {
      this.isSource = false;
      if (from.carriedKey !== undefined) {
        const carried = createFormat(from.carriedKey);
        this.#carriedKey = new CarriedKey();
        this.#decodeCarriedKey = (bytes, start, end) => carried.decode(bytes, start, end);
      }
      this.internalHeaders = from.carriedKey === undefined ? 1 : 2;
      this.name = from.topic;
      this.topic = from.topic;
      this.onError = "fail";
      this.maxFutureMs = null;
      this.timed = false;
      this.counts = sourceCounts();
      this.clock = new SourceClock(null, nowMs);
      key = from.key;
      value = from.value;
      this.#framed = value.kind === "avro" && from.valueUnchanged === true;
      this.#writersTopics = writersTopics(plan, from.writers);
      this.#writersTopicNumbers = topicNumbers(plan, from.writers);
      this.upstream = new UpstreamClocks(from.writers.map(({ id }) => id));
    }
    this.unframed = value.kind === "avro" && !this.#framed;
    const keys = createFormat(key);
    const values = createFormat(value);
    this.#framedKey = this.isSource && key.kind === "avro" ? key : undefined;
    this.decodeKey = (bytes, start, end) => {
      if (start < 0) return null;
      if (this.#framedKey === undefined) return keys.decode(bytes, start, end);
      const id = readFrame(bytes, start, end, "key");
      const decode = this.#keyDecoders.get(id) ?? unknownKeySchema(id);
      return decode(bytes, start + FRAME_BYTES, end);
    };
    this.windowedKey = window && new WindowedKey(window, this.decodeKey);
    this.#createKeyDecoder = window?.as === "record" ? createWindowKeyDecoder : createDecoder;
    this.decodeValue = (bytes, start, end) => values.decode(bytes, start, end);
  }

  /** Reads what the record at the cursor carries. */
  readCarried({ buffer, headersStart }: RecordCursor): void {
    this.identity.read(buffer, headersStart);
    let bytes = this.identity.entryBytes;
    if (this.#carriedKey !== undefined) {
      bytes = this.#carriedKey.read(buffer, headersStart + bytes) - headersStart;
    }
    this.internalHeaderBytes = bytes;
  }

  /** The current record's key before it was re-keyed; null for a null one. */
  get carriedKey(): unknown {
    const { bytes, start, end } = this.#carriedKey!;
    return start < 0 ? null : this.#decodeCarriedKey!(bytes, start, end);
  }

  get ended(): boolean {
    return this.isSource ? this.position >= this.endOffset : this.upstream.ended;
  }

  /** Registry id of the value at the cursor, NO_SCHEMA or UNFRAMED. */
  schemaIdAt({ buffer, valueStart, valueEnd }: RecordBytes): number {
    if (!this.#framed || valueStart < 0) return NO_SCHEMA;
    if (valueEnd - valueStart < 5 || buffer[valueStart] !== 0) return UNFRAMED;
    const id =
      (buffer[valueStart + 1]! << 24) |
      (buffer[valueStart + 2]! << 16) |
      (buffer[valueStart + 3]! << 8) |
      buffer[valueStart + 4]!;
    // No registry gives out negative ids, and ours would be taken for the constants above.
    return id < 0 ? UNFRAMED : id;
  }

  /**
   * Registry id of the key at the cursor when its schema has not been met: `learnKeySchema` comes
   * before `decodeKey`. Otherwise NO_SCHEMA.
   */
  newKeySchemaAt({ buffer, keyStart, keyEnd }: RecordBytes): number {
    if (this.#framedKey === undefined || keyEnd - keyStart < FRAME_BYTES) return NO_SCHEMA;
    if (keyStart < 0 || buffer[keyStart] !== 0) return NO_SCHEMA;
    const id = readFrame(buffer, keyStart, keyEnd, "key");
    return id < 0 || this.#keyDecoders.has(id) ? NO_SCHEMA : id;
  }

  /** @param find the schema of an id; what it throws for a bad record is said of each such key */
  async learnKeySchema(
    id: number,
    find: (id: number) => Promise<AvroType | undefined>,
  ): Promise<void> {
    try {
      const writer = await find(id);
      // One that is unknown is asked for again: the registry may yet learn of it.
      if (writer === undefined) return;
      this.#keep(id, this.#createKeyDecoder(writer, this.#framedKey!.schema, "key"));
    } catch (error) {
      if (!(error instanceof MillraceError && error.faultClass === "record")) throw error;
      this.#keep(id, () => {
        throw error;
      });
    }
  }

  #keep(id: number, decode: DecodeKey): void {
    if (this.#keyDecoders.size >= MAX_KEY_SCHEMAS) {
      this.#keyDecoders.delete(this.#keyDecoders.keys().next().value!);
    }
    this.#keyDecoders.set(id, decode);
  }

  /** `T_p` that the current record came with. */
  get streamTimeMs(): number {
    return this.isSource ? this.clock.streamTimeMs : this.identity.streamTimeMs;
  }

  /** Where the current record, or the one that caused it, was first read by the writer. */
  get writersTopic(): string {
    const { writer, input } = this.identity;
    return this.#writersTopics.get(writer)?.[input] ?? this.topic;
  }

  /** Its number among the topics of all writers, in order of their names. */
  get writersTopicNumber(): number {
    const { writer, input } = this.identity;
    return this.#writersTopicNumbers.get(writer)?.[input] ?? 0;
  }

  /** Where the current record was first read. The result of a window was made, and is what it is here. */
  sourceOf(offset: number): { topic: string; partition: number; offset: number } {
    const { identity } = this;
    if (this.isSource || identity.form === "final") {
      return { topic: this.topic, partition: this.partition, offset };
    }
    return {
      topic: this.writersTopic,
      partition: identity.partition,
      offset: identity.offset,
    };
  }
}

function unknownKeySchema(id: number): never {
  throw new MillraceError(
    "UNKNOWN_SCHEMA_ID",
    `Cannot decode key: the registry has no schema ${id}`,
  );
}

/** What is wrong with a value that is UNFRAMED. */
export function framingFault({ buffer, valueStart, valueEnd }: RecordBytes): MillraceError {
  const length = valueEnd - valueStart;
  const first = buffer[valueStart];
  let fault = "its registry id is negative";
  if (length < 5) fault = `${length} bytes are too few for a registry id`;
  else if (first !== 0) fault = `it begins with byte ${first}, registry framing with 0`;
  return new MillraceError("UNDECODABLE", `Cannot decode value: ${fault}`);
}
