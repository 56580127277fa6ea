import { Link, getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ApiError } from '../client/http.ts';
import { readTraceJson } from '../client/traces.ts';
import { formatCompact, formatDuration, formatPlural, formatShortId } from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { useTrace } from '../parts/use-trace.ts';
import type { LoadedTrace } from '../parts/use-trace.ts';
import { hueOf, indexOfSpan, rootOf, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import type { SpanHue } from '../span.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import type { SpanTab, TraceSearch } from './trace-search.ts';
import { SpanPanel } from './SpanPanel.tsx';
import { TraceConversation } from './TraceConversation.tsx';
import { TraceViews } from './TraceViews.tsx';
import { CostFigure } from './waterfall-columns.tsx';
import './Trace.css';

const route = getRouteApi('/shell/traces/$traceId');

/** Larger traces are read from the API, page by page. */
const COPIED_SPANS_MAX = 2_000;

/** What happened, how long, how much, where did it fail. */
export function TracePage() {
  const { traceId } = route.useParams();
  const trace = useTrace(traceId);
  const { tree, loading, error, reload, round } = trace;
  useShortcuts([{ keys: 'r', label: 'Read again', group: 'Trace', run: reload }]);
  const root = tree === undefined ? undefined : textOf(tree, 'name', rootOf(tree));
  return (
    <Page
      className="trace-page"
      title={root ?? `Trace ${formatShortId(traceId)}`}
      heading={
        root === undefined ? (
          <Crumb />
        ) : (
          <>
            <Crumb /> <Foreign text={root === '' ? '(no name)' : root} charactersMax={120} />
          </>
        )
      }
      lead={
        <span className="mono" title={traceId}>
          {formatShortId(traceId)}
        </span>
      }
      actions={
        <>
          <Link to="/traces/compare" search={{ a: traceId }} className="button">
            Compare with…
          </Link>
          <CopyButton text={() => window.location.href} label="Copy link" />
          {tree !== undefined && !loading && tree.length <= COPIED_SPANS_MAX && (
            <CopyButton
              text={() => readTraceJson(traceId, new AbortController().signal)}
              label="Copy as JSON"
            />
          )}
          <button type="button" className="button" onClick={reload} disabled={loading}>
            Read again
          </button>
        </>
      }
    >
      {tree === undefined ? (
        <Unread traceId={traceId} error={error} onRetry={reload} />
      ) : (
        <Read key={round} trace={trace} tree={tree} />
      )}
    </Page>
  );
}

function Unread(props: {
  readonly traceId: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}) {
  if (props.error === undefined) {
    return (
      <>
        <div className="trace-facts" aria-hidden="true">
          <span className="bone w1" />
        </div>
        <section className="panel waterfall-panel" aria-busy="true" />
      </>
    );
  }
  const missing = props.error instanceof ApiError && props.error.status === 404;
  return (
    <section className="panel">
      <ErrorState
        error={props.error}
        what={missing ? 'No trace with this id is stored' : 'The trace cannot be read'}
        onRetry={props.onRetry}
      />
    </section>
  );
}

function Read({ trace, tree }: { readonly trace: LoadedTrace; readonly tree: SpanTree }) {
  const { traceId, usage, loading, error } = trace;
  const search = route.useSearch();
  const { span, tab, view } = search;
  const navigate = route.useNavigate();
  const selected = span === undefined ? -1 : indexOfSpan(tree, span);
  const goBack = useGoBack('/traces');
  const change = (next: Partial<TraceSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const select = (index: number | undefined) => {
    if (index === undefined && selected < 0) goBack();
    else change({ span: index === undefined ? undefined : tree.spanIds[index]! });
  };
  const chooseTab = (next: SpanTab) => change({ tab: next });
  if (tree.length === 0) {
    return (
      <section className="panel">
        <EmptyState title="This trace has no spans" />
      </section>
    );
  }
  const shared = { traceId, tree, usage };
  return (
    <>
      <Facts tree={tree} usage={usage} loading={loading} />
      {error !== undefined && (
        <ErrorState error={error} what="Only part of the trace could be read" />
      )}
      <div className={selected >= 0 ? 'trace-split open' : 'trace-split'}>
        <TraceViews
          {...shared}
          view={view ?? 'waterfall'}
          onView={(next) =>
            void navigate({
              search: (before) => ({ ...before, view: next === 'waterfall' ? undefined : next }),
            })
          }
          root={rootOf(tree)}
          loading={loading}
          selected={selected}
          onSelect={select}
          search={search}
          onSearch={change}
        />
        {selected >= 0 && (
          <SpanPanel
            {...shared}
            index={selected}
            tab={tab ?? 'summary'}
            onTab={chooseTab}
            onSelect={select}
          />
        )}
      </div>
    </>
  );
}

function Facts(props: {
  readonly tree: SpanTree;
  readonly usage: TraceUsage | undefined;
  readonly loading: boolean;
}) {
  const { tree, usage, loading } = props;
  const counts = useMemo(() => countHues(tree), [tree]);
  return (
    <ul className="trace-facts">
      <li>
        <b>{formatDuration(tree.traceDurationNs)}</b>
      </li>
      <li>
        <Time ms={Number(tree.traceStartUnixNano / 1_000_000n)} />
      </li>
      <li>
        <b>{formatPlural(tree.length, 'span')}</b>
        {loading && <span className="faint"> so far…</span>}
      </li>
      {counts.model > 0 && <li>{formatPlural(counts.model, 'model call')}</li>}
      {counts.tool > 0 && <li>{formatPlural(counts.tool, 'tool call')}</li>}
      <UsageFacts usage={usage} />
      {tree.errorCount > 0 && (
        <li>
          <span className="tag stop">{formatPlural(tree.errorCount, 'failed span')}</span>
        </li>
      )}
      <TraceConversation tree={tree} />
    </ul>
  );
}

function countHues(tree: SpanTree): Readonly<Record<SpanHue, number>> {
  const counts = { agent: 0, model: 0, tool: 0, other: 0 };
  for (let index = 0; index < tree.length; index++) counts[hueOf(tree, index)]++;
  return counts;
}

function UsageFacts({ usage }: { readonly usage: TraceUsage | undefined }) {
  if (usage === undefined || usage.total.calls === 0) return null;
  const { total, astray } = usage;
  const { input, output, cacheRead } = total;
  return (
    <>
      <li title="Each call of a model counts once, however many spans tell of it.">
        <b>{formatCompact(input)}</b> in
        {cacheRead !== undefined && cacheRead > 0 && (
          <span className="faint"> ({formatCompact(cacheRead)} cached)</span>
        )}{' '}
        · <b>{formatCompact(output)}</b> out
      </li>
      <li>
        <b>
          <CostFigure figures={total} />
        </b>
      </li>
      {astray > 0 && (
        <li className="faint" title="They are in the figures of the whole trace alone.">
          {formatPlural(astray, 'call')} outside of its spans
        </li>
      )}
    </>
  );
}

function Crumb() {
  return (
    <Link to="/traces" className="crumbs">
      Traces /
    </Link>
  );
}
