import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { RuleDefinition } from '../../../../src/model/quality-rule.ts';
import { read } from '../../client/call.ts';
import { QUALITY_DAYS, qualitySummaryQuery, rulesQuery } from '../../client/quality.ts';
import type { QualityRule, QualitySummary } from '../../client/quality.ts';
import { DataTable } from '../../parts/DataTable.tsx';
import type { Column } from '../../parts/DataTable.tsx';
import { CheckField } from '../../parts/fields.tsx';
import { Foreign } from '../../parts/Foreign.tsx';
import { EmptyState } from '../../parts/States.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import { FoundLately } from './FoundLately.tsx';
import { describeRule, draftOf, formOf } from './rule-form.ts';

/** The rules of this project, and what each found of late. */
export function RuleList() {
  const rules = useQuery(rulesQuery);
  const checks = useQuery(qualitySummaryQuery(QUALITY_DAYS)).data?.checks;
  const mayGovern = useMay('governance:write');
  const toggle = useToggle();
  const columns = columnsOf({
    checks,
    mayToggle: mayGovern && !toggle.isPending,
    onToggle: toggle.mutate,
  });
  return (
    <section className="panel" aria-label="Rules">
      <header>
        <h2>Rules of your own</h2>
        {mayGovern && (
          <Link to="/quality" search={{ tab: 'rules', rule: 'new' }} className="button small">
            New rule
          </Link>
        )}
      </header>
      <DataTable
        what="The rules"
        columns={columns}
        rows={rules.data}
        rowKey={({ id }) => id}
        error={rules.error}
        empty={
          <EmptyState title="There is no rule of your own yet">
            <p className="quiet">
              A rule says what must hold of every run beyond the seventeen checks: a number within
              bounds, a text of a form, an output that is complete or agrees with the input. Each is
              tried on recent runs before it is kept.
            </p>
            {mayGovern && (
              <Link to="/quality" search={{ tab: 'rules', rule: 'new' }} className="button primary">
                Write the first
              </Link>
            )}
          </EmptyState>
        }
      />
    </section>
  );
}

function columnsOf(given: {
  readonly checks: QualitySummary['checks'] | undefined;
  readonly mayToggle: boolean;
  readonly onToggle: (rule: QualityRule) => void;
}): readonly Column<QualityRule>[] {
  return [
    {
      id: 'on',
      head: 'On',
      cell: (rule) => (
        <CheckField
          label={<span className="visually-hidden">{rule.name} is on</span>}
          checked={rule.enabled}
          disabled={!given.mayToggle}
          onChange={() => given.onToggle(rule)}
        />
      ),
    },
    {
      id: 'name',
      head: 'Rule',
      className: 'clip',
      cell: ({ id, name }) => (
        <Link to="/quality" search={{ tab: 'rules', rule: id }} data-row-focus>
          <Foreign text={name} charactersMax={80} />
        </Link>
      ),
    },
    {
      id: 'says',
      head: 'Says',
      className: 'wide quality-message quiet',
      cell: ({ definition }) => (
        <Foreign text={describeRule(definition as unknown as RuleDefinition)} charactersMax={160} />
      ),
    },
    {
      id: 'scope',
      head: 'Runs of',
      className: 'wide middle mono clip cut',
      cell: ({ target_agent: agent, target_trace_name: trace }) =>
        agent === '' && trace === '' ? (
          <span className="faint">every agent</span>
        ) : (
          <Foreign text={[agent, trace].filter(Boolean).join(', ')} charactersMax={60} />
        ),
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
      cell: ({ name }) => (
        <FoundLately
          check={given.checks?.find((one) => one.source === 'rule' && one.name === `BR: ${name}`)}
        />
      ),
    },
  ];
}

function useToggle() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (rule: QualityRule) =>
      read('PUT /api/v1/quality/rules/{id}', {
        params: { id: rule.id },
        body: { ...draftOf(formOf(rule)), enabled: !rule.enabled },
      }),
    onSuccess: ({ name, enabled }) => say(`${name} is ${enabled ? 'on' : 'off'} from now on.`),
    onError: (error) => say(`Nothing was changed: ${error.message}`),
    onSettled: () => queries.invalidateQueries(rulesQuery),
  });
}
