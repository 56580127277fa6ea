import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import {
  QUALITY_DAYS,
  heatmapQuery,
  qualityResultsQuery,
  qualitySummaryQuery,
} from '../client/quality.ts';
import type { QualitySummary } from '../client/quality.ts';
import { formatCount, formatShare } from '../format.ts';
import { Figure, Figures } from '../parts/Figures.tsx';
import { TextFilter } from '../parts/filters.tsx';
import { LoadMore } from '../parts/LoadMore.tsx';
import { Page } from '../parts/Page.tsx';
import { PageTabs } from '../parts/Tabs.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { HeatMap } from './HeatMap.tsx';
import { CheckCatalogue } from './quality/CheckCatalogue.tsx';
import { JudgePanel } from './quality/JudgePanel.tsx';
import { RuleEditor } from './quality/RuleEditor.tsx';
import { RuleList } from './quality/RuleList.tsx';
import type { QualitySearch } from './quality-search.ts';
import { QualityResults } from './QualityResults.tsx';
import './Quality.css';

const route = getRouteApi('/shell/quality');

const TABS = [
  [undefined, 'Results'],
  ['rules', 'Rules'],
  ['checks', 'Checks'],
  ['judge', 'Judge'],
] as const;

/** Do the agents do what they should: how often, whose runs do not, which check says so, and who set it. */
export function QualityPage() {
  const { tab, rule } = route.useSearch();
  return (
    <Page title="Quality">
      <PageTabs label="Quality">
        {TABS.map(([id, name]) => (
          <Link
            key={name}
            to="/quality"
            search={id === undefined ? {} : { tab: id }}
            activeOptions={{ exact: true }}
            {...(id === tab ? { 'aria-current': 'true' as const } : {})}
          >
            {name}
          </Link>
        ))}
      </PageTabs>
      {tab === undefined && <ResultsTab />}
      {tab === 'rules' && (rule === undefined ? <RuleList /> : <RuleEditor key={rule} id={rule} />)}
      {tab === 'checks' && <CheckCatalogue />}
      {tab === 'judge' && <JudgePanel />}
    </Page>
  );
}

function ResultsTab() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<QualitySearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const summary = useQuery(qualitySummaryQuery(QUALITY_DAYS));
  const heatmap = useQuery(heatmapQuery(QUALITY_DAYS));
  return (
    <>
      {summary.isError && (
        <section className="panel">
          <ErrorState
            error={summary.error}
            what="The results cannot be read"
            onRetry={() => void summary.refetch()}
          />
        </section>
      )}
      {summary.data !== undefined && <Summary summary={summary.data} />}
      {heatmap.data !== undefined && heatmap.data.agents.length > 0 && (
        <HeatMap map={heatmap.data} />
      )}
      <Results search={search} onChange={change} />
    </>
  );
}

const TREND_WORDS: Readonly<Record<string, string>> = {
  stable: 'stable',
  improving: 'improving',
  degrading: 'degrading for a week and more',
  degrading_recent: 'degrading of late',
  insufficient: 'too few days to tell',
};

export function trendWord(trend: string): string {
  return TREND_WORDS[trend.toLowerCase()] ?? trend.replaceAll('_', ' ').toLowerCase();
}

function Summary({ summary }: { readonly summary: QualitySummary }) {
  const failing = summary.agents.filter(({ failed }) => failed > 0).length;
  return (
    <Figures label="Quality">
      <Figure label="Passed in 30 days" value={formatShare(summary.pass_rate)}>
        {trendWord(summary.trend.trend)}
      </Figure>
      <Figure label="Last seven days" value={formatShare(summary.trend.recent_pass_rate)}>
        {formatShare(summary.trend.earlier_pass_rate)} before
      </Figure>
      <Figure label="Failed" value={formatCount(summary.failed)}>
        of {formatCount(summary.passed + summary.failed)} results
      </Figure>
      <Figure label="Agents with failures" value={formatCount(failing)}>
        of {formatCount(summary.agents.length)}
      </Figure>
      <Figure label="Not judged" value={formatCount(summary.unjudged)}>
        there was no answer
      </Figure>
    </Figures>
  );
}

const OUTCOMES = [
  [undefined, 'Failed'],
  ['passed', 'Passed'],
  ['scored', 'Scored'],
  ['unjudged', 'Not judged'],
  ['all', 'All'],
] as const;

function Results(props: {
  readonly search: QualitySearch;
  readonly onChange: (next: Partial<QualitySearch>) => void;
}) {
  const { search, onChange } = props;
  const results = useInfiniteQuery(qualityResultsQuery(search));
  return (
    <section className="panel" aria-label="Results">
      <header>
        <h2>Results</h2>
        <div className="toolbar filters">
          <div className="segments" role="group" aria-label="Outcome">
            {OUTCOMES.map(([outcome, label]) => (
              <button
                key={label}
                type="button"
                aria-pressed={search.outcome === outcome}
                onClick={() => onChange({ outcome })}
              >
                {label}
              </button>
            ))}
          </div>
          <TextFilter
            label="Agent"
            value={search.agent}
            onChange={(agent) => onChange({ agent })}
          />
          <TextFilter label="Check" value={search.name} onChange={(name) => onChange({ name })} />
        </div>
      </header>
      <QualityResults
        results={results.data?.pages.flatMap((page) => page.data)}
        stale={results.isPlaceholderData}
        error={results.error}
        empty={
          <EmptyState title={search.outcome === undefined ? 'Nothing failed' : 'No result matches'}>
            <p className="quiet">
              Every run that is over is checked; which checks apply follows from the agent and can
              be changed on its page. A{' '}
              <Link to="/quality" search={{ tab: 'rules' }} className="link">
                rule of your own
              </Link>{' '}
              says what else must hold.
            </p>
          </EmptyState>
        }
      />
      <LoadMore list={results} />
    </section>
  );
}
