import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { LogRecord } from '../client/logs.ts';
import { formatPlural } from '../format.ts';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { LogRow } from './LogRow.tsx';
import type { LogPlace } from './LogRow.tsx';
import type { LogsSearch } from './logs-search.ts';

const ROW_HEIGHT = 24;
const OVERSCAN = 24;
/** Older records are read when so few are left below. */
const READ_AHEAD = 60;

/** Records, one a line; only those on screen exist. */
export function LogList(props: {
  readonly records: readonly LogRecord[] | undefined;
  readonly search: Pick<LogsSearch, 'live' | 'wrap' | 'around' | 'open'>;
  readonly label?: string;
  /** Where in a trace a record stands, on the trace's own page. */
  readonly placeOf?: (record: LogRecord) => LogPlace;
  readonly empty: ReactNode;
  readonly loadMore: (() => void) | undefined;
  readonly loading: boolean;
  readonly onOpen: (id: string | undefined) => void;
}) {
  const { search } = props;
  const { records, newer, onScroll, release } = useHeld(props.records, search.live === true);
  const cursor = useRowCursor<HTMLDivElement>(records.length);
  const scroller = cursor.ref;
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => records[index]?.id ?? index,
    overscan: OVERSCAN,
  });
  const items = rows.getVirtualItems();
  useReadAhead(items.at(-1)?.index ?? 0, records.length, props);
  useShowAround(search.around, records, (index) => rows.scrollToIndex(index, { align: 'center' }));
  useEscape(search.open, props.onOpen);
  const nowMs = useRef(Date.now()).current;
  if (props.records?.length === 0) return props.empty;
  return (
    <div
      ref={scroller}
      className={search.wrap === true ? 'logs-scroll wrap' : 'logs-scroll'}
      role="list"
      aria-label={props.label ?? 'Log records, newest first'}
      aria-busy={props.records === undefined}
      tabIndex={0}
      onFocus={cursor.onFocus}
      onScroll={(event) => onScroll(event.currentTarget.scrollTop)}
    >
      <Newer
        count={newer}
        onShow={() => {
          release();
          rows.scrollToOffset(0);
        }}
      />
      {props.records === undefined && <Bones />}
      <div className="logs-rows" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const record = records[item.index]!;
          return (
            <LogRow
              key={item.key}
              record={record}
              place={props.placeOf?.(record)}
              row={item.index}
              count={records.length}
              top={item.start}
              nowMs={nowMs}
              open={record.id === search.open}
              marked={record.id === search.around}
              measure={rows.measureElement}
              onToggle={() => props.onOpen(record.id === search.open ? undefined : record.id)}
            />
          );
        })}
      </div>
    </div>
  );
}

function useEscape(open: string | undefined, onOpen: (id: undefined) => void): void {
  const close = () => onOpen(undefined);
  const escape = { keys: 'Escape', label: 'Close the record', group: 'Logs', run: close };
  useShortcuts(open === undefined ? [] : [escape]);
}

function useReadAhead(
  last: number,
  count: number,
  { loadMore, loading }: { readonly loadMore: (() => void) | undefined; readonly loading: boolean },
): void {
  useEffect(() => {
    if (loadMore !== undefined && !loading && last >= count - READ_AHEAD) loadMore();
  }, [last, count, loadMore, loading]);
}

function Newer({ count, onShow }: { readonly count: number; readonly onShow: () => void }) {
  if (count === 0) return null;
  return (
    <div className="newer" role="listitem">
      <button type="button" className="button small" onClick={onShow}>
        {formatPlural(count, 'newer record')}
      </button>
    </div>
  );
}

const NONE: readonly LogRecord[] = [];

/** Whoever has scrolled away from the newest reads on undisturbed; what has come since is counted. */
function useHeld(records: readonly LogRecord[] = NONE, live: boolean) {
  const [held, setHeld] = useState<readonly LogRecord[]>();
  const shown = live && held !== undefined ? held : records;
  const first = shown[0]?.id;
  return {
    records: shown,
    newer:
      shown === records
        ? 0
        : Math.max(
            0,
            records.findIndex(({ id }) => id === first),
          ),
    onScroll: (top: number) =>
      setHeld((before) => (live && top > ROW_HEIGHT ? (before ?? records) : undefined)),
    release: () => setHeld(undefined),
  };
}

/** Once per record: whoever scrolls away from it stays away. */
function useShowAround(
  around: string | undefined,
  records: readonly LogRecord[],
  show: (index: number) => void,
): void {
  const [shown, setShown] = useState<string>();
  const index = around === undefined ? -1 : records.findIndex(({ id }) => id === around);
  useEffect(() => {
    if (index < 0 || shown === around) return;
    setShown(around);
    show(index);
  }, [around, index, shown, show]);
}

function Bones() {
  return Array.from({ length: 16 }, (_, row) => (
    <div key={row} className="log-bone" aria-hidden="true">
      <span className={`bone w${(row * 3) % 4}`} />
    </div>
  ));
}
