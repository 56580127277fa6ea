import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { RULE_TYPES } from '../../../../src/model/quality-rule.ts';
import { SEVERITIES } from '../../../../src/model/quality.ts';
import { read } from '../../client/call.ts';
import { rulesQuery } from '../../client/quality.ts';
import type { RuleDraft } from '../../client/quality.ts';
import { ChangeHistory } from '../../parts/ChangeHistory.tsx';
import { ConfirmButton } from '../../parts/ConfirmButton.tsx';
import { TextField } from '../../parts/FormDialog.tsx';
import { CheckField, SelectField } from '../../parts/fields.tsx';
import { EmptyState, ErrorState } from '../../parts/States.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import { KIND_NAMES, NEW_RULE, draftOf, formOf, lackOf, withDefinition } from './rule-form.ts';
import type { RuleForm } from './rule-form.ts';
import { RuleFields } from './RuleFields.tsx';
import { RuleTrial } from './RuleTrial.tsx';
import './RuleEditor.css';

/** Writes a rule, tries it on recent runs, and keeps it. */
export function RuleEditor({ id }: { readonly id: string }) {
  const rules = useQuery(rulesQuery);
  if (rules.isError) {
    return (
      <section className="panel">
        <ErrorState error={rules.error} what="The rule cannot be read" />
      </section>
    );
  }
  if (rules.data === undefined) return null;
  const saved = rules.data.find((rule) => rule.id === id);
  if (id !== 'new' && saved === undefined) {
    return (
      <section className="panel">
        <EmptyState title="There is no such rule">
          <Link to="/quality" search={{ tab: 'rules' }} className="link">
            All rules
          </Link>
        </EmptyState>
      </section>
    );
  }
  return (
    <Editor
      key={saved?.updated_at}
      id={saved?.id}
      start={saved === undefined ? NEW_RULE : formOf(saved)}
    />
  );
}

function Editor(props: { readonly id: string | undefined; readonly start: RuleForm }) {
  const { id, start } = props;
  const [form, setForm] = useState(start);
  /** What is typed as JSON; undefined while the form is used. */
  const [json, setJson] = useState<string>();
  const mayReadAudit = useMay('governance:read');
  const draft = json === undefined ? draftOf(form) : parseDraft(json);
  const switchMode = () => {
    if (json === undefined) setJson(JSON.stringify(draftOf(form), null, 2));
    else if (draft !== undefined) {
      setForm(formOf(draft));
      setJson(undefined);
    }
  };
  const lack =
    json === undefined
      ? lackOf(form)
      : draft === undefined
        ? 'That is not JSON of a rule.'
        : undefined;
  const { save, remove } = useRuleActions(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft !== undefined && lack === undefined) save.mutate(draft);
  };
  return (
    <div className="rule-editor">
      <form className="panel" aria-label="Rule" onSubmit={submit}>
        <header>
          <h2>{id === undefined ? 'New rule' : 'Rule'}</h2>
          <button
            type="button"
            className="button small plain"
            aria-pressed={json !== undefined}
            disabled={json !== undefined && draft === undefined}
            onClick={switchMode}
          >
            {json === undefined ? 'As JSON' : 'As a form'}
          </button>
        </header>
        <div className="rule-form">
          {json === undefined ? (
            <FormFields form={form} onChange={setForm} />
          ) : (
            <JsonField json={json} onChange={setJson} />
          )}
          <Failure error={save.error} />
          <div className="dialog-foot">
            {lack !== undefined && <span className="faint">{lack}</span>}
            <FootButtons
              isNew={id === undefined}
              disabled={lack !== undefined || save.isPending}
              onRemove={() => remove.mutate()}
            />
          </div>
        </div>
      </form>
      <div className="rule-beside">
        <RuleTrial draft={lack === undefined ? draft : undefined} />
        {id !== undefined && mayReadAudit && (
          <ChangeHistory of={{ target_kind: 'quality_rule', target_id: id }} />
        )}
      </div>
    </div>
  );
}

function Failure({ error }: { readonly error: Error | null }) {
  return error === null ? null : (
    <p className="notice stop" role="alert">
      {error.message}
    </p>
  );
}

function JsonField(props: { readonly json: string; readonly onChange: (json: string) => void }) {
  return (
    <textarea
      className="input mono"
      aria-label="The rule as JSON"
      rows={22}
      spellCheck={false}
      value={props.json}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

function FootButtons(props: {
  readonly isNew: boolean;
  readonly disabled: boolean;
  readonly onRemove: () => void;
}) {
  const mayGovern = useMay('governance:write');
  return (
    <>
      {!props.isNew && mayGovern && (
        <ConfirmButton label="Remove" sure="Remove; its results stay" onSure={props.onRemove} />
      )}
      <Link to="/quality" search={{ tab: 'rules' }} className="button">
        Back
      </Link>
      {mayGovern && (
        <button type="submit" className="button primary" disabled={props.disabled}>
          {props.isNew ? 'Keep the rule' : 'Save'}
        </button>
      )}
    </>
  );
}

function parseDraft(json: string): RuleDraft | undefined {
  try {
    const value = JSON.parse(json) as RuleDraft | null;
    const isRule =
      typeof value === 'object' &&
      value !== null &&
      typeof value.name === 'string' &&
      typeof value.definition === 'object' &&
      value.definition !== null;
    return isRule ? value : undefined;
  } catch {
    return undefined;
  }
}

function useRuleActions(id: string | undefined) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const toList = () => navigate({ to: '/quality', search: { tab: 'rules' } });
  const onSettled = () =>
    Promise.all([
      queries.invalidateQueries(rulesQuery),
      queries.invalidateQueries({ queryKey: ['audit-log'] }),
    ]);
  const save = useMutation({
    mutationFn: (body: RuleDraft) =>
      id === undefined
        ? read('POST /api/v1/quality/rules', { body })
        : read('PUT /api/v1/quality/rules/{id}', { params: { id }, body }),
    onSuccess: async () => {
      say('The rule holds for runs that end from now on.');
      if (id === undefined) await toList();
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: () => read('DELETE /api/v1/quality/rules/{id}', { params: { id: id ?? '' } }),
    onSuccess: async () => {
      say('Removed; its results stay.');
      await toList();
    },
    onError: (error) => say(`Not removed: ${error.message}`),
    onSettled,
  });
  return { save, remove };
}

function FormFields(props: {
  readonly form: RuleForm;
  readonly onChange: (form: RuleForm) => void;
}) {
  const { form, onChange } = props;
  const set = (change: Partial<RuleForm>) => onChange({ ...form, ...change });
  return (
    <>
      <TextField label="Name" value={form.name} onChange={(name) => set({ name })} />
      <TextField
        label="What it is for (optional)"
        value={form.description}
        onChange={(description) => set({ description })}
      />
      <SelectField
        label="What must hold"
        value={form.type}
        options={RULE_TYPES.map((type) => [type, KIND_NAMES[type]] as const).toReversed()}
        onChange={(type) => set({ type })}
      />
      <div className="rule-kind">
        <RuleFields
          definition={form.definitions[form.type]}
          onChange={(definition) => onChange(withDefinition(form, definition))}
        />
      </div>
      <div className="field-row">
        <TextField
          label="Agents, such as support-*"
          value={form.agents}
          placeholder="every agent"
          onChange={(agents) => set({ agents })}
        />
        <TextField
          label="Names of root spans"
          value={form.traces}
          placeholder="every name"
          onChange={(traces) => set({ traces })}
        />
      </div>
      <SelectField
        label="Severity"
        value={form.severity ?? 'MEDIUM'}
        options={SEVERITIES.map((one) => [one, one.toLowerCase()] as const)}
        onChange={(severity) => set({ severity })}
      />
      <CheckField
        label="On: made on every run that ends from now on"
        checked={form.enabled}
        onChange={(enabled) => set({ enabled })}
      />
    </>
  );
}
