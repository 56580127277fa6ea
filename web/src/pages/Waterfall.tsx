import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';
import { formatCount } from '../format.ts';
import { SearchBox } from '../parts/SearchBox.tsx';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { visiblePositions } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { axisTicks } from '../time-axis.ts';
import { WaterfallRow } from './WaterfallRow.tsx';
import { toggled, useSpanCursor, waterfallShortcuts } from './waterfall-keys.ts';
import './Waterfall.css';

const ROW_HEIGHT = 26;
const AXIS_HEIGHT = 26;
const TICKS_MAX = 5;
const TICKS_BESIDE_PANEL_MAX = 3;

interface WaterfallProps {
  readonly tree: SpanTree;
  readonly loading: boolean;
  /** Index of the span whose panel is open, -1 for none. */
  readonly selected: number;
  readonly onSelect: (index: number | undefined) => void;
}

/** The spans of a trace over time. Only the rows on screen exist; everything else is numbers in flat arrays. */
export function Waterfall({ tree, loading, selected, onSelect }: WaterfallProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(new Set());
  const [find, setFind] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const positions = useMemo(() => visiblePositions(tree, collapsed), [tree, collapsed]);
  const matches = useMemo(() => findSpans(tree, find), [tree, find]);
  const cursor = useSpanCursor(tree, positions, selected, collapsed, setCollapsed);
  const rows = useRows(positions.length, scroller, cursor);
  const show = (index: number) => {
    cursor.reveal(index);
    if (selected >= 0) onSelect(index);
  };
  useShortcuts(
    waterfallShortcuts({
      tree,
      positions,
      cursor,
      matches,
      collapsed,
      setCollapsed,
      show,
      selected,
      onSelect,
    }),
  );
  return (
    <section className="panel waterfall-panel" aria-label="Waterfall">
      <WaterfallBar
        find={find}
        matches={matches}
        onFind={setFind}
        canCollapse={positions.length > 1}
        allOpen={collapsed.size === 0}
        onToggleAll={() => setCollapsed(collapsed.size === 0 ? allParents(tree) : new Set())}
      />
      <Rows
        scroller={scroller}
        total={rows.getTotalSize()}
        count={positions.length}
        active={cursor.row}
        durationNs={tree.traceDurationNs}
        ticksMax={selected >= 0 ? TICKS_BESIDE_PANEL_MAX : TICKS_MAX}
      >
        {rows.getVirtualItems().map((item) => {
          const index = tree.order[positions[item.index]!]!;
          return (
            <WaterfallRow
              key={index}
              tree={tree}
              index={index}
              row={item.index}
              top={item.start - AXIS_HEIGHT}
              collapsed={collapsed.has(index)}
              selected={index === selected}
              current={item.index === cursor.row}
              matched={matches?.has(index) === true}
              note={loading ? undefined : tree.notes.get(index)}
              onToggle={() => setCollapsed(toggled(collapsed, index))}
              onOpen={() => {
                cursor.reveal(index);
                onSelect(index === selected ? undefined : index);
              }}
            />
          );
        })}
      </Rows>
    </section>
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
    // Only a move of the cursor scrolls; a row that the wheel has scrolled away stays away.
  }, [row, moves, rows]);
  return rows;
}

function Rows(props: {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly total: number;
  readonly count: number;
  readonly active: number;
  readonly durationNs: number;
  readonly ticksMax: number;
  readonly children: ReactNode;
}) {
  return (
    <div
      ref={props.scroller}
      className="waterfall-scroll"
      role="treegrid"
      aria-label="Spans"
      aria-rowcount={props.count}
      tabIndex={0}
      {...(props.active >= 0 ? { 'aria-activedescendant': `span-row-${props.active}` } : {})}
    >
      <Axis durationNs={props.durationNs} ticksMax={props.ticksMax} />
      <div className="waterfall-rows" role="rowgroup" style={{ height: props.total }}>
        {props.children}
      </div>
    </div>
  );
}

function allParents(tree: SpanTree): ReadonlySet<number> {
  const parents = new Set<number>();
  for (let index = 0; index < tree.size.length; index++)
    if (tree.size[index]! > 1) parents.add(index);
  return parents;
}

function findSpans(tree: SpanTree, text: string): ReadonlySet<number> | undefined {
  if (text === '') return undefined;
  const wanted = text.toLowerCase();
  const found = new Set<number>();
  for (let index = 0; index < tree.spans.length; index++) {
    if (tree.spans[index]!.name.toLowerCase().includes(wanted)) found.add(index);
  }
  return found;
}

function WaterfallBar(props: {
  readonly find: string;
  readonly matches: ReadonlySet<number> | undefined;
  readonly onFind: (text: string) => void;
  readonly canCollapse: boolean;
  readonly allOpen: boolean;
  readonly onToggleAll: () => void;
}) {
  return (
    <header className="waterfall-bar">
      <SearchBox
        value={props.find}
        label="Find spans by name"
        placeholder="Find spans by name"
        onChange={props.onFind}
      />
      <span className="faint" role="status">
        {props.matches !== undefined && (
          <>
            {formatCount(props.matches.size)} found
            {props.matches.size > 0 && (
              <span className="keys-hint">
                {' '}
                · <kbd>n</kbd> next
              </span>
            )}
          </>
        )}
      </span>
      <ul className="legend" aria-label="Colours">
        {(['agent', 'model', 'tool'] as const).map((hue) => (
          <li key={hue}>
            <i className={`hue ${hue}`} /> {hue}
          </li>
        ))}
      </ul>
      {props.canCollapse && (
        <button type="button" className="button small" onClick={props.onToggleAll}>
          {props.allOpen ? 'Collapse all' : 'Expand all'}
        </button>
      )}
    </header>
  );
}

function Axis({
  durationNs,
  ticksMax,
}: {
  readonly durationNs: number;
  readonly ticksMax: number;
}) {
  return (
    <div className="waterfall-grid axis" aria-hidden="true">
      <span />
      <div className="ticks">
        {axisTicks(durationNs, ticksMax).map((tick) => (
          <span
            key={tick.at}
            style={{ left: `${tick.at * 100}%` }}
            className={tick.at > 0.92 ? 'last' : ''}
          >
            {tick.label}
          </span>
        ))}
      </div>
      <span className="num">Duration</span>
      <span className="num tokens">Tokens</span>
    </div>
  );
}
