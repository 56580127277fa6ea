import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { formatCount, formatDuration } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { hasFailed, hueOf, textOf } from '../span-tree.ts';
import type { AlignedRow, Difference } from '../trace/align-traces.ts';
import { figuresAt } from '../trace/roll-up.ts';
import { Change } from './CompareTotals.tsx';
import type { ComparedTrace } from './CompareTotals.tsx';
import { CostFigure, tokensText } from './waterfall-columns.tsx';

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 26;
const INDENT = 14;
const DEPTH_MAX = 14;

const WORDS: Readonly<Record<Difference, string>> = {
  'only a': 'only in A',
  'only b': 'only in B',
  status: 'other outcome',
  model: 'other model',
};

interface CompareRowsProps {
  readonly a: ComparedTrace;
  readonly b: ComparedTrace;
  readonly rows: readonly AlignedRow[];
  readonly open: AlignedRow | undefined;
  readonly onlyDifferences: boolean;
  readonly onOnly: (only: boolean) => void;
  readonly onSelect: (row: AlignedRow | undefined) => void;
}

/** The steps of both traces side by side. */
export function CompareRows(props: CompareRowsProps) {
  const { rows, open, onlyDifferences, onSelect } = props;
  const shown = useMemo(
    () => (onlyDifferences ? withParents(rows) : rows),
    [rows, onlyDifferences],
  );
  const differing = useMemo(
    () => rows.filter(({ difference }) => difference !== undefined),
    [rows],
  );
  const [cursor, setCursor] = useState(-1);
  const moveTo = (to: number) => {
    const at = Math.max(0, Math.min(shown.length - 1, to));
    setCursor(at);
    if (open !== undefined) onSelect(shown[at]);
  };
  const step = (by: 1 | -1) => {
    for (let at = cursor + by; at >= 0 && at < shown.length; at += by) {
      if (shown[at]!.difference !== undefined) return moveTo(at);
    }
  };
  const group = 'Compare';
  useShortcuts([
    { keys: 'j', label: 'Next step', group, run: () => moveTo(cursor + 1) },
    { keys: 'k', label: 'Previous step', group, run: () => moveTo(cursor - 1) },
    { keys: 'n', label: 'Next difference', group, run: () => step(1) },
    { keys: 'N', label: 'Previous difference', group, run: () => step(-1) },
    { keys: 'Enter', label: 'Open the step', group, run: () => onSelect(shown[cursor]) },
    ...(open === undefined
      ? []
      : [{ keys: 'Escape', label: 'Close the step', group, run: () => onSelect(undefined) }]),
  ]);
  return (
    <section className="panel compare-panel" aria-label="Steps">
      <header className="waterfall-bar">
        <span className="faint" role="status">
          {differing.length === 0
            ? 'The same steps throughout'
            : `${formatCount(differing.length)} differences`}
        </span>
        <button
          type="button"
          className="button small"
          disabled={differing.length === 0}
          onClick={() => moveTo(shown.indexOf(differing[0]!))}
        >
          First difference
        </button>
        <label className="compare-only">
          <input
            type="checkbox"
            checked={onlyDifferences}
            onChange={({ target }) => props.onOnly(target.checked)}
          />{' '}
          Differences only
        </label>
      </header>
      {shown.length === 0 ? (
        <EmptyState title="No step differs" />
      ) : (
        <Steps {...props} shown={shown} first={differing[0]} cursor={cursor} />
      )}
    </section>
  );
}

/** The rows that differ, with those above them. */
function withParents(rows: readonly AlignedRow[]): readonly AlignedRow[] {
  const kept: AlignedRow[] = [];
  // From the last to the first: above a row stands the nearest before it that is less deep.
  let needed = -1;
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at]!;
    const isAbove = needed >= 0 && row.depth < needed;
    if (row.difference === undefined && !isAbove) continue;
    kept.push(row);
    needed = row.depth;
  }
  return kept.reverse();
}

function Steps(
  props: CompareRowsProps & {
    readonly shown: readonly AlignedRow[];
    /** Where the traces part. */
    readonly first: AlignedRow | undefined;
    readonly cursor: number;
  },
) {
  const { shown, open, first, cursor, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  useEffect(() => {
    if (cursor >= 0) rows.scrollToIndex(cursor, { align: 'auto' });
  }, [cursor, rows]);
  return (
    <div ref={scroller} className="waterfall-scroll" role="grid" aria-label="Steps" tabIndex={0}>
      <div className="compare-grid axis" role="row">
        {['Step', 'A', 'B', 'Change', 'A', 'B', 'A', 'B'].map((head, at) => (
          <span
            key={at}
            role="columnheader"
            className={at === 0 ? '' : `num ${at > 3 ? 'more' : ''}`}
          >
            {head}
            {at === 1 && <span className="visually-hidden"> duration</span>}
            {at === 4 && <span className="faint"> tokens</span>}
            {at === 6 && <span className="faint"> cost</span>}
          </span>
        ))}
      </div>
      <div className="waterfall-rows" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const row = shown[item.index]!;
          return (
            <div
              key={`${row.a} ${row.b}`}
              role="row"
              className="compare-grid span-row"
              style={{ transform: `translateY(${item.start - HEAD_HEIGHT}px)` }}
              aria-selected={row === open}
              data-current={item.index === cursor}
              data-difference={row.difference ?? 'none'}
              onClick={() => onSelect(row === open ? undefined : row)}
            >
              <StepCells a={props.a} b={props.b} row={row} first={row === first} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function StepCells(props: {
  readonly a: ComparedTrace;
  readonly b: ComparedTrace;
  readonly row: AlignedRow;
  readonly first: boolean;
}) {
  const { a, b, row } = props;
  const side = row.a >= 0 ? a : b;
  const index = row.a >= 0 ? row.a : row.b;
  const name = textOf(side.tree, 'name', index);
  const failed =
    (row.a >= 0 && hasFailed(a.tree, row.a)) || (row.b >= 0 && hasFailed(b.tree, row.b));
  const duration = ({ tree }: ComparedTrace, at: number) =>
    at < 0 ? undefined : tree.durationNs[at];
  return (
    <>
      <div
        role="gridcell"
        className="span-name"
        style={{ paddingLeft: 10 + Math.min(row.depth, DEPTH_MAX) * INDENT }}
      >
        <i className={`hue ${failed ? 'failed' : hueOf(side.tree, index)}`} />
        <span className="cut">
          <Foreign text={name === '' ? '(no name)' : name} charactersMax={120} />
        </span>
        {row.difference !== undefined && (
          <span className={row.difference === 'status' ? 'tag stop' : 'tag caution'}>
            {props.first && 'first: '}
            {WORDS[row.difference]}
          </span>
        )}
      </div>
      <Cell>{row.a < 0 ? '' : <Outcome side={a} index={row.a} />}</Cell>
      <Cell>{row.b < 0 ? '' : <Outcome side={b} index={row.b} />}</Cell>
      <Cell>
        {row.a >= 0 && row.b >= 0 && <Change from={duration(a, row.a)} to={duration(b, row.b)} />}
      </Cell>
      <Cell more>{tokensOf(a, row.a)}</Cell>
      <Cell more>{tokensOf(b, row.b)}</Cell>
      <Cell more>{costOf(a, row.a)}</Cell>
      <Cell more>{costOf(b, row.b)}</Cell>
    </>
  );
}

function Cell({ children, more }: { readonly children: ReactNode; readonly more?: boolean }) {
  return (
    <div role="gridcell" className={more === true ? 'num more quiet' : 'num'}>
      {children}
    </div>
  );
}

function Outcome({ side, index }: { readonly side: ComparedTrace; readonly index: number }) {
  const failed = hasFailed(side.tree, index);
  return (
    <span className={failed ? 'stop-text' : ''}>
      {formatDuration(side.tree.durationNs[index])}
      {failed && <span className="visually-hidden"> failed</span>}
    </span>
  );
}

function tokensOf({ trace }: ComparedTrace, index: number): string {
  const { usage } = trace;
  if (index < 0 || usage === undefined || usage.within.calls[index] === 0) return '';
  return tokensText(figuresAt(usage.within, index));
}

function costOf({ trace }: ComparedTrace, index: number): ReactNode {
  const { usage } = trace;
  if (index < 0 || usage === undefined || usage.within.calls[index] === 0) return '';
  return <CostFigure figures={figuresAt(usage.within, index)} />;
}
