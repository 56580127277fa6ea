import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMemo } from 'react';
import { formatCompact, formatCount, formatDuration, formatShortId } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { Time } from '../parts/Time.tsx';
import type { LoadedTrace } from '../parts/use-trace.ts';
import { hueOf, rootOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import type { AlignedRow } from '../trace/align-traces.ts';
import { CostFigure } from './waterfall-columns.tsx';

export interface ComparedTrace {
  readonly trace: LoadedTrace;
  readonly tree: SpanTree;
}

interface Total {
  readonly head: string;
  readonly of: (side: ComparedTrace) => number | undefined;
  readonly show: (side: ComparedTrace) => ReactNode;
}

const TOTALS: readonly Total[] = [
  {
    head: 'Duration',
    of: ({ tree }) => tree.traceDurationNs,
    show: ({ tree }) => formatDuration(tree.traceDurationNs),
  },
  {
    head: 'Cost',
    of: ({ trace }) => trace.usage?.total.costUsd,
    show: ({ trace }) =>
      trace.usage === undefined ? '—' : <CostFigure figures={trace.usage.total} />,
  },
  {
    head: 'Input',
    of: ({ trace }) => trace.usage?.total.input,
    show: ({ trace }) => formatCompact(trace.usage?.total.input),
  },
  {
    head: 'Output',
    of: ({ trace }) => trace.usage?.total.output,
    show: ({ trace }) => formatCompact(trace.usage?.total.output),
  },
  { head: 'Spans', of: ({ tree }) => tree.length, show: ({ tree }) => formatCount(tree.length) },
  {
    head: 'Model calls',
    of: ({ tree }) => countHue(tree, 'model'),
    show: ({ tree }) => formatCount(countHue(tree, 'model')),
  },
  {
    head: 'Tool calls',
    of: ({ tree }) => countHue(tree, 'tool'),
    show: ({ tree }) => formatCount(countHue(tree, 'tool')),
  },
  {
    head: 'Failed',
    of: ({ tree }) => tree.errorCount,
    show: ({ tree }) => formatCount(tree.errorCount),
  },
];

function countHue(tree: SpanTree, hue: string): number {
  let count = 0;
  for (let index = 0; index < tree.length; index++) if (hueOf(tree, index) === hue) count++;
  return count;
}

/** Both traces in figures, and by how much the second differs. */
export function CompareTotals(props: {
  readonly a: ComparedTrace;
  readonly b: ComparedTrace;
  readonly rows: readonly AlignedRow[];
}) {
  const { a, b, rows } = props;
  const counts = useMemo(() => countRows(rows), [rows]);
  return (
    <section className="panel compare-totals" aria-label="Totals">
      <table className="table">
        <thead>
          <tr>
            <th>Trace</th>
            {TOTALS.map(({ head }) => (
              <th key={head} className="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <SideRow name="A" side={a} />
          <SideRow name="B" side={b} />
          <tr className="quiet">
            <td>
              {counts.both} steps in both, {counts.onlyA} only in A, {counts.onlyB} only in B
            </td>
            {TOTALS.map(({ head, of }) => (
              <td key={head} className="num">
                <Change from={of(a)} to={of(b)} />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function countRows(rows: readonly AlignedRow[]) {
  const counts = { both: 0, onlyA: 0, onlyB: 0 };
  for (const { a, b } of rows) {
    if (a < 0) counts.onlyB++;
    else if (b < 0) counts.onlyA++;
    else counts.both++;
  }
  return counts;
}

function SideRow({ name, side }: { readonly name: string; readonly side: ComparedTrace }) {
  const { trace, tree } = side;
  const root = textOf(tree, 'name', rootOf(tree));
  return (
    <tr>
      <td className="clip">
        <div className="name">
          <b className="compare-side">{name}</b>
          <Link to="/traces/$traceId" params={{ traceId: trace.traceId }} className="cut">
            <Foreign text={root === '' ? '(no name)' : root} charactersMax={80} />
          </Link>
          <span className="faint mono">{formatShortId(trace.traceId)}</span>
          <span className="faint">
            <Time ms={Number(tree.traceStartUnixNano / 1_000_000n)} />
          </span>
        </div>
      </td>
      {TOTALS.map(({ head, show }) => (
        <td key={head} className="num">
          {show(side)}
        </td>
      ))}
    </tr>
  );
}

/** By how much more or less, in percent; a dash where one is unknown. */
export function Change(props: {
  readonly from: number | undefined;
  readonly to: number | undefined;
}) {
  const { from, to } = props;
  if (from === undefined || to === undefined) return '—';
  if (from === to) return '=';
  if (from === 0) return 'new';
  const percent = ((to - from) / from) * 100;
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  if (percent >= 1000) return `${(to / from).toFixed(0)} ×`;
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(digits)}\u00a0%`;
}
