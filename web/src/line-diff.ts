/** One line of two texts that were laid over each other. */
export interface DiffLine {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Beyond this the way through both would take too long: the old stands whole before the new. */
const LINES_MAX = 1_500;

/** What has to go from `before`, and what to come, to get `after`; by the longest common subsequence of their lines. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, next] = [before.split('\n'), after.split('\n')];
  if (old.length > LINES_MAX || next.length > LINES_MAX) {
    return [...old.map((text) => line('gone', text)), ...next.map((text) => line('new', text))];
  }
  const width = next.length + 1;
  /** The common lines of what follows from each place on. */
  const common = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === next[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < next.length) {
    if (old[i] === next[j]) {
      lines.push(line('same', old[i]!));
      i += 1;
      j += 1;
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) {
      lines.push(line('gone', old[i++]!));
    } else {
      lines.push(line('new', next[j++]!));
    }
  }
  return [
    ...lines,
    ...old.slice(i).map((text) => line('gone', text)),
    ...next.slice(j).map((text) => line('new', text)),
  ];
}

const line = (kind: DiffLine['kind'], text: string): DiffLine => ({ kind, text });
