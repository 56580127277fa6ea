import type { Clock } from '../../base/clock.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import { SEVERITIES, type Severity } from '../../model/alert.ts';
import { ANOMALY_TRANSITIONS, type AnomalyStatus, type Finding } from '../../model/anomaly.ts';
import type { Anomaly, AnomalyStore } from '../../storage/anomaly-store.ts';
import { SYSTEM_ACTOR, type Actor, type AuditEntry } from '../../storage/audit-log.ts';
import type { AlertDesk, NewAlert } from '../alerts/alert-desk.ts';

export interface WatchedAgent {
  readonly id: string;
  readonly project: string;
  readonly name: string;
}

/** Keeps anomalies: one unresolved of an agent and kind, brought up to date as long as it is seen. */
export interface AnomalyDesk {
  /**
   * Opens what is new, brings up to date what stands, and opens again what was resolved no longer than a week ago; for
   * that, only findings count whose window begins after the resolution. Tells people of each that is opened, and again
   * when it becomes more severe.
   */
  report(agent: WatchedAgent, findings: readonly Finding[]): Promise<void>;

  /** Throws `NOT_FOUND`, or `CONFLICT` when the anomaly is not open. */
  acknowledge(project: string, id: string, note: string | null, actor: Actor): Promise<Anomaly>;
  /** Throws `NOT_FOUND`, or `CONFLICT` when it is resolved already. */
  resolve(project: string, id: string, resolution: string | null, actor: Actor): Promise<Anomaly>;
}

interface AnomalyDeskOptions {
  readonly anomalies: AnomalyStore;
  readonly alertDesk: Pick<AlertDesk, 'raise'>;
  readonly clock: Clock;
  readonly newId?: NewId;
}

/** An anomaly that is seen every minute is written less often, unless it becomes more severe. */
const WRITE_EVERY_MS = 5 * 60_000;
const REOPEN_WITHIN_MS = 7 * 86_400_000;
const RAISED_KEPT = 20_000;
const ATTEMPTS = 5;

export function createAnomalyDesk(options: AnomalyDeskOptions): AnomalyDesk {
  const { anomalies, alertDesk, clock, newId = randomId } = options;
  /** Keys of alerts that are known to be raised, so that the store is not asked every minute. */
  const raised = new BoundedMap<string, true>(RAISED_KEPT);

  const tell = async (anomaly: Anomaly): Promise<void> => {
    const alert = alertOf(anomaly);
    if (raised.get(alert.key) === true) return;
    await alertDesk.raise(alert);
    raised.set(alert.key, true);
  };

  return {
    async report(agent, findings) {
      if (findings.length === 0) return;
      const known = new Map((await anomalies.listNewest(agent.id)).map((row) => [row.kind, row]));
      for (const finding of findings) {
        const before = known.get(finding.kind);
        const nowMs = clock.now();
        const next = nextState(before, { agent, finding, nowMs, id: newId('ano') });
        if (next === undefined) continue;
        const { anomaly, action } = next;
        const entry = action === undefined ? undefined : systemEntry(action, anomaly, nowMs);
        const isWritten =
          before?.id === anomaly.id
            ? await anomalies.update(anomaly, before.status, entry)
            : await anomalies.create(anomaly, entry!);
        // Somebody decided meanwhile; the next pass sees what.
        if (isWritten) await tell(anomaly);
      }
    },

    acknowledge: (project, id, note, actor) =>
      decide(options, { project, id, status: 'acknowledged', note, actor }),
    resolve: (project, id, note, actor) =>
      decide(options, { project, id, status: 'resolved', note, actor }),
  };
}

/** What the anomaly is after a finding; undefined when nothing is to be written. */
function nextState(
  before: Anomaly | undefined,
  given: { agent: WatchedAgent; finding: Finding; nowMs: number; id: string },
): { readonly anomaly: Anomaly; readonly action: string | undefined } | undefined {
  const { agent, finding, nowMs, id } = given;
  const { kind, severity, evidence } = finding;
  if (before !== undefined && before.resolved === null) {
    const worst = worse(before.severity, severity);
    if (worst === before.severity && nowMs - before.detectedAtMs < WRITE_EVERY_MS) return undefined;
    const seen = {
      severity: worst,
      evidence,
      detectedAtMs: nowMs,
      detections: before.detections + 1,
    };
    return { anomaly: { ...before, ...seen }, action: undefined };
  }
  const fresh = { severity, status: 'open', evidence, detectedAtMs: nowMs } as const;
  const undecided = { acknowledged: null, resolved: null };
  if (before?.resolved != null) {
    if (evidence.window.fromMs < before.resolved.atMs) return undefined;
    if (nowMs - before.resolved.atMs <= REOPEN_WITHIN_MS) {
      const counts = { reopened: before.reopened + 1, detections: before.detections + 1 };
      return {
        anomaly: { ...before, ...fresh, ...counts, ...undecided },
        action: 'anomaly.reopened',
      };
    }
  }
  const { project, id: agentId, name } = agent;
  const counts = { openedAtMs: nowMs, detections: 1, reopened: 0 };
  return {
    anomaly: { id, project, agentId, agent: name, kind, ...fresh, ...counts, ...undecided },
    action: 'anomaly.opened',
  };
}

function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}

async function decide(
  { anomalies, clock }: AnomalyDeskOptions,
  given: {
    project: string;
    id: string;
    status: Exclude<AnomalyStatus, 'open'>;
    note: string | null;
    actor: Actor;
  },
): Promise<Anomaly> {
  const { project, id, status, note, actor } = given;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await anomalies.get(project, id);
    if (before === undefined) throw new AppError('NOT_FOUND', `there is no anomaly ${id}`);
    if (!ANOMALY_TRANSITIONS[before.status].includes(status)) {
      throw new AppError('CONFLICT', `the anomaly ${id} is ${before.status} already`);
    }
    const decision = { by: actor.name, atMs: clock.now(), note };
    const anomaly: Anomaly = { ...before, status, [status]: decision };
    const entry: AuditEntry = {
      ...systemEntry(`anomaly.${status}`, anomaly, decision.atMs),
      actor,
      reason: note,
    };
    if (await anomalies.update(anomaly, before.status, entry)) return anomaly;
  }
  throw new AppError('CONFLICT', `anomaly ${id} is being changed by others; try again`);
}

function systemEntry(action: string, anomaly: Anomaly, atMs: number): AuditEntry {
  const { kind, severity, agent, agentId, evidence } = anomaly;
  return {
    project: anomaly.project,
    atMs,
    actor: SYSTEM_ACTOR,
    action,
    target: { kind: 'anomaly', id: anomaly.id },
    reason: null,
    detail: { kind, severity, agent, agent_id: agentId, summary: evidence.summary },
  };
}

const TITLES = {
  cost_spike: 'costs more than it did',
  error_surge: 'fails more than it did',
  call_frequency: 'runs more or less often than it did',
  latency_shift: 'takes longer than it did',
  behavioral_drift: 'uses other tools than it did',
  quality_degradation: 'passes fewer checks than it did',
  model_mismatch: 'uses a model that is not approved',
} as const satisfies Record<Finding['kind'], string>;

/** One for each time that it is opened, and for each severity that it rises to. */
function alertOf(anomaly: Anomaly): NewAlert {
  const { id, project, kind, severity, agent, agentId, evidence, reopened } = anomaly;
  return {
    project,
    key: `anomaly:${id}:${reopened}:${severity}`,
    kind: 'anomaly',
    severity,
    subject: { kind: 'agent', id: agentId, name: agent },
    title: `${agent} ${TITLES[kind]}`,
    text: evidence.summary,
    detail: {
      anomaly_id: id,
      kind,
      observed: evidence.observed,
      baseline: evidence.baseline,
      n: evidence.n,
      version: evidence.version,
      runs: evidence.runs.map(({ traceId, runId }) => ({ trace_id: traceId, run_id: runId })),
    },
  };
}
