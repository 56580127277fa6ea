import { useQuery } from '@tanstack/react-query';
import { metricInstantQuery, metricRangeQuery } from '../../client/metrics.ts';
import type { Metric, MetricSpan } from '../../client/metrics.ts';
import { ApiError } from '../../client/http.ts';
import { InstantTable } from './InstantTable.tsx';
import { QueryChart } from './QueryChart.tsx';
import { QueryInput } from './QueryInput.tsx';

interface Shown {
  readonly span: MetricSpan;
  readonly stepMs: number;
  readonly view: 'now' | undefined;
}

/** One question: its text, what is wrong with it at its place, and the answer. */
export function QueryPanel(props: {
  readonly letter: string;
  /** '' for a field that waits for a question. */
  readonly query: string;
  readonly metrics: readonly Metric[];
  readonly shown: Shown;
  readonly onChange: (query: string) => void;
  readonly onBrush: (fromMs: number, toMs: number) => void;
  readonly onAdd?: () => void;
}) {
  const { letter, query } = props;
  const answer = useAnswer(props);
  return (
    <section className="query" aria-label={`Query ${letter}`}>
      <div className="query-line">
        <span className="query-letter mono" aria-hidden="true">
          {letter}
        </span>
        <QueryInput
          letter={letter}
          query={query}
          metrics={props.metrics}
          isInvalid={answer.error !== null}
          onChange={props.onChange}
        />
        {query !== '' && (
          <button
            type="button"
            className="button plain"
            aria-label={`Remove query ${letter}`}
            onClick={() => props.onChange('')}
          >
            ×
          </button>
        )}
        {props.onAdd !== undefined && (
          <button type="button" className="button" onClick={props.onAdd}>
            Add query
          </button>
        )}
      </div>
      {query !== '' && <Answer {...props} answer={answer} />}
    </section>
  );
}

interface Asked {
  readonly query: string;
  readonly shown: Shown;
}

/** The answer over time or at its end, whichever is on show. */
function useAnswer({ query, shown: { span, stepMs, view } }: Asked) {
  const range = useQuery({
    ...metricRangeQuery(query, span, stepMs),
    enabled: query !== '' && view === undefined,
  });
  const instant = useQuery({
    ...metricInstantQuery(query, span.toMs),
    enabled: query !== '' && view === 'now',
  });
  const { error } = view === 'now' ? instant : range;
  return { range: range.data, instant: instant.data, error: query === '' ? null : error };
}

function Answer(
  props: Asked & {
    readonly letter: string;
    readonly answer: ReturnType<typeof useAnswer>;
    readonly onBrush: (fromMs: number, toMs: number) => void;
  },
) {
  const { letter, query, shown, answer } = props;
  if (answer.error !== null) return <QueryProblem query={query} error={answer.error} />;
  const { hints = [] } = (shown.view === 'now' ? answer.instant : answer.range) ?? {};
  return (
    <>
      {hints.map((hint) => (
        <p key={hint} className="notice">
          {hint}
        </p>
      ))}
      {shown.view === 'now' ? (
        <InstantTable letter={letter} query={query} answer={answer.instant} />
      ) : (
        <QueryChart letter={letter} query={query} answer={answer.range} onBrush={props.onBrush} />
      )}
    </>
  );
}

/** `1:5: parse error: …` → where, and what. */
const PLACED = /^(\d+):(\d+): (?:parse error: )?([\s\S]*)$/;

function QueryProblem({ query, error }: { readonly query: string; readonly error: unknown }) {
  const message = error instanceof Error ? error.message : String(error);
  const placed = error instanceof ApiError ? PLACED.exec(message) : null;
  const line = placed === null ? undefined : query.split('\n')[Number(placed[1]) - 1];
  const column = Number(placed?.[2] ?? 1) - 1;
  const word = /^(?:[\w:.]+|.)/.exec(line?.slice(column) ?? '')?.[0] ?? ' ';
  return (
    <div className="query-problem" role="alert">
      {line !== undefined && (
        <pre className="mono" aria-hidden="true">
          {line.slice(0, column)}
          <mark>{word}</mark>
          {line.slice(column + word.length)}
        </pre>
      )}
      <p>
        {placed === null ? message : `${placed[3]}`}
        {placed !== null && (
          <span className="faint">
            {' '}
            (line {placed[1]}, column {placed[2]})
          </span>
        )}
      </p>
    </div>
  );
}
