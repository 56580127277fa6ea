import { Link, getRouteApi } from '@tanstack/react-router';
import { useMemo } from 'react';
import { formatShortId } from '../format.ts';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { useTrace } from '../parts/use-trace.ts';
import type { LoadedTrace } from '../parts/use-trace.ts';
import { indexOfSpan } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { alignTraces } from '../trace/align-traces.ts';
import type { AlignedRow } from '../trace/align-traces.ts';
import type { CompareSearch } from './compare-search.ts';
import { CompareChoice } from './CompareChoice.tsx';
import { ComparePair } from './ComparePair.tsx';
import { CompareRows } from './CompareRows.tsx';
import { CompareTotals } from './CompareTotals.tsx';
import './Trace.css';
import './Waterfall.css';
import './Compare.css';

const route = getRouteApi('/shell/traces/compare');

/** Two traces step by step: what each took, what only one did, and where they part. */
export function ComparePage() {
  const { a, b } = route.useSearch();
  const goBack = useGoBack('/traces');
  useShortcuts([{ keys: 'Escape', label: 'Back', group: 'Compare', run: goBack }]);
  return (
    <Page
      className="trace-page"
      title="Compare traces"
      heading={
        <>
          <Link to="/traces" className="crumbs">
            Traces /
          </Link>{' '}
          Compare
        </>
      }
      actions={
        a !== undefined &&
        b !== undefined && (
          <Link to="/traces/compare" search={{ a: b, b: a }} className="button" replace>
            Swap
          </Link>
        )
      }
    >
      {a === undefined ? (
        <section className="panel">
          <EmptyState title="Choose two traces">
            <p className="quiet">
              In the list of traces, <kbd>x</kbd> marks the one under the cursor, and the second{' '}
              <kbd>x</kbd> opens both here.
            </p>
            <Link to="/traces" className="button">
              Go to the traces
            </Link>
          </EmptyState>
        </section>
      ) : (
        <First key={a} a={a} b={b} />
      )}
    </Page>
  );
}

function First({ a, b }: { readonly a: string; readonly b: string | undefined }) {
  const one = useTrace(a);
  if (one.tree === undefined) return <Unread trace={one} />;
  if (b === undefined) return <CompareChoice traceId={a} tree={one.tree} />;
  return <Second key={b} one={one} treeA={one.tree} b={b} />;
}

function Second(props: {
  readonly one: LoadedTrace;
  readonly treeA: SpanTree;
  readonly b: string;
}) {
  const { one, treeA, b } = props;
  const two = useTrace(b);
  if (two.tree === undefined) return <Unread trace={two} />;
  if (one.loading || two.loading) return <section className="panel" aria-busy="true" />;
  return <Both one={one} two={two} treeA={treeA} treeB={two.tree} />;
}

function Unread({ trace }: { readonly trace: LoadedTrace }) {
  return (
    <section className="panel" aria-busy={trace.error === undefined}>
      {trace.error !== undefined && (
        <ErrorState
          error={trace.error}
          what={`The trace ${formatShortId(trace.traceId)} cannot be read`}
          onRetry={trace.reload}
        />
      )}
    </section>
  );
}

function Both(props: {
  readonly one: LoadedTrace;
  readonly two: LoadedTrace;
  readonly treeA: SpanTree;
  readonly treeB: SpanTree;
}) {
  const { one, two, treeA, treeB } = props;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const rows = useMemo(() => alignTraces(treeA, treeB), [treeA, treeB]);
  const change = (next: Partial<CompareSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const a = { trace: one, tree: treeA };
  const b = { trace: two, tree: treeB };
  const open = openRow(rows, treeA, treeB, search);
  const select = (row: AlignedRow | undefined) =>
    change({
      sa: row === undefined || row.a < 0 ? undefined : treeA.spanIds[row.a],
      sb: row === undefined || row.b < 0 ? undefined : treeB.spanIds[row.b],
    });
  return (
    <>
      <CompareTotals a={a} b={b} rows={rows} />
      <div className={open === undefined ? 'trace-split' : 'trace-split open'}>
        <CompareRows
          a={a}
          b={b}
          rows={rows}
          open={open}
          onlyDifferences={search.only !== undefined}
          onOnly={(only) => change({ only: only ? 'differences' : undefined })}
          onSelect={select}
        />
        {open !== undefined && (
          <ComparePair a={a} b={b} row={open} onClose={() => select(undefined)} />
        )}
      </div>
    </>
  );
}

function openRow(
  rows: readonly AlignedRow[],
  treeA: SpanTree,
  treeB: SpanTree,
  { sa, sb }: CompareSearch,
): AlignedRow | undefined {
  if (sa === undefined && sb === undefined) return undefined;
  const a = sa === undefined ? -1 : indexOfSpan(treeA, sa);
  const b = sb === undefined ? -1 : indexOfSpan(treeB, sb);
  return rows.find((row) => (a >= 0 ? row.a === a : b >= 0 && row.b === b));
}
