import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { policiesQuery } from '../client/policies.ts';
import type { Policies, PolicyRule } from '../client/policies.ts';
import { formatCount, formatPlural, parseTimeMs } from '../format.ts';
import { ActionTag } from '../parts/ActionTag.tsx';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';

const RULES_SHOWN = 100;

/** Which rules are in force, where they come from, and what each decided of late. */
export function PolicyRules() {
  const policies = useQuery(policiesQuery);
  if (policies.isError) {
    return (
      <section className="panel">
        <ErrorState
          error={policies.error}
          what="The policies cannot be read"
          onRetry={() => void policies.refetch()}
        />
      </section>
    );
  }
  if (policies.data === undefined) return <section className="panel policy-bones" aria-busy />;
  const { data } = policies;
  return (
    <>
      <InForce policies={data} />
      {data.policies.length === 0 && <NoPolicies />}
      {data.policies.map((policy) => (
        <PolicyPanel key={policy.name} policy={policy} />
      ))}
      {data.others.length > 0 && <Others policies={data} />}
    </>
  );
}

function InForce({ policies }: { readonly policies: Policies }) {
  const { version, files, problem } = policies;
  return (
    <section className="panel in-force" aria-label="In force">
      <dl className="facts">
        <dt>Version</dt>
        <dd className="mono">{version}</dd>
        <dt>In force since</dt>
        <dd>
          <Time ms={parseTimeMs(policies.loaded_at)} />
        </dd>
        <dt>{files.length === 1 ? 'File' : 'Files'}</dt>
        <dd className="mono">
          {files.map((file) => (
            <div key={file}>
              <Foreign text={file} charactersMax={200} />
            </div>
          ))}
        </dd>
      </dl>
      {problem !== '' && (
        <div className="notice stop" role="alert">
          <b>The newest change is not in force.</b> It was found wrong{' '}
          <Time ms={parseTimeMs(policies.problem_at)} ago />, and the policies below stay until the
          file is mended.
          <pre className="problem">
            <Foreign text={problem} charactersMax={4_000} />
          </pre>
        </div>
      )}
    </section>
  );
}

function NoPolicies() {
  const code = [
    'policies:',
    '  - name: everyone',
    '    rules:',
    '      - {tools: ["*.read_*", "*.list_*", "*.get_*"], action: allow}',
    '      - {tools: ["*"], action: human_approval}',
  ].join('\n');
  return (
    <section className="panel">
      <EmptyState title="No policy is in force, so that every call is denied">
        <p className="quiet">
          Write one into the gateway’s file; it is taken within a second of being saved.
        </p>
        <CodeBlock label="A first policy" code={code} />
      </EmptyState>
    </section>
  );
}

type Policy = Policies['policies'][number];

function PolicyPanel({ policy }: { readonly policy: Policy }) {
  const [all, setAll] = useState(false);
  const { name, agent, file, limits, rules, rate_limit: rate } = policy;
  const list = [...limits, ...rules];
  const shown = all ? list : list.slice(0, RULES_SHOWN);
  return (
    <section className="panel" aria-label={`Policy ${name}`}>
      <header>
        <h2>
          <Foreign text={name} charactersMax={100} />
        </h2>
        <span className="faint policy-about">
          {agent === '*' ? (
            'for every agent'
          ) : (
            <>
              for <Foreign className="mono" text={agent} charactersMax={60} />
            </>
          )}
          {rate !== null && ` · ${rateWords(rate)}`}
          <span className="wide-only" title={file}>
            {' · '}
            <span className="mono">{file.split('/').at(-1)}</span>
          </span>
        </span>
      </header>
      {list.length === 0 && <p className="empty-line quiet">It has no rules.</p>}
      <ol className="rules">
        {shown.map((rule) => (
          <Rule key={rule.rule} rule={rule} policy={name} />
        ))}
      </ol>
      {shown.length < list.length && (
        <footer className="table-foot">
          <button type="button" className="button small" onClick={() => setAll(true)}>
            Show all {formatCount(list.length)}
          </button>
        </footer>
      )}
    </section>
  );
}

function rateWords(rate: NonNullable<Policy['rate_limit']>): string {
  const parts = [
    rate.max_per_minute === undefined ? '' : `${formatCount(rate.max_per_minute)} calls a minute`,
    rate.max_total === undefined ? '' : `${formatCount(rate.max_total)} in all`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function Rule({ rule, policy }: { readonly rule: PolicyRule; readonly policy: string }) {
  return (
    <li>
      <span className="faint num rule-name">
        <Foreign text={rule.rule.slice(policy.length)} charactersMax={60} />
      </span>
      <ActionTag action={rule.action} />
      <span className="rule-text">
        <span className="mono">
          <Foreign text={rule.tools.join(', ')} charactersMax={400} />
        </span>
        {rule.condition !== '' && (
          <span className="quiet">
            when <Foreign text={rule.condition} charactersMax={400} />
          </span>
        )}
      </span>
      <RuleCount rule={rule.rule} calls={rule.calls} />
    </li>
  );
}

function RuleCount({ rule, calls }: { readonly rule: string; readonly calls: number }) {
  if (calls === 0) return <span className="faint num rule-count">no call</span>;
  return (
    <Link className="link num rule-count" to="/calls" search={{ rule }}>
      {formatPlural(calls, 'call')}
    </Link>
  );
}

/** What decided where no rule of a policy did. */
function Others({ policies }: { readonly policies: Policies }) {
  return (
    <section className="panel" aria-label="Decided otherwise">
      <header>
        <h2>Decided otherwise</h2>
        <span className="faint">
          of {formatPlural(policies.calls, 'call')}
          {policies.calls_since !== null && (
            <>
              {' since '}
              <Time ms={parseTimeMs(policies.calls_since)} />
            </>
          )}
        </span>
      </header>
      <ol className="rules">
        {policies.others.slice(0, 20).map(({ rule, calls }) => (
          <li key={rule} className="other">
            <span className="rule-text">
              <span>{meaningOf(rule)}</span>
              {rule !== '' && (
                <span className="faint mono">
                  <Foreign text={rule} charactersMax={120} />
                </span>
              )}
            </span>
            <RuleCount rule={rule} calls={calls} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function meaningOf(rule: string): string {
  if (rule === 'default') return 'Denied, because no rule fits';
  if (rule.startsWith('registry/')) return 'By what the registry knows of the agent';
  if (rule.startsWith('grant:')) return 'Let through by a grant';
  if (rule.startsWith('tools/')) return 'Refused, because the tool has changed';
  if (rule === 'unknown_tool') return 'There is no such tool';
  if (rule.endsWith('/default_action')) return 'By the default of a command-line tool';
  if (rule.endsWith('rate_limit')) return 'Refused, because there were too many';
  if (rule.endsWith('(answered before)')) return 'The result of a call that was approved';
  return rule === ''
    ? 'Ended before any rule was asked'
    : 'By a rule that is not in force any more';
}
