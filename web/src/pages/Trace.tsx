import { Link, getRouteApi } from '@tanstack/react-router';
import { ApiError } from '../client/http.ts';
import { formatCompact, formatDuration, formatPlural, formatShortId } from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { useTrace } from '../parts/use-trace.ts';
import type { SpanTree } from '../span-tree.ts';
import type { SpanTab } from '../url-search.ts';
import { SpanPanel } from './SpanPanel.tsx';
import { TraceConversation } from './TraceConversation.tsx';
import { TraceViews } from './TraceViews.tsx';
import './Trace.css';

const route = getRouteApi('/shell/traces/$traceId');

/** What happened, how long, how much, where did it fail. */
export function TracePage() {
  const { traceId } = route.useParams();
  const { tree, loading, error, reload, round } = useTrace(traceId);
  useShortcuts([{ keys: 'r', label: 'Read again', group: 'Trace', run: reload }]);
  const root = tree === undefined ? undefined : tree.spans[rootOf(tree)];
  return (
    <Page
      className="trace-page"
      title={root?.name ?? `Trace ${formatShortId(traceId)}`}
      heading={
        root === undefined ? (
          <span className="mono">{formatShortId(traceId)}</span>
        ) : (
          <>
            <Link to="/traces" className="crumbs">
              Traces /
            </Link>{' '}
            <Foreign text={root.name === '' ? '(no name)' : root.name} charactersMax={120} />
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
          <CopyButton text={() => window.location.href} label="Copy link" />
          <button type="button" className="button" onClick={reload} disabled={loading}>
            Read again
          </button>
        </>
      }
    >
      {tree === undefined ? (
        <Unread traceId={traceId} error={error} onRetry={reload} />
      ) : (
        <Read key={round} tree={tree} loading={loading} error={error} />
      )}
    </Page>
  );
}

/** The span that names the trace: the first real root, else the first row. */
function rootOf(tree: SpanTree): number {
  for (const index of tree.order) {
    if (tree.depth[index] === 0 && !tree.notes.has(index)) return index;
  }
  return tree.order[0] ?? 0;
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

function Read(props: {
  readonly tree: SpanTree;
  readonly loading: boolean;
  readonly error: unknown;
}) {
  const { tree, loading, error } = props;
  const { span, tab, view } = route.useSearch();
  const navigate = route.useNavigate();
  const selected = span === undefined ? -1 : tree.spans.findIndex((each) => each.spanId === span);
  const goBack = useGoBack('/traces');
  const select = (index: number | undefined) => {
    if (index === undefined && selected < 0) {
      goBack();
      return;
    }
    void navigate({
      search: (before) => ({
        ...before,
        span: index === undefined ? undefined : tree.spans[index]!.spanId,
      }),
      replace: true,
    });
  };
  const chooseTab = (next: SpanTab) =>
    void navigate({ search: (before) => ({ ...before, tab: next }), replace: true });
  if (tree.spans.length === 0) {
    return (
      <section className="panel">
        <EmptyState title="This trace has no spans" />
      </section>
    );
  }
  return (
    <>
      <Facts tree={tree} loading={loading} />
      {error !== undefined && (
        <ErrorState error={error} what="Only part of the trace could be read" />
      )}
      <div className={selected >= 0 ? 'trace-split open' : 'trace-split'}>
        <TraceViews
          view={view ?? 'waterfall'}
          onView={(next) =>
            void navigate({
              search: (before) => ({ ...before, view: next === 'waterfall' ? undefined : next }),
            })
          }
          tree={tree}
          root={rootOf(tree)}
          loading={loading}
          selected={selected}
          onSelect={select}
        />
        {selected >= 0 && (
          <SpanPanel
            tree={tree}
            index={selected}
            tab={tab ?? 'summary'}
            onTab={chooseTab}
            onClose={() => select(undefined)}
          />
        )}
      </div>
    </>
  );
}

function Facts({ tree, loading }: { readonly tree: SpanTree; readonly loading: boolean }) {
  const count = (hue: string) => tree.hues.reduce((sum, each) => (each === hue ? sum + 1 : sum), 0);
  const models = count('model');
  const tools = count('tool');
  const { input, output, cacheRead } = tree.tokens;
  return (
    <ul className="trace-facts">
      <li>
        <b>{formatDuration(tree.traceDurationNs)}</b>
      </li>
      <li>
        <Time ms={Number(tree.traceStartUnixNano / 1_000_000n)} />
      </li>
      <li>
        <b>{formatPlural(tree.spans.length, 'span')}</b>
        {loading && <span className="faint"> so far…</span>}
      </li>
      {models > 0 && <li>{formatPlural(models, 'model call')}</li>}
      {tools > 0 && <li>{formatPlural(tools, 'tool call')}</li>}
      {(input !== undefined || output !== undefined) && (
        <li title="Counted once: an enclosing span’s tokens count only where nothing inside it has any.">
          <b>{formatCompact(input)}</b> in
          {cacheRead !== undefined && cacheRead > 0 && (
            <span className="faint"> ({formatCompact(cacheRead)} cached)</span>
          )}{' '}
          · <b>{formatCompact(output)}</b> out
        </li>
      )}
      {tree.errorCount > 0 && (
        <li>
          <span className="tag stop">{formatPlural(tree.errorCount, 'failed span')}</span>
        </li>
      )}
      <TraceConversation tree={tree} />
    </ul>
  );
}
