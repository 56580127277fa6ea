import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { read } from '../../client/call.ts';
import type { RuleDraft, RuleDryRun } from '../../client/quality.ts';
import { formatPlural, parseTimeMs } from '../../format.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';

type Tried = RuleDryRun['runs'][number];

const RUNS = 20;

const ASPECTS: Readonly<Record<Tried['outcome'], readonly [aspect: string, word: string]>> = {
  passed: ['clear', 'passed'],
  failed: ['stop', 'failed'],
  not_applicable: ['', 'says nothing'],
};

const COLUMNS: readonly Column<Tried>[] = [
  {
    id: 'outcome',
    head: 'Outcome',
    cell: ({ outcome }) => (
      <span className={`tag ${ASPECTS[outcome][0]}`}>{ASPECTS[outcome][1]}</span>
    ),
  },
  {
    id: 'found',
    head: 'What it found',
    className: 'quality-message',
    cell: ({ message, evidence }) => (
      <>
        <Foreign text={message} charactersMax={160} />
        {evidence !== null && evidence.value !== '' && (
          <span className="faint mono evidence">
            <Foreign text={evidence.value} charactersMax={100} />
          </span>
        )}
      </>
    ),
  },
  {
    id: 'run',
    head: 'Run',
    className: 'clip cut wide',
    cell: (run) => (
      <Link
        to="/runs/$runId"
        params={{ runId: run.run_id }}
        search={{ trace: run.trace_id }}
        data-row-focus
      >
        <Foreign text={run.agent ?? 'unattributed'} charactersMax={40} />
      </Link>
    ),
  },
  {
    id: 'at',
    head: 'When',
    className: 'num wide middle quiet',
    cell: (run) => <Time ms={parseTimeMs(run.started_at)} ago />,
  },
];

/** Holds the rule as it is written against recent runs; nothing is kept. */
export function RuleTrial({ draft }: { readonly draft: RuleDraft | undefined }) {
  const trial = useMutation({
    mutationFn: (rule: RuleDraft) =>
      read('POST /api/v1/quality/rules/dry-run', { body: { rule, limit: RUNS } }),
  });
  const told = trial.data;
  return (
    <section className="panel" aria-label="Try it">
      <header>
        <h2>Try it on recent runs</h2>
        <button
          type="button"
          className="button small"
          disabled={draft === undefined || trial.isPending}
          onClick={() => draft !== undefined && trial.mutate(draft)}
        >
          {trial.isPending ? 'Trying …' : 'Try it'}
        </button>
      </header>
      {trial.isError && (
        <p className="notice stop" role="alert">
          {trial.error.message}
        </p>
      )}
      {told === undefined && !trial.isError && (
        <EmptyState title="Not tried yet">
          <p className="quiet">
            The rule as it stands is held against the last {RUNS} runs that it is for. Nothing of it
            is kept.
          </p>
        </EmptyState>
      )}
      {told !== undefined && (
        <>
          <p className="trial-lead" role="status">
            <span className={`tag ${told.failed > 0 ? 'stop' : ''}`}>{told.failed} failed</span>
            <span className={`tag ${told.passed > 0 ? 'clear' : ''}`}>{told.passed} passed</span>
            <span className="quiet">{told.not_applicable} that it says nothing about</span>
          </p>
          <DataTable
            what="The tried runs"
            columns={COLUMNS}
            rows={told.runs}
            rowKey={({ trace_id: trace, run_id: run }) => `${trace} ${run}`}
            empty={
              <EmptyState title="It is for none of them">
                <p className="quiet">
                  None of the last {formatPlural(told.looked_at, 'run')} has such an agent and name.
                </p>
              </EmptyState>
            }
          />
        </>
      )}
    </section>
  );
}
