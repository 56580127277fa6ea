/** A line of two texts: in both, or in one alone. */
export interface DiffLine {
  readonly kind: 'same' | 'a' | 'b';
  readonly text: string;
}

/** Lines that are compared; of longer texts the rest is left out. */
const LINES_MAX = 1_000;

/** What changes one text into the other, line by line, with as many lines in common as there can be. */
export function diffLines(
  a: string,
  b: string,
): { readonly lines: readonly DiffLine[]; readonly cut: boolean } {
  const [allA, allB] = [a.split('\n'), b.split('\n')];
  const [linesA, linesB] = [allA.slice(0, LINES_MAX), allB.slice(0, LINES_MAX)];
  const width = linesB.length + 1;
  const lengths = new Uint16Array((linesA.length + 1) * width);
  for (let i = linesA.length - 1; i >= 0; i--) {
    for (let j = linesB.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        linesA[i] === linesB[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < linesA.length || j < linesB.length) {
    if (i < linesA.length && linesA[i] === linesB[j]) {
      lines.push({ kind: 'same', text: linesA[i]! });
      i++;
      j++;
    } else if (
      j >= linesB.length ||
      (i < linesA.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    ) {
      lines.push({ kind: 'a', text: linesA[i++]! });
    } else {
      lines.push({ kind: 'b', text: linesB[j++]! });
    }
  }
  return { lines, cut: allA.length > LINES_MAX || allB.length > LINES_MAX };
}
