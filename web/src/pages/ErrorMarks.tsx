import { useMemo } from 'react';
import { formatPlural } from '../format.ts';
import { hasFailed } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';

const STEPS = 200;

interface Mark {
  /** Which of the steps of the axis. */
  readonly at: number;
  readonly count: number;
  /** The first failed span in it, in the order of the rows. */
  readonly index: number;
}

/** Where on the axis spans failed; a click leads to the first of them. */
export function ErrorMarks(props: {
  readonly tree: SpanTree;
  readonly onShow: (index: number) => void;
}) {
  const { tree, onShow } = props;
  const marks = useMemo(() => marksOf(tree), [tree]);
  if (marks.length === 0) return null;
  return (
    <svg className="error-marks" viewBox={`0 0 ${STEPS} 6`} preserveAspectRatio="none">
      {marks.map(({ at, count, index }) => (
        <rect key={at} x={at} y={0} width={1} height={6} onClick={() => onShow(index)}>
          <title>{formatPlural(count, 'failed span')}</title>
        </rect>
      ))}
    </svg>
  );
}

function marksOf(tree: SpanTree): readonly Mark[] {
  const marks = new Map<number, { at: number; count: number; index: number }>();
  for (const index of tree.order) {
    if (!hasFailed(tree, index)) continue;
    const end = tree.startNs[index]! + tree.durationNs[index]!;
    const share = end / Math.max(1, tree.traceDurationNs);
    const at = Math.min(STEPS - 1, Math.floor(share * STEPS));
    const mark = marks.get(at);
    if (mark === undefined) marks.set(at, { at, count: 1, index });
    else mark.count++;
  }
  return [...marks.values()];
}
