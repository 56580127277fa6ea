import { Suspense, lazy } from 'react';
import { Tabs } from '../parts/Tabs.tsx';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import type { SpanTree } from '../span-tree.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import { TRACE_VIEWS } from './trace-search.ts';
import type { TraceSearch, TraceView } from './trace-search.ts';
import { ConversationView } from './ConversationView.tsx';
import { CriticalPathView } from './CriticalPathView.tsx';
import { TraceLogsView } from './TraceLogsView.tsx';
import { Waterfall } from './Waterfall.tsx';
import './TraceViews.css';

// The layout of graphs is code that only this view needs.
const GraphView = lazy(async () => ({ default: (await import('./GraphView.tsx')).GraphView }));

const NAMES: Readonly<Record<TraceView, string>> = {
  waterfall: 'Waterfall',
  graph: 'Graph',
  conversation: 'Conversation',
  logs: 'Logs',
  path: 'Critical path',
};

export interface TraceViewProps {
  readonly traceId: string;
  readonly tree: SpanTree;
  /** Tokens and costs; undefined until they are known. */
  readonly usage: TraceUsage | undefined;
  /** Index of the span whose panel is open, -1 for none. */
  readonly selected: number;
  readonly onSelect: (index: number | undefined) => void;
}

/** The same trace as time, as steps, as what was said, and as what it waited for. */
export function TraceViews(
  props: TraceViewProps & {
    readonly view: TraceView;
    readonly onView: (view: TraceView) => void;
    readonly root: number;
    readonly loading: boolean;
    readonly search: TraceSearch;
    readonly onSearch: (next: Partial<TraceSearch>) => void;
  },
) {
  const { view, onView, traceId, tree, usage, selected, onSelect } = props;
  useShortcuts(
    TRACE_VIEWS.map((each, at) => ({
      keys: String(at + 1),
      label: NAMES[each],
      group: 'Trace',
      run: () => onView(each),
    })),
  );
  const shared = { traceId, tree, usage, selected, onSelect };
  return (
    <section className="trace-views">
      <Tabs
        ofPage
        label="Views of the trace"
        panelId="trace-view"
        tabs={TRACE_VIEWS.map((each) => ({ id: each, name: NAMES[each] }))}
        selected={view}
        onSelect={onView}
      />
      <div id="trace-view" role="tabpanel" aria-label={NAMES[view]} className="trace-view">
        {view === 'waterfall' && (
          <Waterfall
            {...shared}
            loading={props.loading}
            search={props.search}
            onSearch={props.onSearch}
          />
        )}
        {view === 'conversation' && <ConversationView {...shared} />}
        {view === 'logs' && (
          <TraceLogsView {...shared} search={props.search} onSearch={props.onSearch} />
        )}
        {view === 'path' && <CriticalPathView {...shared} root={props.root} />}
        {view === 'graph' && (
          <Suspense fallback={<section className="panel graph-panel" aria-busy="true" />}>
            <GraphView {...shared} />
          </Suspense>
        )}
      </div>
    </section>
  );
}
