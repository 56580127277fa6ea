import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import { AppError } from '../errors.ts';
import { SEVERITIES } from '../model/alert.ts';
import { ANOMALY_ALIASES, ANOMALY_KINDS, ANOMALY_STATUSES } from '../model/anomaly.ts';
import type { Anomaly, AnomalyDecision } from '../storage/anomaly-store.ts';
import {
  answerOf,
  idParams,
  isoTime,
  limitOf,
  nonEmptyText,
  numberedPageOf,
  success,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const decision = z.object({ by: z.string(), at: z.string(), note: z.string().nullable() });

const anomalyAnswer = z
  .object({
    id: z.string(),
    agent_id: z.string(),
    agent: z.string(),
    kind: z.enum(ANOMALY_KINDS),
    severity: z.enum(SEVERITIES),
    status: z.enum(ANOMALY_STATUSES),
    opened_at: z.string(),
    /** When it was seen last. */
    detected_at: z.string(),
    detections: z.int(),
    /** How often it came back after a resolution. */
    reopened: z.int(),
    acknowledged: decision.nullable(),
    resolved: decision.nullable(),
    evidence: z.object({
      summary: z.string(),
      measure: z.string(),
      unit: z.string(),
      observed: z.number(),
      baseline: z.number().nullable(),
      score: z.number().nullable(),
      score_name: z.string(),
      deviation_percent: z.number().nullable(),
      n: z.int(),
      baseline_n: z.int(),
      window: z.object({ from: z.string(), to: z.string() }),
      version: z.string(),
      /** Another than `version` when that had too few runs for a baseline of its own. */
      baseline_version: z.string(),
      runs: z.array(z.object({ trace_id: z.string(), run_id: z.string() })),
      more: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  })
  .meta({ id: 'Anomaly' });

/** Kinds by our names or those of others, in any case: `COST_SPIKE`, `reliability_decay`. */
const kind = z
  .string()
  .max(64)
  .transform((name, context) => {
    const lower = name.toLowerCase();
    const known = ANOMALY_KINDS.find((one) => one === lower) ?? ANOMALY_ALIASES[lower];
    if (known === undefined) {
      context.addIssue({ code: 'custom', message: `must be one of ${ANOMALY_KINDS.join(', ')}` });
      return z.NEVER;
    }
    return known;
  });

/** Of a text that may be written in capitals. */
const folded = <T extends Readonly<Record<string, string>>>(values: z.ZodEnum<T>) =>
  z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), values);

const listQuery = z.strictObject({
  kind: kind.optional(),
  /** The same as `kind`. */
  anomaly_type: kind.optional(),
  severity: folded(z.enum(SEVERITIES)).optional(),
  status: folded(z.enum(ANOMALY_STATUSES)).optional(),
  agent_id: idParams.shape.id.optional(),
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  limit: limitOf(50, 500),
});

export function anomalyRoutes(api: Api, deps: ApiDeps): void {
  readRoutes(api, deps);
  decisionRoutes(api, deps);
}

function readRoutes(api: Api, { store }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/anomalies',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary: 'Lists anomalies with their evidence, those seen last first.',
      querystring: listQuery,
      response: { 200: numberedPageOf(anomalyAnswer) },
    },
    handler: async (request) => {
      const { page, limit, kind: ours, anomaly_type: theirs, ...rest } = request.query;
      const { agent_id: agentId, severity, status } = rest;
      const found = await store.anomalies.find(
        principalOf(request).project,
        { kind: ours ?? theirs, severity, status, agentId },
        { offset: (page - 1) * limit, limit },
      );
      const meta = { total: found.total, page, limit };
      return { ...success(found.anomalies.map(toAnswer)), meta };
    },
  });

  summaryRoute(api, store);

  api.route({
    method: 'GET',
    url: '/api/v1/anomalies/:id',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary: 'Answers one anomaly.',
      params: idParams,
      response: { 200: answerOf(anomalyAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const anomaly = await store.anomalies.get(principalOf(request).project, id);
      if (anomaly === undefined) throw new AppError('NOT_FOUND', `there is no anomaly ${id}`);
      return success(toAnswer(anomaly));
    },
  });
}

function summaryRoute(api: Api, store: ApiDeps['store']): void {
  api.route({
    method: 'GET',
    url: '/api/v1/anomalies/summary',
    config: { access: 'anomaly:read' },
    schema: {
      tags: ['anomalies'],
      summary: 'Counts anomalies: all by status, those that are not resolved by kind and severity.',
      response: {
        200: answerOf(
          z.object({
            total: z.int(),
            by_status: z.record(z.enum(ANOMALY_STATUSES), z.int()),
            by_kind: z.record(z.enum(ANOMALY_KINDS), z.int()),
            by_severity: z.record(z.enum(SEVERITIES), z.int()),
          }),
        ),
      },
    },
    handler: async (request) => {
      const rows = await store.anomalies.summarize(principalOf(request).project);
      const active = rows.filter(({ status }) => status !== 'resolved');
      return success({
        total: sum(rows),
        by_status: countBy(ANOMALY_STATUSES, (status) =>
          rows.filter((row) => row.status === status),
        ),
        by_kind: countBy(ANOMALY_KINDS, (one) => active.filter((row) => row.kind === one)),
        by_severity: countBy(SEVERITIES, (one) => active.filter((row) => row.severity === one)),
      });
    },
  });
}

function decisionRoutes(api: Api, { anomalyDesk }: ApiDeps): void {
  const note = nonEmptyText(2_000).optional();
  api.route({
    method: 'POST',
    url: '/api/v1/anomalies/:id/acknowledge',
    config: { access: 'anomaly:write' },
    schema: {
      tags: ['anomalies'],
      summary: 'Notes that somebody looks after an anomaly.',
      params: idParams,
      body: z.strictObject({ note }).nullish(),
      response: { 200: answerOf(anomalyAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const anomaly = await anomalyDesk.acknowledge(
        principal.project,
        request.params.id,
        request.body?.note ?? null,
        actorOf(principal),
      );
      return success(toAnswer(anomaly));
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/anomalies/:id/resolve',
    config: { access: 'anomaly:write' },
    schema: {
      tags: ['anomalies'],
      summary:
        'Closes an anomaly. Runs that start later and show it again within a week open it again.',
      params: idParams,
      body: z.strictObject({ resolution: note }).nullish(),
      response: { 200: answerOf(anomalyAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const anomaly = await anomalyDesk.resolve(
        principal.project,
        request.params.id,
        request.body?.resolution ?? null,
        actorOf(principal),
      );
      return success(toAnswer(anomaly));
    },
  });
}

const sum = (rows: readonly { readonly count: number }[]): number =>
  rows.reduce((total, { count }) => total + count, 0);

function countBy<Name extends string>(
  names: readonly Name[],
  rowsOf: (name: Name) => readonly { readonly count: number }[],
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, sum(rowsOf(name))])) as Record<Name, number>;
}

function toAnswer(anomaly: Anomaly) {
  const { evidence } = anomaly;
  return {
    id: anomaly.id,
    agent_id: anomaly.agentId,
    agent: anomaly.agent,
    kind: anomaly.kind,
    severity: anomaly.severity,
    status: anomaly.status,
    opened_at: isoTime(anomaly.openedAtMs),
    detected_at: isoTime(anomaly.detectedAtMs),
    detections: anomaly.detections,
    reopened: anomaly.reopened,
    acknowledged: toDecision(anomaly.acknowledged),
    resolved: toDecision(anomaly.resolved),
    evidence: {
      summary: evidence.summary,
      measure: evidence.measure,
      unit: evidence.unit,
      observed: evidence.observed,
      baseline: evidence.baseline,
      score: evidence.score,
      score_name: evidence.scoreName,
      deviation_percent: evidence.deviationPercent,
      n: evidence.n,
      baseline_n: evidence.baselineN,
      window: { from: isoTime(evidence.window.fromMs), to: isoTime(evidence.window.toMs) },
      version: evidence.version,
      baseline_version: evidence.baselineVersion,
      runs: evidence.runs.map(({ traceId, runId }) => ({ trace_id: traceId, run_id: runId })),
      more: { ...evidence.more },
    },
  };
}

function toDecision(made: AnomalyDecision | null) {
  return made === null ? null : { by: made.by, at: isoTime(made.atMs), note: made.note };
}
