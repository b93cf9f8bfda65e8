/**
 * "Did you mean": the nearest known name.
 *
 * @module
 */

/** A file may have thousands of names, and as many that are wrong. */
const MAX_CANDIDATES = 200;

/**
 * The candidate nearest to `word`, if it is near enough to be a slip of the fingers: at most one edit
 * per three characters of the longer one (at least one), a transposition being one edit (optimal string
 * alignment). Where none is so near, the first that contains the word and is no more than twice as long:
 * `val` for `value`. Case is ignored. Ties go to the first candidate; only the first 200 are looked at.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  // One or two letters are near everything; the upper bound keeps the quadratic distance cheap.
  if (wanted.length < 3 || wanted.length > 100) return undefined;
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  let longer: string | undefined;
  let tried = 0;
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES) break;
    const length = Math.max(wanted.length, candidate.length);
    const fewEnough = Math.min(bestEdits - 1, Math.max(1, Math.floor(length / 3)));
    const known = candidate.toLowerCase();
    if (candidate.length <= 2 * wanted.length && known.includes(wanted)) longer ??= candidate;
    if (Math.abs(candidate.length - wanted.length) > fewEnough) continue;
    const edits = editDistance(wanted, known);
    if (edits <= fewEnough) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best ?? longer;
}

/** `; did you mean "gender"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const found = suggest(word, candidates);
  return found === undefined ? "" : `; did you mean "${found}"?`;
}

function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: width }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j < width; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, beforeLast[j - 2]! + 1);
      }
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
