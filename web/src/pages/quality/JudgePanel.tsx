import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { SEVERITIES } from '../../../../src/model/quality.ts';
import { read } from '../../client/call.ts';
import { judgeQuery } from '../../client/quality.ts';
import type { JudgeStatus } from '../../client/quality.ts';
import { formatCount, formatDollars } from '../../format.ts';
import { ChangeHistory } from '../../parts/ChangeHistory.tsx';
import { Figure, Figures } from '../../parts/Figures.tsx';
import { TextField } from '../../parts/FormDialog.tsx';
import { CheckField, LinesField, NumberField, SelectField } from '../../parts/fields.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import './RuleEditor.css';

type Settings = JudgeStatus['settings'];
type Criterion = Settings['criteria'][number];

/** What a model is asked about runs, how many, and what that may cost. */
export function JudgePanel() {
  const judge = useQuery(judgeQuery);
  const mayReadAudit = useMay('governance:read');
  if (judge.isError) {
    return (
      <section className="panel">
        <ErrorState error={judge.error} what="The judge’s settings cannot be read" />
      </section>
    );
  }
  if (judge.data === undefined) return null;
  const { settings, today, runs, endpoint_configured: reachable } = judge.data;
  return (
    <>
      <Figures label="The judge">
        <Figure label="State" value={stateOf(judge.data)}>
          {reachable ? settings.model || 'no model named' : 'judge.baseUrl is not set'}
        </Figure>
        <Figure label="Asked today" value={formatCount(today.calls)}>
          of {formatCount(settings.calls_per_day)}
        </Figure>
        <Figure label="Spent today" value={formatDollars(today.cost_usd)}>
          {settings.usd_per_day === null
            ? 'not bounded'
            : `of ${formatDollars(settings.usd_per_day)}`}
        </Figure>
        <Figure label="Runs judged" value={formatCount(runs.judged)}>
          {formatCount(runs.waiting)} waiting
        </Figure>
        <Figure
          label="Not judged"
          value={formatCount(runs.over_budget + runs.overrun + runs.failed)}
        >
          {formatCount(runs.over_budget)} over the budget, {formatCount(runs.failed)} failed
        </Figure>
      </Figures>
      <div className="rule-editor">
        <JudgeForm key={JSON.stringify(settings)} saved={settings} />
        <div className="rule-beside">
          {mayReadAudit && (
            <ChangeHistory of={{ target_kind: 'setting', target_id: 'quality_judge' }} />
          )}
        </div>
      </div>
    </>
  );
}

function stateOf({ settings, endpoint_configured: reachable }: JudgeStatus): string {
  if (!reachable) return 'No endpoint';
  return settings.enabled ? 'On' : 'Off';
}

function JudgeForm({ saved }: { readonly saved: Settings }) {
  const [form, setForm] = useState<Settings>(saved);
  const set = (change: Partial<Settings>) => setForm({ ...form, ...change });
  const mayGovern = useMay('governance:write');
  const save = useSaveJudge(form);
  return (
    <form
      className="panel"
      aria-label="What the judge is asked"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <header>
        <h2>What the judge is asked</h2>
      </header>
      <div className="rule-form">
        <CheckField
          label="On: a share of runs is shown to a model, which costs money"
          checked={form.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        <TextField label="Model" value={form.model} onChange={(model) => set({ model })} />
        {form.criteria.map((criterion, at) => (
          <CriterionFields
            // They have no name of their own until one is typed, and do not move.
            key={at}
            at={at}
            criterion={criterion}
            onChange={(changed) =>
              set({ criteria: form.criteria.map((one, index) => (index === at ? changed : one)) })
            }
            onRemove={() => set({ criteria: form.criteria.filter((_, index) => index !== at) })}
          />
        ))}
        <div>
          <button
            type="button"
            className="button small"
            onClick={() =>
              set({ criteria: [...form.criteria, { name: '', prompt: '', severity: 'MEDIUM' }] })
            }
          >
            Add a criterion
          </button>
        </div>
        <BoundFields form={form} onChange={set} />
        {save.isError && (
          <p className="notice stop" role="alert">
            {save.error.message}
          </p>
        )}
        {mayGovern && (
          <div className="dialog-foot">
            <button
              type="submit"
              className="button primary"
              disabled={save.isPending || JSON.stringify(form) === JSON.stringify(saved)}
            >
              Save
            </button>
          </div>
        )}
      </div>
    </form>
  );
}

function useSaveJudge(form: Settings) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      read('PUT /api/v1/quality/judge', {
        body: {
          ...form,
          agents: form.agents.map((line) => line.trim()).filter((line) => line !== ''),
        },
      }),
    onSuccess: () => say('Saved; it holds for runs that end from now on.'),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries(judgeQuery),
        queries.invalidateQueries({ queryKey: ['audit-log'] }),
      ]),
  });
}

function BoundFields(props: {
  readonly form: Settings;
  readonly onChange: (change: Partial<Settings>) => void;
}) {
  const { form, onChange: set } = props;
  return (
    <>
      <LinesField
        label="Agents, one a line, * for any characters; empty: all"
        lines={form.agents}
        onChange={(agents) => set({ agents })}
      />
      <div className="field-row">
        <NumberField
          label="Percent of runs"
          value={Math.round(form.sample_rate * 1e6) / 1e4}
          least={0}
          most={100}
          onChange={(percent) => set({ sample_rate: (percent ?? 0) / 100 })}
        />
        <NumberField
          label="Calls a day at most"
          value={form.calls_per_day}
          least={0}
          onChange={(calls) => set({ calls_per_day: calls ?? 0 })}
        />
        <NumberField
          label="US dollars a day at most"
          value={form.usd_per_day}
          least={0}
          placeholder="not bounded"
          onChange={(usd) => set({ usd_per_day: usd })}
        />
      </div>
    </>
  );
}

function CriterionFields(props: {
  readonly at: number;
  readonly criterion: Criterion;
  readonly onChange: (criterion: Criterion) => void;
  readonly onRemove: () => void;
}) {
  const { criterion, onChange } = props;
  return (
    <fieldset className="rule-kind rule-pair" aria-label={`Criterion ${props.at + 1}`}>
      <div className="field-row">
        <TextField
          label="Name of the results"
          value={criterion.name}
          onChange={(name) => onChange({ ...criterion, name })}
        />
        <SelectField
          label="Severity"
          value={criterion.severity}
          options={SEVERITIES.map((one) => [one, one.toLowerCase()] as const)}
          onChange={(severity) => onChange({ ...criterion, severity })}
        />
      </div>
      <label className="field judge-prompt">
        <span className="quiet">What it decides</span>
        <textarea
          className="input"
          rows={2}
          maxLength={4000}
          placeholder="The answer is polite and does not blame the customer."
          value={criterion.prompt}
          onChange={(event) => onChange({ ...criterion, prompt: event.target.value })}
        />
      </label>
      <button type="button" className="button small plain" onClick={props.onRemove}>
        Remove the criterion
      </button>
    </fieldset>
  );
}
