/** More edits than this, and a word is another word. */
const MAX_EDITS = 3;

/** The known word that was most likely meant: `build_args` and `buildArgs` for `build-args`, `platfroms` for `platforms`. */
export function nearest<T extends string>(word: string, known: readonly T[]): T | undefined {
  const plain = simplify(word);
  const bound = Math.min(MAX_EDITS, Math.max(1, Math.floor(plain.length / 3)));
  let best: { readonly word: T; readonly edits: number } | undefined;
  for (const candidate of known) {
    const edits = editsTo(plain, simplify(candidate), bound);
    if (edits <= bound && (best === undefined || edits < best.edits)) best = { word: candidate, edits };
  }
  return best?.word;
}

/** Shorter beginnings of words say too little. */
const MIN_BEGINNING = 3;

/** `prod` is nearer to `production` than any word is by edits. */
function editsTo(word: string, candidate: string, bound: number): number {
  if (word === candidate) return 0;
  const begins = word.length >= MIN_BEGINNING && candidate.startsWith(word);
  return begins ? 0.5 : distance(word, candidate, bound);
}

const simplify = (word: string): string => word.toLowerCase().replace(/[-_.]/g, '');

/** Edits (insert, delete, replace, swap of neighbours) between two words; anything above `bound` once it is passed. */
function distance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = cell(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? cell(before, column - 2) + 1 : bound + 1;
      current.push(Math.min(cell(above, column) + 1, cell(current, column - 1) + 1, replaced, swapped));
    }
    before = above;
    above = current;
  }
  return cell(above, b.length);
}

const cell = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
