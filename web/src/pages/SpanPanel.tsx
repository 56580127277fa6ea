import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { spanQuery } from '../client/traces.ts';
import { formatCount, formatDuration, formatUtc, parseTimeMs } from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { useTraceLogs } from '../parts/use-trace-logs.ts';
import { Time } from '../parts/Time.tsx';
import { formatAnyValue, readNano } from '../span.ts';
import type { KeyValue, Span, SpanEvent, SpanLink } from '../span.ts';
import { hasFailed, textOf } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { toExportRequest } from '../trace/otlp-json.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import type { PlacedLog } from '../trace/trace-logs.ts';
import { AttributeList } from './AttributeList.tsx';
import { SpanLogs } from './SpanLogs.tsx';
import { SpanSummary } from './SpanSummary.tsx';
import { SPAN_TABS } from './trace-search.ts';
import type { SpanTab } from './trace-search.ts';

/** Everything about one span. */
export function SpanPanel(props: {
  readonly traceId: string;
  readonly tree: SpanTree;
  readonly usage: TraceUsage | undefined;
  readonly index: number;
  readonly tab: SpanTab;
  readonly onTab: (tab: SpanTab) => void;
  /** Opens another span; undefined closes the panel. */
  readonly onSelect: (index: number | undefined) => void;
}) {
  const { traceId, tree, index, tab } = props;
  const name = textOf(tree, 'name', index);
  const whole = useQuery(spanQuery(traceId, tree.spanIds[index]!));
  const span = whole.data;
  const logs = useTraceLogs(traceId, tree).placed?.bySpan.get(index) ?? [];
  return (
    <section className="panel span-panel" aria-label="Span">
      <header>
        <h2 className="cut">
          <Foreign text={name === '' ? '(no name)' : name} charactersMax={160} />
        </h2>
        <div className="toolbar">
          <span className={hasFailed(tree, index) ? 'tag stop' : 'tag'}>
            {STATUS_WORDS[tree.statuses[index]!] ?? 'Status unknown'}
          </span>
          <button
            type="button"
            className="button small plain"
            onClick={() => props.onSelect(undefined)}
          >
            Close
          </button>
        </div>
      </header>
      <SpanTabs span={span} logs={logs.length} tab={tab} onTab={props.onTab} />
      <div
        className="scroll"
        role="tabpanel"
        id="span-tab"
        tabIndex={0}
        aria-label={tab}
        aria-busy={whole.isPending}
        key={index}
      >
        {whole.isError && (
          <ErrorState
            error={whole.error}
            what="The span cannot be read"
            onRetry={() => void whole.refetch()}
          />
        )}
        {span !== undefined && <TabContent {...props} span={span} logs={logs} />}
      </div>
    </section>
  );
}

const STATUS_WORDS = ['Status unset', 'OK', 'Failed'];

function TabContent(props: {
  readonly tree: SpanTree;
  readonly usage: TraceUsage | undefined;
  readonly index: number;
  readonly span: Span;
  readonly logs: readonly PlacedLog[];
  readonly tab: SpanTab;
}) {
  const { span, tab } = props;
  switch (tab) {
    case 'summary':
      return <SpanSummary {...props} />;
    case 'attributes':
      return <Attributes attributes={span.attributes ?? []} />;
    case 'events':
      return <EventsAndLinks span={span} />;
    case 'logs':
      return <SpanLogs logs={props.logs} span={span} />;
    case 'resource':
      return <ResourceAndScope span={span} />;
    case 'raw':
      return <Raw span={span} />;
  }
}

function SpanTabs(props: {
  /** Undefined while it is read. */
  readonly span: Span | undefined;
  readonly logs: number;
  readonly tab: SpanTab;
  readonly onTab: (tab: SpanTab) => void;
}) {
  const { span, tab, onTab } = props;
  const counts: Partial<Record<SpanTab, number>> = {
    attributes: span?.attributes?.length ?? 0,
    events: (span?.events?.length ?? 0) + (span?.links?.length ?? 0),
    logs: props.logs,
  };
  const names: Readonly<Record<SpanTab, string>> = {
    summary: 'Summary',
    attributes: 'Attributes',
    events: 'Events',
    logs: 'Logs',
    resource: 'Resource',
    raw: 'Raw',
  };
  return (
    <Tabs
      label="About the span"
      panelId="span-tab"
      selected={tab}
      onSelect={onTab}
      tabs={SPAN_TABS.map((id) => ({
        id,
        name: (
          <>
            {names[id]}
            {(counts[id] ?? 0) > 0 && <span className="faint"> {formatCount(counts[id])}</span>}
          </>
        ),
      }))}
    />
  );
}

const FIND_FROM = 12;

function Attributes({ attributes }: { readonly attributes: readonly KeyValue[] }) {
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const shown =
    wanted === ''
      ? attributes
      : attributes.filter((item) =>
          `${item.key} ${formatAnyValue(item.value)}`.toLowerCase().includes(wanted),
        );
  return (
    <>
      {attributes.length >= FIND_FROM && (
        <div className="attribute-find">
          <input
            className="input"
            aria-label="Find attributes"
            placeholder="Find in keys and values"
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <p className="span-part faint">
          {attributes.length === 0 ? 'The span has no attributes.' : 'No attribute matches.'}
        </p>
      ) : (
        <AttributeList attributes={shown} />
      )}
    </>
  );
}

function EventsAndLinks({ span }: { readonly span: Span }) {
  const events = span.events ?? [];
  const links = span.links ?? [];
  if (events.length + links.length === 0) {
    return <p className="span-part faint">The span has no events and no links.</p>;
  }
  return (
    <>
      {events.map((event, index) => (
        <EventPart key={index} event={event} span={span} />
      ))}
      {links.map((link, index) => (
        <LinkPart key={index} link={link} />
      ))}
    </>
  );
}

function EventPart({ event, span }: { readonly event: SpanEvent; readonly span: Span }) {
  const at = event.timeUnixNano;
  const afterNs = Number(readNano(at) - readNano(span.startTimeUnixNano));
  return (
    <div className="span-part">
      <h3>
        <b className="foreign">
          <Foreign text={event.name ?? ''} charactersMax={160} />
        </b>
        <span className="num" title={formatUtc(parseTimeMs(at))}>
          {afterNs < 0 ? <Time ms={parseTimeMs(at)} /> : `+${formatDuration(afterNs)}`}
        </span>
      </h3>
      <AttributeList attributes={event.attributes ?? []} />
    </div>
  );
}

function LinkPart({ link }: { readonly link: SpanLink }) {
  return (
    <div className="span-part">
      <h3>Link to another span</h3>
      <a
        className="link mono"
        href={`/traces/${encodeURIComponent(link.traceId ?? '')}?span=${encodeURIComponent(link.spanId ?? '')}`}
      >
        <Foreign text={`${link.traceId ?? ''} · ${link.spanId ?? ''}`} />
      </a>
      <AttributeList attributes={link.attributes ?? []} />
    </div>
  );
}

function ResourceAndScope({ span }: { readonly span: Span }) {
  const scope = [span.scope?.name, span.scope?.version].filter(
    (each) => each !== undefined && each !== '',
  );
  return (
    <>
      <div className="span-part">
        <h3>Scope</h3>
        <span className="mono">
          {scope.length === 0 ? (
            <span className="faint">—</span>
          ) : (
            <Foreign text={scope.join(' ')} />
          )}
        </span>
      </div>
      <AttributeList attributes={span.resource?.attributes ?? []} />
    </>
  );
}

function Raw({ span }: { readonly span: Span }) {
  const text = JSON.stringify(toExportRequest([span]), null, 2);
  return (
    <div className="span-part">
      <h3>
        As OTLP/JSON <CopyButton text={text} className="small" label="Copy as JSON" />
      </h3>
      <ForeignBlock text={text} />
    </div>
  );
}
