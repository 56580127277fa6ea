import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { ApiError } from '../client/http.ts';
import { runQualityQuery } from '../client/quality.ts';
import { runQuery } from '../client/runs.ts';
import type { RunDetail } from '../client/runs.ts';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatPlural,
  parseTimeMs,
} from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { Money } from '../parts/Money.tsx';
import { Page } from '../parts/Page.tsx';
import { RunStatus } from '../parts/RunStatus.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { QualityResults } from './QualityResults.tsx';
import { RunTable, tokensText } from './RunTable.tsx';
import './Run.css';
import './Trace.css';

const route = getRouteApi('/shell/runs/$runId');

/** One execution: how it went, what it cost and why, what it was asked and what it answered. */
export function RunPage() {
  const { runId } = route.useParams();
  const { trace } = route.useSearch();
  const run = useQuery(runQuery(runId, trace));
  const goBack = useGoBack('/runs');
  useShortcuts([{ keys: 'Escape', label: 'Back', group: 'Lists', run: goBack }]);
  if (run.data !== undefined) return <Known detail={run.data} />;
  const missing = run.error instanceof ApiError && run.error.status === 404;
  return (
    <Page title="Run">
      <section className="panel run-facts" aria-busy={run.isPending}>
        {run.isError && (
          <ErrorState
            error={run.error}
            what={missing ? 'There is no run with this id' : 'The run cannot be read'}
            onRetry={() => void run.refetch()}
          />
        )}
      </section>
    </Page>
  );
}

function Known({ detail }: { readonly detail: RunDetail }) {
  const { run } = detail;
  const agent = run.agent ?? 'unattributed';
  return (
    <Page
      title={`Run of ${agent}`}
      heading={
        <>
          <Link to="/runs" className="crumbs">
            Runs /
          </Link>{' '}
          <Foreign text={agent} charactersMax={80} />{' '}
          <span className="beside-title">
            <RunStatus status={run.status} />
          </span>
        </>
      }
      lead={<Whose run={run} />}
      actions={
        <>
          <Link to="/traces/compare" search={{ a: run.trace_id }} className="button">
            Compare with…
          </Link>
          <Link
            to="/traces/$traceId"
            params={{ traceId: run.trace_id }}
            search={{ span: run.run_id }}
            className="button primary"
          >
            Open the trace
          </Link>
        </>
      }
    >
      <Facts detail={detail} />
      {run.status === 'error' && <Failure detail={detail} />}
      <Notes detail={detail} />
      <div className="run-columns">
        <Content title="Input" content={detail.input} />
        <Content title="Output" content={detail.output} />
      </div>
      <ModelCalls detail={detail} />
      {detail.tool_calls.length > 0 && <ToolCalls detail={detail} />}
      <Quality runId={run.run_id} trace={run.trace_id} />
      {detail.children.length > 0 && (
        <section className="panel">
          <header>
            <h2>Runs that it started</h2>
          </header>
          <RunTable runs={detail.children} empty={null} />
        </section>
      )}
    </Page>
  );
}

/** For whom it was, and in which conversation. */
function Whose({ run: { user, conversation } }: Pick<RunDetail, 'run'>) {
  return (
    <>
      {user !== null && (
        <Link to="/runs" search={{ user, range: 'all' }}>
          <Foreign text={user} charactersMax={40} />
        </Link>
      )}
      {user !== null && conversation !== null && ' · '}
      {conversation !== null && (
        <Link
          to="/conversations/$conversationId"
          params={{ conversationId: conversation }}
          className="link"
        >
          conversation{' '}
          <span className="mono">
            <Foreign text={conversation} charactersMax={40} />
          </span>
        </Link>
      )}
    </>
  );
}

function Facts({ detail: { run, totals } }: { readonly detail: RunDetail }) {
  const withChildren = totals.runs > 1;
  return (
    <Figures label="Figures">
      <Figure
        label="Duration"
        value={run.duration_ms === null ? '—' : formatDuration(run.duration_ms * 1e6)}
      >
        <Time ms={parseTimeMs(run.start)} />
      </Figure>
      <Figure label="Cost" value={<Money usd={run.cost_usd} unpriced={run.calls_unpriced} />}>
        {withChildren ? (
          <>
            with {formatPlural(totals.runs - 1, 'run')} it started: <Money usd={totals.cost_usd} />
          </>
        ) : (
          formatPlural(run.model_calls, 'model call')
        )}
      </Figure>
      <Figure label="Tokens" value={tokensText(run.tokens.input, run.tokens.output)}>
        {run.tokens.cache_read === null
          ? 'in → out'
          : `${formatCompact(run.tokens.cache_read)} of the input from cache`}
      </Figure>
      <Figure label="Tool calls" value={formatCount(run.tool_calls)}>
        {run.retries === 0 ? 'no retries' : formatPlural(run.retries, 'retry', 'retries')}
      </Figure>
      <Figure label="Failed spans" value={formatCount(run.error_count)}>
        of {formatPlural(run.span_count, 'span')}
      </Figure>
    </Figures>
  );
}

function Failure({ detail: { run } }: { readonly detail: RunDetail }) {
  return (
    <section className="panel span-part" aria-label="Why it failed">
      <h3 className="stop-text">Why it failed</h3>
      {run.error_type !== null && run.error_type !== '_OTHER' && (
        <p className="mono">
          <Foreign text={run.error_type} charactersMax={200} />
        </p>
      )}
      {run.error_message === null ? (
        <p className="faint">
          No message was sent. <FailedCalls run={run} />
        </p>
      ) : (
        <ForeignBlock text={run.error_message} mono={false} />
      )}
    </section>
  );
}

function FailedCalls({ run }: Pick<RunDetail, 'run'>) {
  return (
    <Link
      to="/traces/$traceId"
      params={{ traceId: run.trace_id }}
      search={{ view: 'path', span: run.run_id }}
      className="link"
    >
      Look at the trace
    </Link>
  );
}

/** Whatever keeps a figure from being the whole truth is said. */
function Notes({ detail: { run } }: { readonly detail: RunDetail }) {
  const notes = [
    run.implied && 'No span says that it is the root of a run; the calls of this trace are one.',
    run.status === 'abandoned' && 'Its root span never came: the figures are of what did.',
    run.truncated && 'The trace has more spans than are looked at; the figures are of the first.',
    run.calls_without_tokens > 0 &&
      `Of ${formatPlural(run.calls_without_tokens, 'model call')} no tokens were reported.`,
    run.calls_estimated > 0 &&
      `The tokens of ${formatPlural(run.calls_estimated, 'model call')} are a guess of the instrumentation.`,
    run.calls_invalid > 0 &&
      `${formatPlural(run.calls_invalid, 'model call')} came with counts that cannot be; they add nothing.`,
    run.calls_unpriced > 0 &&
      `${formatPlural(run.calls_unpriced, 'model call')} have no known price and are not in the cost.`,
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <ul className="notice run-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function Quality(props: { readonly runId: string; readonly trace: string }) {
  const quality = useQuery(runQualityQuery(props.runId, props.trace));
  if (quality.data === undefined) return null;
  const { results, skipped } = quality.data;
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  return (
    <section className="panel" aria-label="Quality">
      <header>
        <h2>Quality</h2>
        <span className="faint">
          {failed === 0 ? 'nothing failed' : formatPlural(failed, 'check failed', 'checks failed')}
          {skipped !== null && skipped.length > 0 && `, ${skipped.length} do not apply`}
        </span>
      </header>
      <QualityResults
        results={results.toSorted((a, b) => rankOf(a.outcome) - rankOf(b.outcome))}
        empty={<EmptyState title="No check has looked at it yet" />}
      />
    </section>
  );
}

const rankOf = (outcome: string): number =>
  ['failed', 'unjudged', 'scored', 'passed'].indexOf(outcome);

function Content(props: { readonly title: string; readonly content: RunDetail['input'] }) {
  const { title, content } = props;
  return (
    <section className="panel">
      <header>
        <h2>{title}</h2>
        {content?.truncated === true && <span className="faint">its beginning</span>}
      </header>
      <div className="run-content">
        {content === null ? (
          <span className="faint">It was not captured.</span>
        ) : (
          <ForeignBlock text={content.text} mono={false} />
        )}
      </div>
    </section>
  );
}

type Call = RunDetail['model_calls'][number];

const MISSING: Readonly<Record<string, string>> = {
  unknown_model: 'unknown model',
  no_model: 'no model told',
  no_tokens: 'no tokens told',
  tokens_invalid: 'counts cannot be',
};

function callColumns(traceId: string): readonly Column<Call>[] {
  return [
    {
      id: 'model',
      head: 'Model',
      className: 'clip',
      cell: (call) => (
        <Link
          to="/traces/$traceId"
          params={{ traceId }}
          search={{ span: call.span_id }}
          className="mono"
          data-row-focus
        >
          <Foreign text={call.model ?? call.operation ?? 'model call'} charactersMax={60} />
        </Link>
      ),
    },
    {
      id: 'failed',
      head: 'Outcome',
      className: 'wide',
      cell: ({ failed }) => (failed ? <span className="tag stop">Failed</span> : ''),
    },
    {
      id: 'duration',
      head: 'Duration',
      className: 'num wide',
      cell: ({ duration_ms: ms }) => formatDuration(ms * 1e6),
    },
    {
      id: 'input',
      head: 'Input',
      className: 'num',
      cell: ({ tokens }) => (
        <>
          {formatCount(tokens.input)}
          {tokens.cache_read !== null && tokens.cache_read > 0 && (
            <span className="faint"> ({formatCompact(tokens.cache_read)} cached)</span>
          )}
        </>
      ),
    },
    {
      id: 'output',
      head: 'Output',
      className: 'num',
      cell: ({ tokens }) => formatCount(tokens.output),
    },
    {
      id: 'price',
      head: 'Price from',
      className: 'wide middle quiet clip cut',
      cell: (call) =>
        call.cost_usd === null
          ? (MISSING[call.cost_missing] ?? call.cost_missing)
          : call.price_version,
    },
    {
      id: 'cost',
      head: 'Cost',
      className: 'num',
      // A call without tokens has no cost to know.
      cell: ({ cost_usd: usd, cost_missing: missing }) =>
        missing === 'no_tokens' ? '—' : <Money usd={usd} />,
    },
  ];
}

function ModelCalls({ detail }: { readonly detail: RunDetail }) {
  return (
    <section className="panel">
      <header>
        <h2>Model calls</h2>
        <span className="faint">each counted once</span>
      </header>
      <DataTable
        what="The model calls"
        columns={callColumns(detail.run.trace_id)}
        rows={detail.model_calls}
        rowKey={(call) => call.span_id}
        empty={<EmptyState title="It called no model" />}
      />
    </section>
  );
}

function ToolCalls({ detail }: { readonly detail: RunDetail }) {
  return (
    <section className="panel">
      <header>
        <h2>Tool calls</h2>
      </header>
      <ol className="tool-calls">
        {detail.tool_calls.map((call) => (
          <li key={call.span_id}>
            <details>
              <summary>
                <i className={call.failed ? 'hue failed' : 'hue tool'} />
                <span className="mono">
                  <Foreign text={call.name ?? 'tool'} charactersMax={80} />
                </span>
                {call.failed && <span className="tag stop">Failed</span>}
                <span className="num quiet">{formatDuration(call.duration_ms * 1e6)}</span>
              </summary>
              <h3>Arguments</h3>
              {call.arguments === null ? (
                <span className="faint">Not captured.</span>
              ) : (
                <ForeignBlock text={call.arguments} />
              )}
              <h3>Result</h3>
              {call.result === null ? (
                <span className="faint">Not captured.</span>
              ) : (
                <ForeignBlock text={call.result} />
              )}
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
