import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { TraceSummary } from '../client/traces.ts';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatPlural,
  parseTimeMs,
} from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { SkeletonRows } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import './TraceTable.css';

/** Traces, one a row: what ran, when, how long, how much, and whether it failed. */
export function TraceTable({
  traces,
  stale = false,
  empty,
}: {
  readonly traces: readonly TraceSummary[] | undefined;
  /** They answer the question before; those of the present one are on their way. */
  readonly stale?: boolean;
  readonly empty: ReactNode;
}) {
  const cursor = useRowCursor<HTMLTableSectionElement>(traces?.length ?? 0);
  const picked = usePicked(traces?.[cursor.current]?.traceId);
  if (traces?.length === 0) return empty;
  const longestNs = scaleOf(traces ?? []);
  return (
    <table
      className="table traces"
      aria-busy={traces === undefined || stale}
      data-stale={stale}
      aria-label="The traces"
    >
      <thead>
        <tr>
          <th>Trace</th>
          <th className="wide">Agent</th>
          <th className="wide middle">Models</th>
          <th className="num wide">Start</th>
          <th className="num duration">Duration</th>
          <th className="num wide">Spans</th>
          <th className="num wide">Errors</th>
          <th className="num wide middle">Input</th>
          <th className="num wide middle">Output</th>
        </tr>
      </thead>
      <tbody ref={cursor.ref} onFocus={cursor.onFocus}>
        {traces === undefined && <SkeletonRows rows={8} columns={9} />}
        {traces?.map((trace, row) => (
          <TraceRow
            key={trace.traceId}
            trace={trace}
            row={row}
            current={row === cursor.current}
            picked={trace.traceId === picked}
            longestNs={longestNs}
          />
        ))}
      </tbody>
    </table>
  );
}

/** `x` marks the trace under the cursor, and on a second one opens both side by side. */
function usePicked(current: string | undefined): string | undefined {
  const [picked, setPicked] = useState<string>();
  const navigate = useNavigate();
  const pick = () => {
    if (current === undefined) return;
    if (picked === undefined) setPicked(current);
    else if (picked === current) setPicked(undefined);
    else void navigate({ to: '/traces/compare', search: { a: picked, b: current } });
  };
  useShortcuts([{ keys: 'x', label: 'Compare with another trace', group: 'Traces', run: pick }]);
  return picked;
}

/** What the longest bar stands for: longer than nine of ten traces, so that one outlier does not flatten all others. */
function scaleOf(traces: readonly TraceSummary[]): number {
  const durations = traces.map((trace) => Number(trace.durationNs)).sort((a, b) => a - b);
  return Math.max(1, durations[Math.floor(durations.length * 0.9)] ?? 1);
}

function TraceRow({
  trace,
  row,
  current,
  picked,
  longestNs,
}: {
  readonly trace: TraceSummary;
  readonly row: number;
  readonly current: boolean;
  /** It is one of the two that are to be compared. */
  readonly picked: boolean;
  readonly longestNs: number;
}) {
  const start = parseTimeMs(trace.startUnixNano);
  const durationNs = Number(trace.durationNs);
  const failed = trace.errorCount > 0;
  return (
    <tr data-row={row} data-current={current}>
      <NameCell trace={trace} startMs={start} picked={picked} />
      <td className={trace.agent === null ? 'wide faint clip cut' : 'wide quiet clip cut'}>
        <Foreign text={orDash(trace.agent ?? trace.service)} charactersMax={80} />
      </td>
      <td className="wide middle quiet clip cut">
        <Words values={trace.models} shownMax={1} mono />
      </td>
      <td className="num wide quiet">
        <Time ms={start} />
      </td>
      <td className="num duration">
        <span className="duration-figure">{formatDuration(durationNs)}</span>
        <meter
          className="wide extra"
          aria-hidden="true"
          min={0}
          max={1}
          value={Math.min(1, durationNs / longestNs)}
        />
      </td>
      <td className="num wide">{formatCount(trace.spanCount)}</td>
      <td className={failed ? 'num wide stop-text' : 'num wide faint'}>
        {formatCount(trace.errorCount)}
      </td>
      <td className="num wide middle">{formatCompact(trace.inputTokens)}</td>
      <td className="num wide middle">{formatCompact(trace.outputTokens)}</td>
    </tr>
  );
}

function NameCell(props: {
  readonly trace: TraceSummary;
  readonly startMs: number | undefined;
  readonly picked: boolean;
}) {
  const { trace, startMs, picked } = props;
  const failed = trace.errorCount > 0;
  return (
    <td className="two-line clip">
      <div className="name">
        <span className={failed ? 'dot stop' : 'dot'} aria-hidden="true" />
        <Link
          to="/traces/$traceId"
          params={{ traceId: trace.traceId }}
          preload={false}
          className="cut"
          data-row-focus
        >
          <Foreign text={orDash(trace.rootName)} charactersMax={160} />
          {failed && <span className="visually-hidden"> (failed)</span>}
        </Link>
        {picked && (
          <span className="tag" role="status">
            to compare: x on another
          </span>
        )}
      </div>
      <span className="second-line">
        <Foreign text={orDash(trace.agent ?? trace.service)} charactersMax={60} /> ·{' '}
        <Time ms={startMs} ago />
        {failed && <span className="stop-text"> · {formatPlural(trace.errorCount, 'error')}</span>}
      </span>
    </td>
  );
}

function orDash(text: string | null | undefined): string {
  return text === null || text === undefined || text === '' ? '—' : text;
}
