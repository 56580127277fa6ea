import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { QUALITY_DAYS, checkCatalogueQuery, qualitySummaryQuery } from '../../client/quality.ts';
import type { CatalogueCheck, QualitySummary } from '../../client/quality.ts';
import { formatCount, formatShare } from '../../format.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { FoundLately } from './FoundLately.tsx';

/** The checks that are made without being asked for, and whatever else gave results. */
export function CheckCatalogue() {
  const catalogue = useQuery(checkCatalogueQuery);
  const checks = useQuery(qualitySummaryQuery(QUALITY_DAYS)).data?.checks;
  const others = checks?.filter(({ source }) => source !== 'check') ?? [];
  return (
    <>
      <section className="panel" aria-label="Checks">
        <header>
          <h2>Checks</h2>
          <span className="faint">
            which are made on an agent, and with what, is set on{' '}
            <Link to="/agents" className="link">
              its page
            </Link>
          </span>
        </header>
        <DataTable
          what="The checks"
          columns={columnsOf(checks)}
          rows={catalogue.data}
          rowKey={({ check_id: id }) => id}
          error={catalogue.error}
          empty={null}
        />
      </section>
      {others.length > 0 && (
        <section className="panel" aria-label="Rules, judges and scores">
          <header>
            <h2>Rules, the judge, and results from outside</h2>
          </header>
          <DataTable
            what="The others"
            columns={OTHERS}
            rows={others}
            rowKey={({ source, name }) => `${source} ${name}`}
            empty={null}
          />
        </section>
      )}
    </>
  );
}

function columnsOf(checks: readonly Summed[] | undefined): readonly Column<CatalogueCheck>[] {
  return [
    {
      id: 'check',
      head: 'Check',
      className: 'quality-message',
      cell: ({ check_id: id, summary }) => (
        <>
          <span className="mono">{id}</span> <span className="quiet evidence">{summary}</span>
        </>
      ),
    },
    {
      id: 'made',
      head: 'Made on',
      className: 'wide quiet',
      cell: ({ on_by_default: usual }) => (usual ? 'every agent' : 'agents that give a reason'),
    },
    {
      id: 'params',
      head: 'Unless set otherwise',
      className: 'wide middle mono quiet clip cut',
      cell: ({ params }) => paramsOf(params),
    },
    {
      id: 'severity',
      head: 'Severity',
      className: 'wide middle quiet',
      cell: ({ severity }) => severity.toLowerCase(),
    },
    {
      id: 'found',
      head: `Found in ${QUALITY_DAYS} days`,
      className: 'num',
      cell: ({ check_id: id }) => (
        <FoundLately
          check={checks?.find(({ source, name }) => source === 'check' && name === id)}
        />
      ),
    },
  ];
}

type Summed = QualitySummary['checks'][number];

const OTHERS: readonly Column<Summed>[] = [
  {
    id: 'name',
    head: 'Name',
    className: 'mono clip cut',
    cell: ({ name }) => <Foreign text={name} charactersMax={80} />,
  },
  { id: 'source', head: 'From', className: 'quiet', cell: ({ source }) => source },
  {
    id: 'rate',
    head: 'Pass rate',
    className: 'num wide',
    cell: (row) => formatShare(row.pass_rate),
  },
  {
    id: 'score',
    head: 'Mean score',
    className: 'num wide quiet',
    cell: ({ mean_score: score }) => (score === null ? '—' : score.toFixed(2)),
  },
  {
    id: 'unjudged',
    head: 'Not judged',
    className: 'num wide quiet',
    cell: ({ unjudged }) => formatCount(unjudged),
  },
  { id: 'found', head: 'Found', className: 'num', cell: (row) => <FoundLately check={row} /> },
];

/** `max_ms 60000, …` out of a JSON Schema. */
function paramsOf({ properties }: Readonly<Record<string, unknown>>): string {
  return Object.entries((properties ?? {}) as Readonly<Record<string, { default?: unknown }>>)
    .filter(([, { default: usual }]) => usual !== undefined && usual !== null && usual !== '')
    .map(([name, { default: usual }]) => `${name} ${JSON.stringify(usual)}`)
    .join(', ');
}
