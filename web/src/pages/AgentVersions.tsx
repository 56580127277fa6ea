import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { agentVersionsQuery } from '../client/agent-insight.ts';
import type { AgentVersion } from '../client/agent-insight.ts';
import type { Agent } from '../client/agents.ts';
import { formatCount, formatDollars, formatDuration, formatShare, parseTimeMs } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';

const NS_PER_S = 1e9;
const VERSION_CHARACTERS = 12;

/** Which versions of it ran, how each did, and what changed from one to the next. */
export function AgentVersions({ agent }: { readonly agent: Agent }) {
  const versions = useQuery(agentVersionsQuery(agent.agent_id));
  return (
    <section className="panel" aria-label="Versions">
      <header>
        <h2>Versions</h2>
        <span className="faint">as observed: models, tools, prompt, framework</span>
      </header>
      <DataTable
        what="The versions"
        columns={columnsOf(agent.name)}
        rows={versions.data}
        rowKey={({ version }) => version}
        error={versions.error}
        empty={<EmptyState title="No version ran in ninety days" />}
      />
    </section>
  );
}

function columnsOf(agent: string): readonly Column<AgentVersion>[] {
  return [
    {
      id: 'version',
      head: 'Version',
      className: 'mono',
      cell: ({ version }) => (
        <Link to="/runs" search={{ agent, version, range: 'all' }} data-row-focus title={version}>
          {version.slice(0, VERSION_CHARACTERS)}
        </Link>
      ),
    },
    {
      id: 'changed',
      head: 'What changed',
      className: 'wide quality-message',
      cell: ({ changed }) => <Changed changed={changed} />,
    },
    {
      id: 'first',
      head: 'First run',
      className: 'num wide quiet',
      cell: (version) => <Time ms={parseTimeMs(version.first_run)} />,
    },
    {
      id: 'last',
      head: 'Last run',
      className: 'num wide middle quiet',
      cell: (version) => <Time ms={parseTimeMs(version.last_run)} ago />,
    },
    { id: 'runs', head: 'Runs', className: 'num', cell: ({ runs }) => formatCount(runs) },
    {
      id: 'failed',
      head: 'Failed',
      className: 'num',
      cell: (version) => formatShare(version.error_rate),
    },
    {
      id: 'duration',
      head: 'Median duration',
      className: 'num wide',
      cell: ({ median_duration_s: seconds }) =>
        formatDuration(seconds === null ? null : seconds * NS_PER_S),
    },
    {
      id: 'cost',
      head: 'Median cost',
      className: 'num wide middle',
      cell: ({ median_cost_usd: usd }) => (usd === null ? '—' : formatDollars(usd)),
    },
  ];
}

function Changed({ changed }: { readonly changed: AgentVersion['changed'] }) {
  if (changed === null) return <span className="faint">the first that is known</span>;
  const parts = [
    ['model', '+', changed.models_added],
    ['model', '−', changed.models_removed],
    ['tool', '+', changed.tools_added],
    ['tool', '−', changed.tools_removed],
  ] as const;
  const shown = parts.flatMap(([what, sign, all]) => all.map((name) => ({ what, sign, name })));
  if (shown.length === 0) return <span className="quiet">system prompt or framework</span>;
  return (
    <span className="words">
      {shown.map(({ what, sign, name }) => (
        <span key={`${what} ${sign} ${name}`}>
          <span className="faint">
            {sign} {what}
          </span>{' '}
          <Foreign text={name} charactersMax={60} className="mono" />
        </span>
      ))}
    </span>
  );
}
