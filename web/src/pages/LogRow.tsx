import { Link } from '@tanstack/react-router';
import type { LogRecord } from '../client/logs.ts';
import { formatTime, formatUtc, parseTimeMs } from '../format.ts';
import { LEVEL_TONES, levelWord, logLine } from '../log-line.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { LogRecordDetail } from './LogRecordDetail.tsx';

const LINE_CHARACTERS = 400;
const WRAPPED_CHARACTERS = 2_000;

interface LineProps {
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
      <Line {...props} />
      {open && <LogRecordDetail record={record} />}
    </div>
  );
}

function Line(props: LineProps) {
  const { record, open } = props;
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
      <i className={`level-mark ${tone}`} aria-hidden="true" />
      <LogTime nano={record.timeUnixNano} nowMs={props.nowMs} />
      <span className={`log-level ${tone}`}>
        <Foreign text={levelWord(record)} />
      </span>
      <span className="log-source cut quiet">
        <Foreign text={record.agent ?? record.service ?? '—'} charactersMax={60} />
      </span>
      <Text record={record} open={open} />
      {record.traceId !== '' && (
        <Link
          to="/traces/$traceId"
          params={{ traceId: record.traceId }}
          search={record.spanId === '' ? {} : { span: record.spanId }}
          preload={false}
          className="log-trace"
          onClick={(event) => event.stopPropagation()}
        >
          trace
        </Link>
      )}
    </div>
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
