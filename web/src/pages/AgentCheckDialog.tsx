import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { setAgentChecks } from '../client/agent-insight.ts';
import type { AgentCheck, CheckOverride } from '../client/agent-insight.ts';
import { checkCatalogueQuery } from '../client/quality.ts';
import { LinesField, SelectField } from '../parts/fields.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { say } from '../parts/Toasts.tsx';
import { formOf, overrideOf, paramFieldsOf, toText } from './check-form.ts';
import type { CheckForm, ParamField } from './check-form.ts';

const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH'] as const;

/** Whether a check is made on an agent's runs, how grave it is, and with which bounds. */
export function AgentCheckDialog(props: {
  readonly agentId: string;
  readonly check: AgentCheck;
  /** What people decided of all the agent's checks. */
  readonly overrides: readonly CheckOverride[];
  readonly onClose: () => void;
}) {
  const { agentId, check, overrides, onClose } = props;
  const id = check.check_id;
  const [form, setForm] = useState(() => formOf(overrides.find((each) => each.check_id === id)));
  const schema = useQuery(checkCatalogueQuery).data?.find((each) => each.check_id === id)?.params;
  const fields = schema === undefined ? [] : paramFieldsOf(schema);
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: async () => {
      const others = overrides.filter((each) => each.check_id !== id);
      const own = overrideOf(id, form, fields);
      await setAgentChecks(agentId, own === undefined ? others : [...others, own]);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['quality', 'checks', agentId] });
      say('Kept: it holds from the next run on.');
      onClose();
    },
  });
  const change = (next: Partial<CheckForm>) => setForm((before) => ({ ...before, ...next }));
  return (
    <FormDialog
      title={<span className="mono">{id}</span>}
      verb="Keep"
      ready={schema !== undefined}
      sending={save}
      onSend={() => save.mutate()}
      onClose={onClose}
    >
      <p className="quiet">{check.summary}</p>
      <SelectField
        label="Made on its runs"
        first
        value={form.made}
        options={[
          ['found', 'as its name, outputs and history tell'],
          ['on', 'yes'],
          ['off', 'no'],
        ]}
        onChange={(made) => change({ made })}
      />
      <SelectField
        label="Severity"
        value={form.severity}
        options={[
          ['', 'the usual one'],
          ...SEVERITIES.map((each) => [each, each.toLowerCase()] as const),
        ]}
        onChange={(severity) => change({ severity })}
      />
      {fields.map((field) => (
        <Param
          key={field.name}
          field={field}
          found={toText(check.params[field.name])}
          text={form.params[field.name] ?? ''}
          onChange={(text) => change({ params: { ...form.params, [field.name]: text } })}
        />
      ))}
    </FormDialog>
  );
}

function Param(props: {
  readonly field: ParamField;
  /** What holds now, for as long as nothing is typed. */
  readonly found: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const { field, found, text, onChange } = props;
  const id = useId();
  const label = field.means === '' ? field.name : `${field.name}: ${field.means}`;
  if (field.kind === 'boolean') {
    return (
      <SelectField
        label={label}
        value={text}
        options={[
          ['', 'as it is'],
          ['true', 'yes'],
          ['false', 'no'],
        ]}
        onChange={onChange}
      />
    );
  }
  if (field.kind === 'lines' || field.kind === 'json') {
    return (
      <LinesField
        label={field.kind === 'lines' ? `${label} One a line.` : label}
        lines={text === '' ? [] : text.split('\n')}
        placeholder={found}
        onChange={(lines) => onChange(lines.join('\n'))}
      />
    );
  }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        value={text}
        placeholder={found}
        autoComplete="off"
        {...(field.kind === 'number' ? { inputMode: 'decimal' as const } : {})}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
