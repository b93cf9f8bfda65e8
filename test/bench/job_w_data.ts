/**
 * The input of Job W: seeded page views in record batches of 1,000, partitioned by key as the Java
 * client would, and the counts that every contender must arrive at.
 *
 * @module
 */

import { BatchBuilder, murmur2, partitionFor } from "../../runtime/wire/mod.ts";

export const PARTITIONS = 4;
export const WINDOW_MS = 10_000;
const BATCH_RECORDS = 1000;
/** Event time between two records of the whole topic, ms: 100 s of event time in a million records. */
const STEP_MS = 0.1;
const START_MS = 1_700_000_000_000;
const COUNTRIES = 5;
const AGENTS = ["Firefox", "Chromium", "Safari", "curl"];

export interface JobW {
  readonly batches: readonly { readonly partition: number; readonly bytes: Uint8Array }[];
  /** By `<page>@<window start>`. */
  readonly counts: ReadonlyMap<string, number>;
}

/** @param schemaId registry id written before each value */
export function makeJobW(records: number, keys: number, schemaId: number): JobW {
  const utf8 = new TextEncoder();
  const pages = Array.from({ length: keys }, (_, n) => `page-${String(n).padStart(7, "0")}`);
  const encoded = pages.map((page) => utf8.encode(page));
  const partitions = encoded.map((bytes) => partitionFor(bytes, 0, bytes.length, PARTITIONS));
  const builders = Array.from({ length: PARTITIONS }, () => new BatchBuilder());
  const batches: { partition: number; bytes: Uint8Array }[] = [];
  const counts = new Map<string, number>();
  const value = new ValueWriter(schemaId);
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return (murmur2(Uint8Array.of(seed, seed >>> 8, seed >>> 16, seed >>> 24)) >>> 0) % below;
  };
  for (let n = 0; n < records; n++) {
    const page = random(keys);
    const ts = START_MS + Math.floor(n * STEP_MS);
    value.begin();
    value.long(n);
    value.long(ts);
    value.string(`user-${random(100_000)}`);
    value.string(pages[page]!);
    value.string("https://example.org/start");
    value.long(random(COUNTRIES));
    value.long(random(60_000));
    value.long(random(200_000));
    value.string(AGENTS[random(AGENTS.length)]!);
    const partition = partitions[page]!;
    const key = encoded[page]!;
    const builder = builders[partition]!;
    builder.append(ts, key, 0, key.length, value.bytes, 0, value.at, key, 0, 0, 0);
    if (builder.count === BATCH_RECORDS) batches.push({ partition, bytes: builder.finish() });
    const window = Math.floor(ts / WINDOW_MS) * WINDOW_MS;
    const name = `${pages[page]}@${window}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  builders.forEach((builder, partition) => {
    if (!builder.isEmpty) batches.push({ partition, bytes: builder.finish() });
  });
  return { batches, counts };
}

class ValueWriter {
  readonly bytes = new Uint8Array(512);
  at = 0;

  constructor(schemaId: number) {
    new DataView(this.bytes.buffer).setInt32(1, schemaId);
  }

  begin(): void {
    this.at = 5;
  }

  long(value: number): void {
    let rest = value * 2;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  /** ASCII only. */
  string(text: string): void {
    this.long(text.length);
    for (let n = 0; n < text.length; n++) this.bytes[this.at++] = text.charCodeAt(n);
  }
}
