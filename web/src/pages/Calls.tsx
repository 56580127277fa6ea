import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { CALLS_PAGE, callsQuery, gatewayQuery } from '../client/approvals.ts';
import type { ToolCallRow } from '../client/approvals.ts';
import { formatCount, formatDuration, formatPlural, parseTimeMs } from '../format.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { RangeChoice, TextFilter } from '../parts/filters.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { CallDialog, DecisionTag } from './CallDialog.tsx';
import { CALL_DECISIONS, CALL_STATUSES } from './calls-search.ts';
import type { CallsSearch } from './calls-search.ts';
import { NoGateway } from './NoGateway.tsx';

const route = getRouteApi('/shell/calls');

/** Every tool call that came to the gateway, what was decided about it, and what became of it. */
export function CallsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const gateway = useQuery(gatewayQuery);
  const has = gateway.data && (gateway.data.running || gateway.data.elsewhere.length > 0);
  const running = has === true;
  const calls = useQuery({ ...callsQuery(search), enabled: running });
  const change = (next: Partial<CallsSearch>) =>
    void navigate({
      search: (before) => ({ ...before, page: undefined, ...next }),
      replace: true,
    });
  const total = calls.data?.meta.total;
  if (has === false) {
    return (
      <Page title="Calls">
        <NoGateway />
      </Page>
    );
  }
  return (
    <Page
      title="Calls"
      lead={total === undefined ? undefined : `${formatPlural(total, 'call')}, newest first`}
    >
      <Filters search={search} onChange={change} />
      <section className="panel">
        <DataTable
          what="The calls"
          columns={COLUMNS}
          rows={calls.data?.data}
          stale={calls.isPlaceholderData}
          rowKey={({ span_id: span, timestamp }) => `${span} ${timestamp}`}
          error={calls.error}
          onRetry={() => void calls.refetch()}
          empty={<NoCalls search={search} url={gateway.data?.url ?? 'http://127.0.0.1:9090'} />}
        />
        {total !== undefined && total > CALLS_PAGE && (
          <Pages page={search.page ?? 1} total={total} onPage={(page) => change({ page })} />
        )}
      </section>
      {search.call !== undefined && (
        <CallDialog
          spanId={search.call}
          onClose={() => void navigate({ search: (before) => ({ ...before, call: undefined }) })}
        />
      )}
    </Page>
  );
}

const DECISION_WORDS: Readonly<Record<string, string>> = {
  allow: 'Allowed',
  deny: 'Denied',
  human_approval: 'Asked a person',
  rate_limited: 'Too many',
  error: 'No decision',
};

const STATUS_WORDS: Readonly<Record<string, string>> = { ok: 'Went well', failed: 'Failed' };

function Filters(props: {
  readonly search: CallsSearch;
  readonly onChange: (next: Partial<CallsSearch>) => void;
}) {
  const { search, onChange } = props;
  return (
    <div className="toolbar filters">
      <TextFilter label="Agent" value={search.agent} onChange={(agent) => onChange({ agent })} />
      <TextFilter label="Tool" value={search.tool} onChange={(tool) => onChange({ tool })} />
      <TextFilter
        label="Session"
        value={search.session}
        onChange={(session) => onChange({ session })}
      />
      {search.rule !== undefined && (
        <TextFilter label="Rule" value={search.rule} onChange={(rule) => onChange({ rule })} />
      )}
      <Choice
        label="Decision"
        any="Every decision"
        value={search.decision}
        among={CALL_DECISIONS}
        words={DECISION_WORDS}
        onChange={(decision) => onChange({ decision })}
      />
      <Choice
        label="Status"
        any="Every status"
        value={search.status}
        among={CALL_STATUSES}
        words={STATUS_WORDS}
        onChange={(status) => onChange({ status })}
      />
      <RangeChoice
        search={{ ...search, range: search.range ?? 'all' }}
        onChange={({ range, from, to }) =>
          onChange({
            range: range === undefined ? '24h' : range === 'all' ? undefined : range,
            from,
            to,
          })
        }
      />
    </div>
  );
}

function Choice<T extends string>(props: {
  readonly label: string;
  readonly any: string;
  readonly value: T | undefined;
  readonly among: readonly T[];
  readonly words: Readonly<Record<string, string>>;
  readonly onChange: (value: T | undefined) => void;
}) {
  return (
    <select
      className="input range"
      aria-label={props.label}
      value={props.value ?? ''}
      onChange={(event) => props.onChange(props.among.find((each) => each === event.target.value))}
    >
      <option value="">{props.any}</option>
      {props.among.map((each) => (
        <option key={each} value={each}>
          {props.words[each] ?? each}
        </option>
      ))}
    </select>
  );
}

function NoCalls({ search, url }: { readonly search: CallsSearch; readonly url: string }) {
  if (Object.values(search).some((value) => value !== undefined)) {
    return (
      <EmptyState title="No call fits">
        <p className="quiet">
          The newest ten thousand calls are held here; older ones are spans.{' '}
          <Link className="link" to="/calls">
            Show all calls
          </Link>
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No call has come through">
      <p className="quiet">Point an agent at the gateway, or call a tool yourself:</p>
      <CodeBlock
        label="Call a tool"
        code={`curl ${url}/tools -H 'Authorization: Bearer agent:claude'\ncurl -X POST ${url}/tool/SERVER.TOOL -H 'Authorization: Bearer agent:claude' -d '{"params": {}}'`}
      />
    </EmptyState>
  );
}

function Pages(props: {
  readonly page: number;
  readonly total: number;
  readonly onPage: (page: number | undefined) => void;
}) {
  const { page, total } = props;
  const last = Math.ceil(total / CALLS_PAGE);
  return (
    <footer className="table-foot">
      <span>
        Page {formatCount(page)} of {formatCount(last)}
      </span>
      <span className="toolbar">
        <button
          type="button"
          className="button small"
          disabled={page <= 1}
          onClick={() => props.onPage(page <= 2 ? undefined : page - 1)}
        >
          Newer
        </button>
        <button
          type="button"
          className="button small"
          disabled={page >= last}
          onClick={() => props.onPage(page + 1)}
        >
          Older
        </button>
      </span>
    </footer>
  );
}

const COLUMNS: readonly Column<ToolCallRow>[] = [
  {
    id: 'tool',
    head: 'Tool',
    className: 'mono clip cut two-line',
    cell: ({ tool, span_id: span, agent_id: agent }) => (
      <>
        <Link
          from="/calls"
          to="/calls"
          search={(before) => ({ ...before, call: span })}
          data-row-focus
        >
          <Foreign text={tool} charactersMax={80} />
        </Link>
        <span className="second-line">
          <Foreign text={agent} charactersMax={60} />
        </span>
      </>
    ),
  },
  {
    id: 'agent',
    head: 'Agent',
    className: 'clip cut wide',
    cell: ({ agent_id: agent }) => <Foreign text={agent} charactersMax={60} />,
  },
  {
    id: 'decision',
    head: 'Decision',
    cell: (row) => <DecisionTag call={row} />,
  },
  {
    id: 'rule',
    head: 'Rule',
    className: 'wide middle quiet clip cut',
    cell: ({ policy_rule: rule }) => <Foreign text={rule} charactersMax={100} />,
  },
  {
    id: 'code',
    head: 'Code',
    className: 'num',
    cell: ({ status_code: code, error }) => (
      <span className={error !== undefined || code >= 400 ? 'stop-text' : ''}>{code}</span>
    ),
  },
  {
    id: 'error',
    head: 'Error',
    className: 'wide middle quiet clip cut',
    cell: ({ error }) => <Foreign text={error ?? ''} charactersMax={120} />,
  },
  {
    id: 'latency',
    head: 'Took',
    className: 'num wide',
    cell: ({ latency_ms: ms }) => (ms === 0 ? '< 1 ms' : formatDuration(ms * 1e6)),
  },
  {
    id: 'at',
    head: 'When',
    className: 'num wide quiet',
    cell: ({ timestamp }) => <Time ms={parseTimeMs(timestamp)} />,
  },
];
