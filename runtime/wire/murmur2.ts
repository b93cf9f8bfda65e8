const MULTIPLIER = 0x5bd1e995;
const SEED = 0x9747b28c;

/**
 * Murmur2 as Kafka's Java client computes it: Austin Appleby's MurmurHash2, 32 bits, with Kafka's seed.
 *
 * @returns signed 32 bits
 */
export function murmur2(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  const length = end - start;
  let hash = SEED ^ length;
  let at = start;
  for (const stop = end - 3; at < stop; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const tail = end - at;
  if (tail > 0) {
    if (tail > 2) hash ^= bytes[at + 2]! << 16;
    if (tail > 1) hash ^= bytes[at + 1]! << 8;
    hash = Math.imul(hash ^ bytes[at]!, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition that Kafka's default partitioner chooses for a key, 0 <= result < `partitions`. */
export function partitionFor(
  bytes: Uint8Array,
  start: number,
  end: number,
  partitions: number,
): number {
  // Masking the sign, not the absolute value: that is what every Kafka client does.
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
}
