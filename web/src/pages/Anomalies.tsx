import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { acknowledge, anomaliesQuery, resolve } from '../client/anomalies.ts';
import type { Anomaly } from '../client/anomalies.ts';
import { formatCount, formatDollars, formatDuration, formatShare, parseTimeMs } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { Page } from '../parts/Page.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';
import type { AnomaliesSearch } from '../url-search.ts';
import { AnomalyCourse } from './BandedChart.tsx';
import './Anomalies.css';

const route = getRouteApi('/shell/anomalies');

export const KIND_WORDS: Readonly<Record<Anomaly['kind'], string>> = {
  cost_spike: 'Cost spike',
  error_surge: 'Error surge',
  call_frequency: 'Call frequency',
  latency_shift: 'Latency shift',
  behavioral_drift: 'Behavioural drift',
  quality_degradation: 'Quality degradation',
  model_mismatch: 'Model mismatch',
};

const STATUSES = [
  [undefined, 'Open'],
  ['acknowledged', 'Acknowledged'],
  ['resolved', 'Resolved'],
  ['all', 'All'],
] as const;

/** Whose runs are not as usual, by how much, and the runs that show it. */
export function AnomaliesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<AnomaliesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const anomalies = useQuery(anomaliesQuery(search));
  return (
    <Page title="Anomalies">
      <div className="segments" role="group" aria-label="Status">
        {STATUSES.map(([status, label]) => (
          <button
            key={label}
            type="button"
            aria-pressed={search.status === status}
            onClick={() => change({ status })}
          >
            {label}
          </button>
        ))}
      </div>
      <section className="panel" aria-busy={anomalies.isPending}>
        {anomalies.isError && (
          <ErrorState
            error={anomalies.error}
            what="The anomalies cannot be read"
            onRetry={() => void anomalies.refetch()}
          />
        )}
        {anomalies.data?.data.length === 0 && (
          <EmptyState title={search.status === undefined ? 'All is as usual' : 'None'}>
            <p className="quiet">
              Each agent is held against its own past: cost, errors, frequency, latency, tools,
              quality and models.
            </p>
          </EmptyState>
        )}
        <ol className="anomalies">
          {anomalies.data?.data.map((anomaly) => (
            <AnomalyItem key={anomaly.id} anomaly={anomaly} />
          ))}
        </ol>
      </section>
    </Page>
  );
}

const ASPECTS: Readonly<Record<Anomaly['severity'], string>> = {
  low: '',
  medium: 'caution',
  high: 'stop',
  critical: 'stop',
};

function AnomalyItem({ anomaly }: { readonly anomaly: Anomaly }) {
  const { evidence } = anomaly;
  const [deciding, setDeciding] = useState<'acknowledge' | 'resolve'>();
  const mayDecide = useMay('anomaly:write');
  return (
    <li>
      <div className="anomaly-head">
        <span className={`tag ${ASPECTS[anomaly.severity]}`}>{anomaly.severity}</span>
        <b>{KIND_WORDS[anomaly.kind]}</b>
        <Link to="/agents/$agentId" params={{ agentId: anomaly.agent_id }} data-row-focus>
          <Foreign text={anomaly.agent} charactersMax={60} />
        </Link>
        <span className="faint">
          since <Time ms={parseTimeMs(anomaly.opened_at)} />
        </span>
        <span className="toolbar">
          {mayDecide && anomaly.status === 'open' && (
            <button
              type="button"
              className="button small"
              onClick={() => setDeciding('acknowledge')}
            >
              Acknowledge
            </button>
          )}
          {mayDecide && anomaly.status !== 'resolved' && (
            <button type="button" className="button small" onClick={() => setDeciding('resolve')}>
              Resolve
            </button>
          )}
        </span>
      </div>
      <p>
        <Foreign text={evidence.summary} charactersMax={400} />
      </p>
      <Band anomaly={anomaly} />
      <Course anomaly={anomaly} />
      <p className="faint">
        {formatCount(evidence.n)} against {formatCount(evidence.baseline_n)} before
        {evidence.runs.map((run, at) => (
          <span key={run.run_id}>
            {at === 0 ? '; look at ' : ', '}
            <Link
              to="/runs/$runId"
              params={{ runId: run.run_id }}
              search={{ trace: run.trace_id }}
              className="link"
            >
              run {at + 1}
            </Link>
          </span>
        ))}
      </p>
      <Decisions anomaly={anomaly} />
      {deciding !== undefined && (
        <DecisionDialog anomaly={anomaly} kind={deciding} onClose={() => setDeciding(undefined)} />
      )}
    </li>
  );
}

/** Its figure over time with what was usual at each moment, read when it is opened. */
function Course({ anomaly }: { readonly anomaly: Anomaly }) {
  const [open, setOpen] = useState(false);
  if (anomaly.kind === 'model_mismatch') return null;
  return (
    <details className="course" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Over time, with what was usual</summary>
      {open && <AnomalyCourse anomaly={anomaly} />}
    </details>
  );
}

/** What is usual and what was seen, on one scale. */
function Band({ anomaly: { evidence } }: { readonly anomaly: Anomaly }) {
  const { baseline, observed, unit, measure } = evidence;
  if (baseline === null) return null;
  const most = Math.max(Math.abs(baseline), Math.abs(observed)) * 1.1;
  if (most === 0) return null;
  const at = (value: number) => `${(Math.abs(value) / most) * 100}%`;
  return (
    <div
      className="band"
      role="img"
      aria-label={`${measure}: ${figure(observed, unit)}, usual ${figure(baseline, unit)}`}
    >
      <i style={{ width: at(baseline) }} />
      <u style={{ left: at(observed) }} />
      <span className="faint num">
        {measure}: {figure(observed, unit)}, usual {figure(baseline, unit)}
      </span>
    </div>
  );
}

const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

/** A measured value with its unit, in the words of the rest of the pages. */
function figure(value: number, unit: string): string {
  if (unit === 'share') return formatShare(value);
  if (unit === 's') return formatDuration(value * 1e9);
  if (unit === 'ms') return formatDuration(value * 1e6);
  if (unit === 'USD') return formatDollars(value);
  return `${short.format(value)} ${unit}`.trim();
}

function Decisions({ anomaly }: { readonly anomaly: Anomaly }) {
  const made = [
    ['Acknowledged', anomaly.acknowledged],
    ['Resolved', anomaly.resolved],
  ] as const;
  return made.map(([word, decision]) =>
    decision === null ? null : (
      <p key={word} className="quiet">
        {word} by <Foreign text={decision.by} charactersMax={60} />{' '}
        <Time ms={parseTimeMs(decision.at)} />
        {decision.note !== null && (
          <>
            : “<Foreign text={decision.note} charactersMax={400} />”
          </>
        )}
      </p>
    ),
  );
}

function DecisionDialog(props: {
  readonly anomaly: Anomaly;
  readonly kind: 'acknowledge' | 'resolve';
  readonly onClose: () => void;
}) {
  const { anomaly, kind, onClose } = props;
  const [note, setNote] = useState('');
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: () =>
      kind === 'acknowledge'
        ? acknowledge(anomaly.id, note.trim())
        : resolve(anomaly.id, note.trim()),
    onSuccess: () => {
      say(kind === 'acknowledge' ? 'Acknowledged.' : 'Resolved.');
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['anomalies'] }),
  });
  return (
    <FormDialog
      title={`${kind === 'acknowledge' ? 'Acknowledge' : 'Resolve'}: ${KIND_WORDS[anomaly.kind]}`}
      verb={kind === 'acknowledge' ? 'Acknowledge' : 'Resolve'}
      ready
      sending={decide}
      onSend={() => decide.mutate()}
      onClose={onClose}
    >
      <TextField
        label={kind === 'acknowledge' ? 'Note (optional)' : 'What it was (optional)'}
        value={note}
        first
        onChange={setNote}
      />
    </FormDialog>
  );
}
