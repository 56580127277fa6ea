/** More edits than this, and it is another word. */
const EDITS_MAX = 2;

/**
 * Those of the names that a mistyped one may have meant, the nearest first: two edits away at most and fewer than
 * a third of its letters, whatever the case and the marks between words.
 */
export function nearestNames(mistyped: string, names: readonly string[]): string[] {
  const plain = lettersOf(mistyped);
  return names
    .map((name) => ({ name, edits: countEdits(plain, lettersOf(name)) }))
    .filter(({ edits }) => edits <= EDITS_MAX && edits * 3 <= plain.length)
    .toSorted((one, other) => one.edits - other.edits)
    .map(({ name }) => name);
}

const lettersOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 64);

/** Letters to add, drop, change or swap with the next until one is the other (optimal string alignment). */
function countEdits(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const present = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let edits = Math.min(
        last[column]! + 1,
        present[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && swapped) edits = Math.min(edits, beforeLast[column - 2]! + 1);
      present.push(edits);
    }
    [beforeLast, last] = [last, present];
  }
  return last[other.length]!;
}
