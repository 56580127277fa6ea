import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CSSProperties, ReactNode, RefObject } from 'react';
import { useTraceEvents } from '../parts/use-trace-events.ts';
import { useTraceLogs } from '../parts/use-trace-logs.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { visiblePositions } from '../span-tree.ts';
import { selfTimes } from '../trace/self-time.ts';
import { parentsFrom } from '../trace/span-filter.ts';
import { axisTicks } from '../time-axis.ts';
import { ErrorMarks } from './ErrorMarks.tsx';
import { LogMarks } from './LogMarks.tsx';
import { columnsOf } from './trace-search.ts';
import type { FigureColumn, TraceSearch } from './trace-search.ts';
import type { TraceViewProps } from './TraceViews.tsx';
import { useSpanFilter } from './use-span-filter.ts';
import { FIGURES } from './waterfall-columns.tsx';
import { WaterfallBar } from './WaterfallBar.tsx';
import { WaterfallRow } from './WaterfallRow.tsx';
import { toggled, useSpanCursor, waterfallShortcuts } from './waterfall-keys.ts';
import './Waterfall.css';

const ROW_HEIGHT = 26;
const AXIS_HEIGHT = 26;
const TICKS_MAX = 5;
const TICKS_BESIDE_PANEL_MAX = 3;

interface WaterfallProps extends TraceViewProps {
  readonly loading: boolean;
  readonly search: TraceSearch;
  readonly onSearch: (next: Partial<TraceSearch>) => void;
}

/** The spans of a trace over time. Only the rows on screen exist; everything else is numbers in flat arrays. */
export function Waterfall(props: WaterfallProps) {
  const { tree, usage, selected, onSelect, search, onSearch } = props;
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const [level, setLevel] = useState(Infinity);
  const filter = useSpanFilter(props, search);
  const positions = useMemo(
    () => visiblePositions(tree, collapsed, filter.kept),
    [tree, collapsed, filter.kept],
  );
  const cursor = useSpanCursor(tree, positions, selected, collapsed, setCollapsed);
  const show = (index: number) => {
    cursor.reveal(index);
    if (selected >= 0) onSelect(index);
  };
  const deepest = useMemo(() => tree.depth.reduce((most, each) => Math.max(most, each), 0), [tree]);
  const chooseLevel = (next: number) => {
    const open = next >= deepest ? Infinity : Math.max(0, next);
    setLevel(open);
    setCollapsed(open === Infinity ? new Set() : parentsFrom(tree, open));
  };
  const shortcuts = waterfallShortcuts({
    tree,
    positions,
    cursor,
    collapsed,
    setCollapsed,
    show,
    selected,
    onSelect,
    matches: filter.matches,
    kept: filter.kept,
    level: level === Infinity ? deepest : level,
    setLevel: chooseLevel,
  });
  useShortcuts(shortcuts);
  const press = (keys: string) => shortcuts.find((each) => each.keys === keys)?.run();
  return (
    <section className="panel waterfall-panel" aria-label="Waterfall">
      <WaterfallBar
        {...{ tree, search, onSearch, filter }}
        traceId={props.traceId}
        cursor={cursor.index}
        level={level}
        deepest={deepest}
        onLevel={chooseLevel}
        onStep={press}
      />
      <Rows
        {...props}
        {...{ usage, collapsed, setCollapsed, positions, cursor, filter, show }}
        columns={columnsOf(search)}
      />
    </section>
  );
}

interface RowsProps extends WaterfallProps {
  readonly columns: readonly FigureColumn[];
  readonly collapsed: ReadonlySet<number>;
  readonly setCollapsed: (next: ReadonlySet<number>) => void;
  readonly positions: Int32Array;
  readonly cursor: ReturnType<typeof useSpanCursor>;
  readonly filter: ReturnType<typeof useSpanFilter>;
  readonly show: (index: number) => void;
}

function Rows(props: RowsProps) {
  const { tree, usage, loading, selected, onSelect, positions, cursor, collapsed, filter } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(positions.length, scroller, cursor);
  // Beside a span's panel there is room for one figure.
  const columns = selected >= 0 ? props.columns.slice(0, 1) : props.columns;
  const needsSelf = columns.includes('self');
  const selfNs = useMemo(() => (needsSelf ? selfTimes(tree) : undefined), [tree, needsSelf]);
  const source = { tree, usage, selfNs };
  const logs = useTraceLogs(props.traceId, tree).placed;
  const shownLogs = props.search.logs === 'off' ? undefined : logs;
  const events = useTraceEvents(props.traceId, tree);
  const shownEvents = props.search.events === 'off' ? undefined : events;
  return (
    <Scroller
      scroller={scroller}
      total={rows.getTotalSize()}
      count={positions.length}
      active={cursor.row}
      columns={columns}
      axis={
        <Axis
          durationNs={tree.traceDurationNs}
          ticksMax={selected >= 0 ? TICKS_BESIDE_PANEL_MAX : TICKS_MAX}
          columns={columns}
          marks={
            <>
              <ErrorMarks tree={tree} onShow={props.show} />
              <LogMarks logs={shownLogs?.loose} durationNs={tree.traceDurationNs} />
            </>
          }
        />
      }
    >
      {rows.getVirtualItems().map((item) => {
        const index = tree.order[positions[item.index]!]!;
        return (
          <WaterfallRow
            key={index}
            source={source}
            columns={columns}
            events={shownEvents?.get(index)}
            logs={shownLogs?.bySpan.get(index)}
            index={index}
            row={item.index}
            top={item.start - AXIS_HEIGHT}
            collapsed={collapsed.has(index)}
            selected={index === selected}
            current={item.index === cursor.row}
            matched={filter.matches?.[index] === 1}
            around={filter.fits !== undefined && filter.fits[index] !== 1}
            note={loading ? undefined : tree.notes.get(index)}
            onToggle={() => props.setCollapsed(toggled(collapsed, index))}
            onOpenEvents={() => {
              cursor.reveal(index);
              props.onSearch({ span: tree.spanIds[index]!, tab: 'events' });
            }}
            onOpen={() => {
              cursor.reveal(index);
              onSelect(index === selected ? undefined : index);
            }}
          />
        );
      })}
    </Scroller>
  );
}

function useRows(
  count: number,
  scroller: RefObject<HTMLDivElement | null>,
  cursor: { readonly row: number; readonly moves: number },
) {
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // The axis stays above the rows inside the same scroller, so that both are equally wide.
    scrollMargin: AXIS_HEIGHT,
    scrollPaddingStart: AXIS_HEIGHT,
  });
  const { row, moves } = cursor;
  useEffect(() => {
    if (row >= 0) rows.scrollToIndex(row, { align: 'auto' });
    // The rows have the keys from now on: a button that was pressed before would take Enter for itself.
    if (moves > 0 && document.activeElement instanceof HTMLButtonElement) {
      scroller.current?.focus({ preventScroll: true });
    }
    // Only a move of the cursor scrolls; a row that the wheel has scrolled away stays away.
  }, [row, moves, rows, scroller]);
  return rows;
}

function Scroller(props: {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly total: number;
  readonly count: number;
  readonly active: number;
  readonly columns: readonly FigureColumn[];
  readonly axis: ReactNode;
  readonly children: ReactNode;
}) {
  const widths = props.columns.map((column) => `${FIGURES[column].width}px`).join(' ');
  return (
    <div
      ref={props.scroller}
      className="waterfall-scroll"
      role="treegrid"
      aria-label="Spans"
      aria-rowcount={props.count}
      tabIndex={0}
      style={{ '--figures': widths } as CSSProperties}
      {...(props.active >= 0 ? { 'aria-activedescendant': `span-row-${props.active}` } : {})}
    >
      {props.axis}
      <div className="waterfall-rows" role="rowgroup" style={{ height: props.total }}>
        {props.children}
      </div>
      {props.count === 0 && <p className="waterfall-none quiet">No span fits the filter.</p>}
    </div>
  );
}

function Axis(props: {
  readonly durationNs: number;
  readonly ticksMax: number;
  readonly columns: readonly FigureColumn[];
  readonly marks: ReactNode;
}) {
  return (
    <div className="waterfall-grid axis" aria-hidden="true">
      <span />
      <div className="ticks">
        {axisTicks(props.durationNs, props.ticksMax).map((tick) => (
          <span
            key={tick.at}
            style={{ left: `${tick.at * 100}%` }}
            className={tick.at > 0.92 ? 'last' : ''}
          >
            {tick.label}
          </span>
        ))}
        {props.marks}
      </div>
      {props.columns.map((column) => (
        <span key={column} className={`num figure ${column}`} title={FIGURES[column].means}>
          {FIGURES[column].head}
        </span>
      ))}
    </div>
  );
}
