import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { runDry } from '../client/policies.ts';
import type { DryRun } from '../client/policies.ts';
import { formatCount, formatPlural, parseTimeMs } from '../format.ts';
import { ActionTag } from '../parts/ActionTag.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';

/** Holds policies against the calls of late: what they would decide otherwise. */
export function PolicyDryRun() {
  const id = useId();
  const [yaml, setYaml] = useState('');
  const run = useMutation({ mutationFn: () => runDry(yaml) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!run.isPending) run.mutate();
  };
  return (
    <>
      <section className="panel" aria-label="Proposed policies">
        <form className="try-form" onSubmit={submit}>
          <div className="field whole">
            <label htmlFor={id}>
              Policies as YAML: a gateway.yaml, a list, or one policy. Empty for those in force.
            </label>
            <textarea
              id={id}
              className="input mono"
              rows={8}
              maxLength={500_000}
              spellCheck={false}
              placeholder={
                'name: everyone\nrules:\n  - {tools: ["*.read_*"], action: allow}\n  - {tools: ["*"], action: human_approval}'
              }
              value={yaml}
              onChange={(event) => setYaml(event.target.value)}
            />
          </div>
          <div className="form-foot">
            <button type="submit" className="button primary" disabled={run.isPending}>
              {yaml.trim() === '' ? 'Decide the calls of late anew' : 'Hold these against them'}
            </button>
            <span className="faint">Nothing is changed.</span>
          </div>
        </form>
      </section>
      {run.isError && (
        <section className="panel">
          <ErrorState error={run.error} what="These policies cannot be held against the calls" />
        </section>
      )}
      {run.data !== undefined && <Outcome run={run.data} />}
    </>
  );
}

function Outcome({ run }: { readonly run: DryRun }) {
  return (
    <>
      <Figures label="Outcome">
        <Figure label="Decided otherwise" value={formatCount(run.changed_total)}>
          of {formatPlural(run.calls, 'call')}
        </Figure>
        <Figure label="Nobody can tell" value={formatCount(run.undecidable_total)}>
          recorded without what the rules look at
        </Figure>
        <Figure label="Passed over" value={formatCount(run.passed_over)}>
          the registry or a limit decided
        </Figure>
      </Figures>
      <Rows title="Decided otherwise" total={run.changed_total} rows={run.changed}>
        {run.calls === 0
          ? 'There is no recorded call to hold them against.'
          : 'Every call that can be judged would be decided as it was.'}
      </Rows>
      {run.undecidable_total > 0 && (
        <Rows title="Nobody can tell" total={run.undecidable_total} rows={run.undecidable}>
          {''}
        </Rows>
      )}
    </>
  );
}

function Rows(props: {
  readonly title: string;
  readonly total: number;
  readonly rows: DryRun['changed'];
  /** What stands there when there are none. */
  readonly children: ReactNode;
}) {
  const { title, total, rows } = props;
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {rows.length < total && (
          <span className="faint">
            the first {formatCount(rows.length)} of {formatCount(total)}
          </span>
        )}
      </header>
      {rows.length === 0 && <p className="empty-line quiet">{props.children}</p>}
      <ol className="dry-rows">
        {rows.map((row) => (
          <li key={`${row.span_id} ${row.at}`}>
            <Link
              className="mono link"
              to="/traces/$traceId"
              params={{ traceId: row.trace_id }}
              search={{ span: row.span_id }}
            >
              <Foreign text={row.tool} charactersMax={80} />
            </Link>
            <span className="quiet">
              <Foreign text={row.agent} charactersMax={60} />
            </span>
            <span className="change">
              <ActionTag action={row.was} /> →{' '}
              {row.is === null ? <span className="tag">?</span> : <ActionTag action={row.is} />}
            </span>
            <span className="faint why">
              <Foreign text={row.rule} charactersMax={100} />
              {row.because !== '' && (
                <>
                  {' looks at '}
                  <Foreign text={row.because} charactersMax={200} />
                </>
              )}
            </span>
            <span className="faint num when">
              <Time ms={parseTimeMs(row.at)} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
