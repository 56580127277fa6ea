import type { AgentStatus } from '../../../src/model/agent.ts';

type Aspect = 'clear' | 'caution' | 'stop' | '';

export const STATUS_WORDS: Readonly<Record<AgentStatus, string>> = {
  UNREVIEWED: 'Unreviewed',
  PENDING_REVIEW: 'In review',
  APPROVED: 'Approved',
  SUSPENDED: 'Suspended',
  RETIRED: 'Retired',
  DISMISSED: 'Dismissed',
};

const ASPECTS: Readonly<Record<AgentStatus, Aspect>> = {
  UNREVIEWED: 'caution',
  PENDING_REVIEW: 'caution',
  APPROVED: 'clear',
  SUSPENDED: 'stop',
  RETIRED: '',
  DISMISSED: '',
};

export function StatusTag({ status }: { readonly status: AgentStatus }) {
  return <span className={`tag ${ASPECTS[status] ?? ''}`}>{STATUS_WORDS[status] ?? status}</span>;
}

export function StatusDot({ status }: { readonly status: AgentStatus }) {
  return <span className={`dot ${ASPECTS[status] ?? ''}`} aria-hidden="true" />;
}

const HEALTH: Readonly<Record<string, readonly [aspect: Aspect, words: string]>> = {
  healthy: ['clear', 'healthy: heard of in time'],
  degraded: ['caution', 'degraded: not heard of for a while'],
  down: ['stop', 'down: not heard of any more'],
  unknown: ['', 'never heard of'],
};

/** Whether it is heard of: by telemetry or by a heartbeat. */
export function HealthDot({ health }: { readonly health: string }) {
  const [aspect, words] = HEALTH[health] ?? ['', health];
  return (
    <span className={`dot ${aspect}`} title={words}>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
