import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { FormEvent } from 'react';
import { callsQuery } from '../client/approvals.ts';
import { toolPinsQuery, tryQuery } from '../client/policies.ts';
import type { PolicyDecision, Tried } from '../client/policies.ts';
import { ActionTag } from '../parts/ActionTag.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import type { PoliciesSearch } from './policies-search.ts';

const route = getRouteApi('/shell/policies');

/** A call that nobody makes: what would be decided, by which rule, and why by none before it. */
export function PolicyTry() {
  const search = route.useSearch();
  const tried = triedOf(search);
  const decision = useQuery(tryQuery(tried));
  return (
    <>
      <TryForm key={JSON.stringify(search)} search={search} />
      {decision.isError && (
        <section className="panel">
          <ErrorState error={decision.error} what="The call cannot be tried" />
        </section>
      )}
      {decision.data !== undefined && tried !== undefined && (
        <Answer decision={decision.data} tried={tried} />
      )}
    </>
  );
}

function triedOf({ agent, tool, params }: PoliciesSearch): Tried | undefined {
  if (agent === undefined || tool === undefined) return undefined;
  const parsed = parseParams(params ?? '');
  return parsed === undefined ? undefined : { agent, tool, params: parsed };
}

/** Arguments are an object; undefined for anything else. */
function parseParams(text: string): Record<string, unknown> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function TryForm({ search }: { readonly search: PoliciesSearch }) {
  const id = useId();
  const navigate = route.useNavigate();
  const [agent, setAgent] = useState(search.agent ?? '');
  const [tool, setTool] = useState(search.tool ?? '');
  const [params, setParams] = useState(search.params ?? '');
  const pins = useQuery(toolPinsQuery);
  const calls = useQuery(callsQuery({}));
  const agents = [...new Set(calls.data?.data.map(({ agent_id: name }) => name))];
  const valid = parseParams(params) !== undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!valid || agent.trim() === '' || tool.trim() === '') return;
    const next = { agent: agent.trim(), tool: tool.trim(), params: params.trim() || undefined };
    void navigate({ search: { tab: 'try', ...next } });
  };
  return (
    <section className="panel" aria-label="The call">
      <form className="try-form" onSubmit={submit}>
        <NameField label="Agent" value={agent} offers={agents} onChange={setAgent} />
        <NameField
          label="Tool, as server.tool"
          value={tool}
          offers={pins.data?.map(({ server, tool: name }) => `${server}.${name}`) ?? []}
          onChange={setTool}
        />
        <div className="field whole">
          <label htmlFor={`${id}-params`}>Arguments, as JSON</label>
          <textarea
            id={`${id}-params`}
            className="input mono"
            rows={4}
            maxLength={4_000}
            placeholder='{"amount": 900}'
            spellCheck={false}
            aria-invalid={!valid}
            aria-describedby={`${id}-wrong`}
            value={params}
            onChange={(event) => setParams(event.target.value)}
          />
          <span id={`${id}-wrong`} className="stop-text">
            {valid ? '' : 'This is no JSON object.'}
          </span>
        </div>
        <div className="form-foot">
          <button
            type="submit"
            className="button primary"
            disabled={!valid || agent.trim() === '' || tool.trim() === ''}
          >
            Try
          </button>
          <span className="faint">Nothing is called, counted or asked.</span>
        </div>
      </form>
    </section>
  );
}

function NameField(props: {
  readonly label: string;
  readonly value: string;
  readonly offers: readonly string[];
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="input"
        value={props.value}
        maxLength={256}
        list={`${id}-offers`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <datalist id={`${id}-offers`}>
        {props.offers.slice(0, 200).map((offer) => (
          <option key={offer} value={offer} />
        ))}
      </datalist>
    </div>
  );
}

const VERDICTS: Readonly<Record<string, string>> = {
  allow: 'It would be allowed',
  deny: 'It would be denied',
  human_approval: 'A person would be asked',
};

const OUTCOMES: Readonly<Record<string, string>> = {
  decides: 'decides',
  overruled: 'fits, and the registry asks for more',
  condition: 'its condition does not hold',
  other_tool: 'for other tools',
  other_agent: 'for other agents',
};

/** Whether the reason only repeats which rule decided. */
const isOwn = (reason: string): boolean => /^policy \S+: \w+$/.test(reason);

function Answer(props: { readonly decision: PolicyDecision; readonly tried: Tried }) {
  const { action, rule, reason, grant, considered } = props.decision;
  return (
    <section className="panel" aria-label="The decision">
      <header className="verdict">
        <h2>{VERDICTS[action] ?? action}</h2>
        <ActionTag action={action} />
        <span className="quiet">
          by <Foreign className="mono" text={rule} charactersMax={120} />
        </span>
      </header>
      {(grant !== null || !isOwn(reason)) && (
        <p className="verdict-reason quiet">
          {!isOwn(reason) && <Foreign text={`${reason}. `} charactersMax={500} />}
          {grant !== null && (
            <>
              Nobody would be asked now, since a{' '}
              <Link className="link" to="/policies" search={{ tab: 'grants' }}>
                grant
              </Link>{' '}
              covers it.
            </>
          )}
        </p>
      )}
      <ol className="considered" aria-label="What was asked, in its order">
        {considered.map((each) => (
          <li key={each.rule} data-outcome={each.outcome}>
            <span className="mono">
              <Foreign text={each.rule} charactersMax={100} />
            </span>
            <span className="quiet">{OUTCOMES[each.outcome]}</span>
            <span className="why">
              <Foreign text={each.why} charactersMax={400} />
            </span>
          </li>
        ))}
        {considered.length === 0 && <li className="quiet">There is no rule to ask.</li>}
      </ol>
    </section>
  );
}
