import { Suspense, lazy } from 'react';
import { Tabs } from '../parts/Tabs.tsx';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import type { SpanTree } from '../span-tree.ts';
import { TRACE_VIEWS } from '../url-search.ts';
import type { TraceView } from '../url-search.ts';
import { ConversationView } from './ConversationView.tsx';
import { CriticalPathView } from './CriticalPathView.tsx';
import { Waterfall } from './Waterfall.tsx';
import './TraceViews.css';

// The layout of graphs is code that only this view needs.
const GraphView = lazy(async () => ({ default: (await import('./GraphView.tsx')).GraphView }));

const NAMES: Readonly<Record<TraceView, string>> = {
  waterfall: 'Waterfall',
  graph: 'Graph',
  conversation: 'Conversation',
  path: 'Critical path',
};

export interface TraceViewProps {
  readonly tree: SpanTree;
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
  },
) {
  const { view, onView, tree, selected, onSelect } = props;
  useShortcuts(
    TRACE_VIEWS.map((each, at) => ({
      keys: String(at + 1),
      label: NAMES[each],
      group: 'Trace',
      run: () => onView(each),
    })),
  );
  const shared = { tree, selected, onSelect };
  return (
    <section className="trace-views">
      <Tabs
        label="Views of the trace"
        panelId="trace-view"
        tabs={TRACE_VIEWS.map((each) => ({ id: each, name: NAMES[each] }))}
        selected={view}
        onSelect={onView}
      />
      <div id="trace-view" role="tabpanel" aria-label={NAMES[view]} className="trace-view">
        {view === 'waterfall' && <Waterfall {...shared} loading={props.loading} />}
        {view === 'conversation' && <ConversationView {...shared} />}
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
