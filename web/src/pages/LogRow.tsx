import { Link } from '@tanstack/react-router';
import type { LogRecord } from '../client/logs.ts';
import { formatTime, formatUtc, parseTimeMs } from '../format.ts';
import { LEVEL_TONES, levelWord, logLine } from '../log-line.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { LogRecordDetail } from './LogRecordDetail.tsx';

const LINE_CHARACTERS = 400;
const WRAPPED_CHARACTERS = 2_000;

/** Where in a trace a record stands. */
export interface LogPlace {
  readonly name: string;
  /** Opens the span; undefined for a record of the trace alone. */
  readonly onOpen: (() => void) | undefined;
}

interface LineProps {
  /** On the page of its trace; null where the span is at hand. */
  readonly place?: LogPlace | null | undefined;
  readonly record: LogRecord;
  readonly nowMs: number;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** One record on a line; open, with all it says. */
export function LogRow(
  props: LineProps & {
    readonly row: number;
    readonly count: number;
    readonly top: number;
    readonly marked: boolean;
    readonly measure: (element: HTMLElement | null) => void;
  },
) {
  const { record, open } = props;
  return (
    <div
      ref={props.measure}
      role="listitem"
      className="log-item"
      aria-posinset={props.row + 1}
      aria-setsize={props.count}
      data-index={props.row}
      data-row={props.row}
      data-open={open}
      data-marked={props.marked}
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <LogLine {...props} />
      {open && <LogRecordDetail record={record} inTrace={props.place !== undefined} />}
    </div>
  );
}

export function LogLine(props: LineProps) {
  const { record, open, place } = props;
  const tone = LEVEL_TONES[record.level];
  return (
    <div
      className="log-line"
      onClick={() => {
        // A text that was marked to be copied is no click.
        if (window.getSelection()?.isCollapsed !== false) props.onToggle();
      }}
    >
      <button
        type="button"
        className="fold"
        data-row-focus
        aria-expanded={open}
        aria-label={`Record of ${formatTime(parseTimeMs(record.timeUnixNano), props.nowMs)}`}
        onClick={(event) => {
          event.stopPropagation();
          props.onToggle();
        }}
      >
        {open ? '▾' : '▸'}
      </button>
      <i className={`tone-mark ${tone}`} aria-hidden="true" />
      <LogTime nano={record.timeUnixNano} nowMs={props.nowMs} />
      <span className={`log-level ${tone}`}>
        <Foreign text={levelWord(record)} />
      </span>
      {place !== null && (
        <span className="log-source cut quiet">
          <Foreign text={place?.name ?? record.agent ?? record.service ?? '—'} charactersMax={60} />
        </span>
      )}
      <Text record={record} open={open} />
      <ToTrace record={record} place={place} />
    </div>
  );
}

function ToTrace({ record, place }: Pick<LineProps, 'record' | 'place'>) {
  if (place !== undefined) {
    if (place?.onOpen === undefined) return null;
    return (
      <button
        type="button"
        className="log-trace"
        onClick={(event) => {
          event.stopPropagation();
          place.onOpen?.();
        }}
      >
        span
      </button>
    );
  }
  if (record.traceId === '') return null;
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId: record.traceId }}
      search={record.spanId === '' ? { view: 'logs' } : { span: record.spanId, tab: 'logs' }}
      preload={false}
      className="log-trace"
      onClick={(event) => event.stopPropagation()}
    >
      trace
    </Link>
  );
}

function Text({ record, open }: { readonly record: LogRecord; readonly open: boolean }) {
  const { name, text } = logLine(record);
  return (
    <span className="log-text">
      {name !== '' && (
        <b>
          <Foreign text={name} charactersMax={80} />{' '}
        </b>
      )}
      {text !== '' && (
        <Foreign text={text} charactersMax={open ? LINE_CHARACTERS : WRAPPED_CHARACTERS} />
      )}
      {name === '' && text === '' && <span className="faint">no body</span>}
    </span>
  );
}

/** The time of day to the millisecond, with the day where it is not today. */
function LogTime({ nano, nowMs }: { readonly nano: string; readonly nowMs: number }) {
  const ms = parseTimeMs(nano) ?? 0;
  return (
    <time className="log-time num" dateTime={new Date(ms).toISOString()} title={formatUtc(ms)}>
      {formatTime(ms, nowMs)}
      <span className="faint">.{String(ms % 1000).padStart(3, '0')}</span>
    </time>
  );
}
